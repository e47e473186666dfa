"""Turns a tally into changes of roll-ups: counts, peaks and sketches by bucket. No I/O."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import datasketches as ds

from app.analytics.counted_names import series_of
from app.analytics.sketches import of_distinct, with_distinct, with_durations, with_members
from app.analytics.store.flushes import DaySketches
from app.analytics.tally import Minute, Tally
from app.analytics.time_buckets import EPOCH, LENGTH, Key

V = TypeVar("V")

ALL = "all"
# The series of distinct counts, which are attributes of `Minute` too.
SKETCHED = ("visitors", "sessions", "signed_in")

Admitted = Mapping[str, set[str]]

_MINUTES = {step: int(length.total_seconds()) // 60 for step, length in LENGTH.items()}


def buckets(minute: int) -> Iterator[tuple[str, datetime]]:
    """The bucket `(step, start)` of each step that holds `minute` (since 1970)."""
    yield ALL, EPOCH
    for step, length in _MINUTES.items():
        yield step, EPOCH + timedelta(minutes=minute // length * length)


def counts(tally: Tally, admitted: Admitted) -> Counter[Key]:
    """How much to add to each count; names that were not admitted count as `other`."""
    added: Counter[Key] = Counter()
    for number, minute in tally.minutes.items():
        plain = Counter(events=minute.events, page_views=minute.page_views)
        for kind, names in minute.named.items():
            for name, n in names.items():
                plain[series_of(kind, name, admitted)] += n
        for step, at in buckets(number):
            added.update({(series, step, at): n for series, n in plain.items() if n})
    return added


def shown(tally: Tally, elsewhere: Mapping[str, int]) -> dict[Key, int]:
    """The highest value of each gauge in each bucket, with the values of other nodes added."""
    found: dict[Key, int] = {}
    for (series, minute), value in tally.gauges.items():
        total = value + elsewhere.get(series, 0)
        for step, at in buckets(minute):
            found[series, step, at] = max(total, found.get((series, step, at), 0))
    return found


class Sketches:
    """The sketches of a tally, by the roll-up that each goes into."""

    def __init__(self, tally: Tally) -> None:
        self.distinct: dict[Key, list[ds.hll_sketch]] = defaultdict(list)
        self.durations: dict[Key, list[ds.kll_floats_sketch]] = defaultdict(list)
        self.days: dict[datetime, tuple[set[str], set[str]]] = {}
        for number, minute in tally.minutes.items():
            for series in SKETCHED:
                if seen := getattr(minute, series):
                    _spread(self.distinct, series, number, of_distinct(seen))
            if minute.visitors:
                self._add_day(number, minute)
        for (series, number), measured in tally.durations.items():
            _spread(self.durations, series, number, measured)

    def _add_day(self, number: int, minute: Minute) -> None:
        day = EPOCH + timedelta(days=number // _MINUTES["day"])
        visitors, signed_in = self.days.setdefault(day, (set(), set()))
        visitors |= minute.visitors
        signed_in |= minute.signed_in

    @property
    def keys(self) -> list[Key]:
        """The roll-ups to read before the sketches can be merged."""
        return [*self.distinct, *self.durations]

    def merged(self, stored: Mapping[Key, Mapping[str, Any]]) -> Iterator[tuple[Key, str, bytes]]:
        """Each changed sketch, merged with the stored one: `(key, field, bytes)`."""
        for key, fresh in self.distinct.items():
            yield key, "hll", with_distinct(stored.get(key, {}).get("hll"), fresh)
        for key, measured in self.durations.items():
            yield key, "kll", with_durations(stored.get(key, {}).get("kll"), measured)

    def merged_days(
        self, stored: Mapping[datetime, DaySketches]
    ) -> list[tuple[datetime, DaySketches]]:
        """Each day's sketches, merged with the stored ones."""
        return [(day, _merged(stored.get(day), *seen)) for day, seen in self.days.items()]


def _merged(stored: DaySketches | None, visitors: set[str], signed_in: set[str]) -> DaySketches:
    former = stored.signed_in if stored else None
    return DaySketches(
        theta=with_members(stored.theta if stored else None, visitors),
        signed_in=with_members(former, signed_in) if signed_in else former,
    )


def _spread(into: dict[Key, list[V]], series: str, minute: int, sketch: V) -> None:
    for step, at in buckets(minute):
        into[series, step, at].append(sketch)
