"""Computes the metrics (see docs/PROTOCOL.md) of all time or of a range, from the roll-ups."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from app.analytics.requests import Metrics, NamedCount
from app.analytics.sketches import distinct_without, quantiles
from app.analytics.store.figures import Document, FigureStore, beginning
from app.analytics.time_buckets import EPOCH, MINUTE, Span, cut, floor
from app.times import Clock, rfc3339

LISTED = 20
SKETCHED = ("visitors", "signed_in", "sessions")
LATENCIES = ("commit", "delivery", "ack")
RANKS = (0.5, 0.99)
MESSAGES = "event:message_sent"
PAGE_VIEW = "page_view"

CountActive = Callable[[], Awaitable[int]]


class Figures:
    """`active` returns the number of visitors of the last five minutes, on all nodes."""

    def __init__(self, store: FigureStore, active: CountActive, clock: Clock) -> None:
        self._store = store
        self._active = active
        self._clock = clock

    async def metrics(self, start: datetime | None = None, end: datetime | None = None) -> Metrics:
        """The metrics of all time, or from `start` up to `end`, to the minute."""
        if start is None and end is None:
            return await self._of_all_time()
        now = self._clock()
        until = end or now + timedelta(days=1)
        spans = cut(start or EPOCH, until, now)
        counts = await self._store.sums(spans)
        people = [await self._sketches(name, spans) for name in SKETCHED]
        latencies = {
            name: await self._sketches(f"latency:{name}", spans, "kll") for name in LATENCIES
        }
        length = (min(until, now) - (start or EPOCH)) / MINUTE
        return await self._metrics(
            counts,
            people,
            latencies,
            messages_per_minute=round(counts.get(MESSAGES, 0) / max(1.0, length), 2),
            connections=await self._most_connections(spans),
        )

    async def _of_all_time(self) -> Metrics:
        documents = {d["series"]: d for d in await self._store.of_all_time()}
        gauges = await self._store.gauges(self._clock())
        return await self._metrics(
            {series: d["n"] for series, d in documents.items() if "n" in d},
            [_held(documents, series, "hll") for series in SKETCHED],
            {name: _held(documents, f"latency:{name}", "kll") for name in LATENCIES},
            messages_per_minute=await self._messages_lately(),
            connections=_named(gauges, "connections:"),
        )

    async def _metrics(
        self,
        counts: Mapping[str, int],
        sketches: Sequence[Sequence[bytes]],
        latencies: Mapping[str, Sequence[bytes]],
        **more: Any,
    ) -> Metrics:
        seen, signed_in, lasted = sketches
        visitors = await asyncio.to_thread(distinct_without, seen, signed_in)
        sessions = await asyncio.to_thread(distinct_without, lasted, ())
        types = _named(counts, "event:")
        return Metrics(
            page_views=counts.get("page_views", 0),
            unique_visitors=visitors,
            active_users=await self._active(),
            sessions=sessions,
            events=counts.get("events", 0),
            event_counts={name: n for name, n in types.items() if name != PAGE_VIEW},
            latency={name: await _spread(each) for name, each in latencies.items()},
            errors=_named(counts, "errors:"),
            top_pages=_top(_named(counts, "page:")),
            referrers=_top(_named(counts, "referrer:")),
            timestamp=rfc3339(self._clock()),
            **more,
        )

    async def _sketches(
        self, series: str, spans: Sequence[Span], field: str = "hll"
    ) -> list[bytes]:
        return [d[field] for d in await self._store.within(series, spans, field)]

    async def _messages_lately(self) -> float:
        """The messages of the last 60 seconds, interpolated between whole minutes."""
        now = self._clock()
        present = floor(now, "minute")
        span = Span("minute", present - MINUTE, present + MINUTE)
        counts: dict[datetime, int] = {
            d["at"]: d["n"] for d in await self._store.within(MESSAGES, [span], "n")
        }
        share = 1 - (now - present) / MINUTE
        return round(counts.get(present, 0) + share * counts.get(present - MINUTE, 0), 1)

    async def _most_connections(self, spans: Sequence[Span]) -> dict[str, int]:
        most: dict[str, int] = {}
        for d in await self._store.within(beginning("connections:"), spans, "peak"):
            name = d["series"].removeprefix("connections:")
            most[name] = max(most.get(name, 0), d["peak"])
        return most


async def _spread(sketches: Sequence[bytes]) -> dict[str, float | None]:
    half, nearly_all = await asyncio.to_thread(quantiles, sketches, RANKS)
    return {"p50": half, "p99": nearly_all}


def _held(documents: Mapping[str, Document], series: str, field: str) -> list[bytes]:
    found = documents.get(series, {})
    return [found[field]] if field in found else []


def _named(counts: Mapping[str, int], prefix: str) -> dict[str, int]:
    """The counts of the series that begin with `prefix`, by the rest of the name, largest first."""
    found = {k.removeprefix(prefix): n for k, n in counts.items() if k.startswith(prefix)}
    return dict(sorted(found.items(), key=_by_size))


def _by_size(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def _top(counts: Mapping[str, int]) -> list[NamedCount]:
    return [{"name": name, "n": n} for name, n in islice(counts.items(), LISTED)]
