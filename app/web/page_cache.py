"""Pages that differ in little from one time to the next: rendered once, then filled in.

What is left open are a response's nonce and what it holds anew each time; all else (who looks, a
title) makes another frame.
"""

import secrets
from collections.abc import Callable, Hashable, Mapping, Sequence

from cachetools import LRUCache

CAPACITY = 500

Render = Callable[[Mapping[str, str]], str]


class CachedPage:
    """The page as pieces, with the name of what stands between each and the next."""

    def __init__(self, holes: Sequence[str], render: Render) -> None:
        # Nobody can guess a mark, so what people wrote is never taken for one.
        marks = {f"{secrets.token_hex(16)}-{name}": name for name in holes}
        left = render({name: mark for mark, name in marks.items()})
        self._pieces: list[bytes] = []
        self._between: list[str] = []
        while found := [(at, mark) for mark in marks if (at := left.find(mark)) >= 0]:
            at, mark = min(found)
            self._pieces.append(left[:at].encode())
            self._between.append(marks[mark])
            left = left[at + len(mark) :]
        self._end = left.encode()

    def filled(self, values: Mapping[str, bytes]) -> bytes:
        """The page with `values`, as they are: they have to be safe where they stand."""
        parts: list[bytes] = []
        for piece, name in zip(self._pieces, self._between, strict=True):
            parts += (piece, values[name])
        return b"".join((*parts, self._end))


class PageCache:
    """The frames that were needed last. Without `is_lasting` each is made anew."""

    def __init__(self, *, is_lasting: bool, capacity: int = CAPACITY) -> None:
        self._kept: LRUCache[Hashable, CachedPage] = LRUCache(capacity if is_lasting else 0)

    def get(self, key: Hashable, holes: Sequence[str], render: Render) -> CachedPage:
        """The frame of `key`, which has to say all that `render` depends on."""
        frame = self._kept.get(key)
        if frame is None:
            frame = CachedPage(holes, render)
            if self._kept.maxsize:
                self._kept[key] = frame
        return frame
