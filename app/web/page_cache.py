"""A cache of rendered pages that differ only in a few values, such as the nonce.

A page is rendered once with a mark for each of these values; later responses only put them in.
"""

import re
import secrets
from collections.abc import Callable, Hashable, Mapping, Sequence

from cachetools import LRUCache

CAPACITY = 500

Render = Callable[[Mapping[str, str]], str]


class CachedPage:
    """A page with holes: `render` gets a mark for the name of each hole."""

    def __init__(self, holes: Sequence[str], render: Render) -> None:
        # Random marks, so that nothing that people wrote is taken for one.
        marks = {f"{secrets.token_hex(16)}-{name}": name for name in holes}
        rendered = render({name: mark for mark, name in marks.items()})
        parts = re.split(f"({'|'.join(marks)})", rendered) if marks else [rendered]
        self._texts = [text.encode() for text in parts[::2]]
        self._names = [marks[mark] for mark in parts[1::2]]

    def filled(self, values: Mapping[str, bytes]) -> bytes:
        """The page with `values`, which are not escaped."""
        parts = [self._texts[0]]
        for name, text in zip(self._names, self._texts[1:], strict=True):
            parts += (values[name], text)
        return b"".join(parts)


class PageCache:
    """The pages that were used last; without `is_lasting` none is kept."""

    def __init__(self, *, is_lasting: bool, capacity: int = CAPACITY) -> None:
        self._cached: LRUCache[Hashable, CachedPage] | None
        self._cached = LRUCache(capacity) if is_lasting else None

    def get(self, key: Hashable, holes: Sequence[str], render: Render) -> CachedPage:
        """The page of `key`, which has to include everything that `render` depends on."""
        if self._cached is None:
            return CachedPage(holes, render)
        page = self._cached.get(key)
        if page is None:
            page = self._cached[key] = CachedPage(holes, render)
        return page
