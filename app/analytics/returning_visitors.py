"""Weekly retention: the new visitors of each week, and how many of them came back later.

Sets are theta sketches (Dasgupta et al. 2016): numbers within about three percent, no identities.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import datasketches as ds

from app.analytics.requests import Cohort, RetentionAnswer
from app.analytics.store.figures import Document, FigureStore
from app.times import Clock

WEEK = timedelta(weeks=1)

Weekly = Sequence[Any]


class ReturningVisitors:
    """Reads the sketches of days."""

    def __init__(self, store: FigureStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, weeks: int) -> RetentionAnswer:
        """The cohorts of the last `weeks` weeks, the present one last."""
        now = self._clock()
        monday = now.astimezone(UTC).date() - timedelta(days=now.astimezone(UTC).weekday())
        days = await self._store.days(now + timedelta(days=1))
        mondays = [monday - n * WEEK for n in reversed(range(weeks))]
        return {"cohorts": await asyncio.to_thread(cohorts, days, mondays)}


def cohorts(days: Sequence[Document], mondays: Sequence[date]) -> list[Cohort]:
    """The cohorts of these weeks. Visitors of days before the first week are not new."""
    known = _visitors(days, date.min, mondays[0])
    weekly = [_visitors(days, monday, monday + WEEK) for monday in mondays]
    found: list[Cohort] = []
    for place, monday in enumerate(mondays):
        new = ds.theta_a_not_b().compute(weekly[place], known)
        back = [_common(new, later) for later in weekly[place + 1 :]]
        found.append(
            {"week": monday.isoformat(), "visitors": round(new.get_estimate()), "back": back}
        )
        known = _union([known, weekly[place]])
    return found


def _day(document: Document) -> date:
    at = document["_id"]
    return at.astimezone(UTC).date() if isinstance(at, datetime) else date.fromisoformat(at)


def _visitors(days: Sequence[Document], start: date, end: date) -> Any:
    """The visitors of the days from `start` up to `end`, exclusive; each who signed in once."""
    found = [d for d in days if start <= _day(d) < end]
    signed_in = _union_of(found, "signed_in")
    return ds.theta_a_not_b().compute(_union_of(found, "theta"), signed_in)


def _union_of(days: Iterable[Document], field: str) -> Any:
    stored = (d[field] for d in days if field in d)
    return _union(map(ds.compact_theta_sketch.deserialize, stored))


def _union(sketches: Iterable[Any]) -> Any:
    union = ds.theta_union()
    for sketch in sketches:
        union.update(sketch)
    return union.get_result()


def _common(one: Any, other: Any) -> int:
    intersection = ds.theta_intersection()
    intersection.update(one)
    intersection.update(other)
    estimate: float = intersection.get_result().get_estimate()
    return round(estimate)
