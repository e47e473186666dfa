"""The names that counts may have: so many of each kind for the whole server, the rest is `other`.

Anyone can make up an event type or a path, and the database must not grow by that. Strangers have a
share of their own, so that they can't use up what signed-in people and programs need. A name that
was not used for a month gives its place back.
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
MOST_OF_STRANGERS = {"event": 300, "page": 1_000, "referrer": 500, "errors": 0}
UNUSED_DAYS = 30


class Admission(Struct, frozen=True):
    """The names of each kind that one flush counts as themselves. `stored` is what is known of
    them once that flush is committed."""

    names: Mapping[str, set[str]]
    stored: Mapping[str, StoredNames]


class CountedNames:
    """Admits names within the transaction that counts them."""

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
        """Add what there is room for. `vouched` names are those of signed-in people and of Parley
        itself, `proposed` ones those of strangers. Give the result to `keep` after the commit."""
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
        """This flush is committed."""
        self._known = dict(admission.stored)


def extended(
    kind: str, present: StoredNames, used: set[str], offered: set[str], today: int
) -> StoredNames:
    """The names of a kind after a flush in which people `used` and strangers `offered` these."""
    names = _renewed(present.names, used | (offered & present.names.keys()), MOST[kind], today)
    left = {name: day for name, day in present.strangers.items() if name not in names}
    strangers = _renewed(left, offered - names.keys(), MOST_OF_STRANGERS[kind], today)
    return StoredNames(names=names, strangers=strangers)


def _renewed(days: Mapping[str, int], seen: set[str], most: int, today: int) -> dict[str, int]:
    """`days` (name → last day seen) with what was `seen` today, without what has lapsed."""
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
    """Whether looking into the database would change nothing, as in nearly every flush."""
    days = {**known.strangers, **known.names}
    if any(days[name] < today for name in (used | offered) if name in days):
        return False
    is_named = used <= known.names.keys() or not _has_room(known.names, MOST[kind], today)
    most = MOST_OF_STRANGERS[kind]
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
    """The series that counts `name`."""
    return f"{kind}:{name if name in admitted[kind] else OTHER}"
