"""One metric over time, for a chart: a point for each bucket of a range, without gaps."""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.analytics import time_buckets
from app.analytics.requests import Point
from app.analytics.sketches import distinct_without, quantiles
from app.analytics.store.figures import Document, FigureStore, beginning
from app.analytics.time_buckets import KEPT, LENGTH, Span, Step
from app.errors import Invalid
from app.times import Clock, rfc3339

MOST_POINTS = 3_000
RANKS = {"p50": 0.5, "p99": 0.99}
LATENCIES = {f"{name}_{rank}" for name in ("commit", "delivery", "ack") for rank in RANKS}
# A visitor who signed in was counted twice: as an anonymous session, and as a user.
SIGNED_IN = "signed_in"
_VISITORS = {"$in": ["visitors", SIGNED_IN]}
SKETCHED: dict[str, str | Mapping[str, Any]] = {
    "unique_visitors": _VISITORS,
    "active_users": _VISITORS,
    "sessions": "sessions",
}
COUNTED: dict[str, str | Mapping[str, Any]] = {
    "page_views": "page_views",
    "events": "events",
    "messages": "event:message_sent",
    "errors": beginning("errors:"),
}
BY_NAME = ("event:", "page:", "errors:", "referrer:")

Merge = Callable[[Sequence[Document]], float | int | None]
Wanted = tuple[str | Mapping[str, Any], str, Merge]


class Series:
    """Reads roll-ups and merges them in a thread."""

    def __init__(self, store: FigureStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def points(
        self, metric: str, start: datetime, end: datetime, step: Step | None, zone: ZoneInfo
    ) -> tuple[Step, list[Point]]:
        """The step used, and a point for each bucket that the range touches.

        Empty buckets have 0 for counts and None for latencies. Raises Invalid for an unknown
        metric, too many points, or buckets that are no longer kept.
        """
        series, field, merge = wanted(metric)
        now = self._clock()
        taken = step or time_buckets.fitting(start, end, now)
        _must_be_answerable(start, end, taken, now)
        starts = time_buckets.buckets(start, end, taken, zone)
        if not starts:
            return taken, []
        pieces = _pieces(starts, taken, zone, now)
        documents = await self._store.within(series, pieces, field)
        values = await asyncio.to_thread(_values, starts, documents, merge)
        return taken, [Point(rfc3339(at), v) for at, v in zip(starts, values, strict=True)]


def wanted(metric: str) -> Wanted:
    """The series of a metric, its field in roll-ups, and the function that merges several.

    Raises Invalid.
    """
    if metric in SKETCHED:
        return SKETCHED[metric], "hll", _distinct
    if metric in LATENCIES:
        name, _, rank = metric.partition("_")
        return f"latency:{name}", "kll", _quantile(RANKS[rank])
    if metric == "connections":
        return beginning("connections:"), "peak", _most
    if metric.startswith("connections:"):
        return metric, "peak", _most
    if metric in COUNTED:
        return COUNTED[metric], "n", _sum
    if metric.startswith(BY_NAME):
        return metric, "n", _sum
    raise Invalid(f"There is no metric called «{metric[:64]}».", field="metric")


def _must_be_answerable(start: datetime, end: datetime, step: Step, now: datetime) -> None:
    if start >= end:
        raise Invalid("The range ends before it begins.", field="from")
    points = time_buckets.count(start, end, step)
    if points > MOST_POINTS:
        raise Invalid(
            f"That would be {points:,} points; at most {MOST_POINTS:,} are given. Take a longer "
            "step or a shorter range.",
            field="step",
        )
    if step != "day" and start < now - KEPT[step]:
        raise Invalid(
            f"The figures of each {step} are kept for {KEPT[step].days} days. Take a longer step.",
            field="step",
        )


def _pieces(starts: Sequence[datetime], step: Step, zone: ZoneInfo, now: datetime) -> list[Span]:
    """The spans to read: days of other zones than UTC are read as hours, while these are kept."""
    first = starts[0]
    if step != "day":
        return [Span(step, first, starts[-1] + LENGTH[step])]
    last = time_buckets.midnight(starts[-1].astimezone(zone).date() + time_buckets.DAY, zone)
    if all(at == time_buckets.floor(at, "day") for at in (*starts, last)):
        return [Span("day", first, last)]
    hours_from = max(first, time_buckets.ceiling(now - KEPT["hour"], "day"))
    old = [Span("day", time_buckets.floor(first, "day"), hours_from)] if first < hours_from else []
    return [*old, Span("hour", time_buckets.floor(hours_from, "hour"), last)]


def _values(
    starts: Sequence[datetime], documents: Sequence[Document], merge: Merge
) -> list[float | int | None]:
    heaps: list[list[Document]] = [[] for _ in starts]
    for document in documents:
        # One that begins before the first bucket belongs to it: zones may differ by half an hour.
        heaps[max(0, bisect_right(starts, document["at"]) - 1)].append(document)
    return [merge(heap) for heap in heaps]


def _sum(documents: Sequence[Document]) -> int:
    return sum(d["n"] for d in documents)


def _distinct(documents: Sequence[Document]) -> int:
    seen = [d["hll"] for d in documents if d["series"] != SIGNED_IN]
    return distinct_without(seen, (d["hll"] for d in documents if d["series"] == SIGNED_IN))


def _most(documents: Sequence[Document]) -> int:
    """The highest sum of all transports at one time."""
    at_once: dict[datetime, int] = {}
    for d in documents:
        at_once[d["at"]] = at_once.get(d["at"], 0) + d["peak"]
    return max(at_once.values(), default=0)


def _quantile(rank: float) -> Merge:
    def of(documents: Sequence[Document]) -> float | None:
        return quantiles((d["kll"] for d in documents), [rank])[0]

    return of
