"""Limits how many names of each kind are counted as themselves; all others count as `other`.

Anyone can make up event types and paths, and the database must not grow by that. Anonymous clients
have a share of their own, so that they can't use up the places of signed-in users. A name that was
not used for a month loses its place.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from app.analytics.store.flushes import NameStore, StoredNames
from app.analytics.tally import Name
from app.analytics.time_buckets import EPOCH

OTHER = "other"
MOST = {"event": 1_000, "page": 1_000, "referrer": 500, "errors": 100}
MOST_ANONYMOUS = {"event": 300, "page": 1_000, "referrer": 500, "errors": 0}
UNUSED_DAYS = 30


class Admission(Struct, frozen=True):
    """`names` has, by kind, the names that one flush counts as themselves; `stored` is what the
    database holds once that flush is committed."""

    names: Mapping[str, set[str]]
    stored: Mapping[str, StoredNames]


class CountedNames:
    """Admits names in the transaction that counts them, and caches what is stored."""

    def __init__(self, store: NameStore) -> None:
        self._store = store
        self._known: dict[str, StoredNames] = {kind: StoredNames() for kind in MOST}

    def knows(self, kind: str, name: str) -> bool:
        """Whether this node has counted `name` as itself."""
        known = self._known[kind]
        return name in known.names or name in known.strangers

    async def admit(
        self, vouched: Iterable[Name], proposed: Iterable[Name], at: datetime, session: Any
    ) -> Admission:
        """Add the names that there is room for. `vouched` names come from signed-in users and from
        Parley itself, `proposed` ones from anonymous clients. Pass the result to `keep` after the
        commit."""
        today = (at - EPOCH) // timedelta(days=1)
        used, offered = _by_kind(vouched), _by_kind(proposed)
        stored = dict(self._known)
        for kind, known in self._known.items():
            if _is_settled(kind, known, used[kind], offered[kind], today):
                continue
            present = await self._store.of(kind, today, session)
            changed = extended(kind, present, used[kind], offered[kind], today)
            if changed != present:
                await self._store.put(kind, changed, session)
            stored[kind] = changed
        return Admission(
            {kind: {*each.names, *each.strangers} for kind, each in stored.items()}, stored
        )

    def keep(self, admission: Admission) -> None:
        """Cache the names of a flush that is committed."""
        self._known = dict(admission.stored)


def extended(
    kind: str, present: StoredNames, used: set[str], offered: set[str], today: int
) -> StoredNames:
    """The names of a kind after a flush in which users `used` and anonymous clients `offered` some.

    `today` is in days since 1970.
    """
    names = _renewed(present.names, used | (offered & present.names.keys()), MOST[kind], today)
    left = {name: day for name, day in present.strangers.items() if name not in names}
    strangers = _renewed(left, offered - names.keys(), MOST_ANONYMOUS[kind], today)
    return StoredNames(names=names, strangers=strangers)


def _renewed(days: Mapping[str, int], seen: set[str], most: int, today: int) -> dict[str, int]:
    """`days` (name → last day seen) with the names `seen` today, without those that lapsed."""
    kept = {
        name: today if name in seen else day
        for name, day in days.items()
        if name in seen or not _has_lapsed(day, today)
    }
    new = sorted(seen - kept.keys())[: max(0, most - len(kept))]
    return kept | dict.fromkeys(new, today)


def _is_settled(
    kind: str, known: StoredNames, used: set[str], offered: set[str], today: int
) -> bool:
    """Whether this flush needs no look at the database, as nearly all of them."""
    days = {**known.strangers, **known.names}
    if any(days[name] < today for name in (used | offered) if name in days):
        return False
    is_named = used <= known.names.keys() or not _has_room(known.names, MOST[kind], today)
    most = MOST_ANONYMOUS[kind]
    return is_named and (offered <= days.keys() or not _has_room(known.strangers, most, today))


def _has_room(days: Mapping[str, int], most: int, today: int) -> bool:
    return len(days) < most or any(_has_lapsed(day, today) for day in days.values())


def _has_lapsed(day: int, today: int) -> bool:
    return day <= today - UNUSED_DAYS


def _by_kind(names: Iterable[Name]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {kind: set() for kind in MOST}
    for kind, name in names:
        found[kind].add(name)
    return found


def series_of(kind: str, name: str, admitted: Mapping[str, set[str]]) -> str:
    """The series under which `name` is counted."""
    return f"{kind}:{name if name in admitted[kind] else OTHER}"
