"""Turns a tally into changes of roll-ups: counts, peaks and sketches by bucket. No I/O."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import datasketches as ds

from app.analytics.counted_names import series_of
from app.analytics.sketches import of_distinct, with_distinct, with_durations, with_members
from app.analytics.tally import Tally
from app.analytics.time_buckets import EPOCH, LENGTH, Key

V = TypeVar("V")

ALL = "all"

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
        self.days: dict[datetime, set[str]] = defaultdict(set)
        for number, minute in tally.minutes.items():
            for series, seen in (("visitors", minute.visitors), ("sessions", minute.sessions)):
                if seen:
                    _spread(self.distinct, series, number, of_distinct(seen))
            if minute.visitors:
                self.days[EPOCH + timedelta(days=number // _MINUTES["day"])] |= minute.visitors
        for (series, number), measured in tally.durations.items():
            _spread(self.durations, series, number, measured)

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

    def merged_days(self, stored: Mapping[datetime, bytes]) -> list[tuple[datetime, bytes]]:
        """Each day's sketch of visitors, merged with the stored one."""
        return [(day, with_members(stored.get(day), seen)) for day, seen in self.days.items()]


def _spread(into: dict[Key, list[V]], series: str, minute: int, sketch: V) -> None:
    for step, at in buckets(minute):
        into[series, step, at].append(sketch)
