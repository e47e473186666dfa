"""The names that counts may have: so many of each kind for the whole server, the rest is `other`.

Anyone can make up an event type or a path; no database should grow by that.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from app.analytics.tally import Name
from app.analytics.writes import NameStore

OTHER = "other"
MOST = {"event": 1_000, "page": 1_000, "referrer": 500, "errors": 100}


class Names:
    """What is known to be known: names are added and never removed."""

    def __init__(self, store: NameStore) -> None:
        self._store = store
        self._known: dict[str, set[str]] = {kind: set() for kind in MOST}

    async def admit(self, wanted: Iterable[Name], session: Any) -> dict[str, set[str]]:
        """The names of each kind that are counted as themselves, added within this transaction.

        They are to be given to `keep` once it is committed.
        """
        unknown: dict[str, set[str]] = {}
        for kind, name in wanted:
            if name not in self._known[kind] and len(self._known[kind]) < MOST[kind]:
                unknown.setdefault(kind, set()).add(name)
        admitted = dict(self._known)
        for kind, names in unknown.items():
            admitted[kind] = await self._extend(kind, names, session)
        return admitted

    async def _extend(self, kind: str, names: set[str], session: Any) -> set[str]:
        known = await self._store.of(kind, session)
        room = MOST[kind] - len(known)
        added = sorted(names - known)[: max(0, room)]
        if added:
            await self._store.add(kind, added, session)
        return known | set(added)

    def keep(self, admitted: dict[str, set[str]]) -> None:
        """These are committed."""
        self._known = admitted


def series_of(kind: str, name: str, admitted: Mapping[str, set[str]]) -> str:
    """The series that counts `name`."""
    return f"{kind}:{name if name in admitted[kind] else OTHER}"
