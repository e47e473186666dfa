"""The queries that read figures: roll-ups by their index, raw events with a time limit.

A series is found by its name or by a prefix; each name is one seek in the index `(series, step,
at)`, however many roll-ups there are.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import DESCENDING
from pymongo.errors import ExecutionTimeout

from app.analytics.store import DAYS, EVENTS, FLUSHES, ROLLUPS
from app.analytics.time_buckets import EPOCH, Span
from app.errors import Unavailable
from app.storage.mongo import Database

INDEX = [("series", 1), ("step", 1), ("at", 1)]

# Less than the driver's timeout, so that the database gives up first, with an error of its own.
QUERY_MS = 8_000
SLOW_MS = 8_000
GAUGE_IS_FRESH_S = 5
NEWEST_LOOKED_AT = 1_000

Document = Mapping[str, Any]
Stages = Sequence[Mapping[str, Any]]


def beginning(prefix: str) -> dict[str, str]:
    """A filter for the series whose name begins with `prefix`."""
    return {"$gte": prefix, "$lt": prefix[:-1] + chr(ord(prefix[-1]) + 1)}


class FigureStore:
    """Reads only; `flushes.py` writes."""

    def __init__(self, database: Database) -> None:
        self._rollups = database.collection(ROLLUPS)
        self._events = database.collection(EVENTS)
        self._flushes = database.collection(FLUSHES)
        self._days = database.collection(DAYS)

    async def of_all_time(self) -> list[Document]:
        """The roll-ups of all time, one per series."""
        wanted = {"series": {"$gte": ""}, "step": "all", "at": EPOCH}
        found = self._rollups.find(wanted, {"_id": 0, "step": 0}, hint=INDEX, max_time_ms=QUERY_MS)
        return await found.to_list(None)

    async def total(self, series: str) -> int:
        """The count of one series in all time."""
        wanted = {"series": series, "step": "all", "at": EPOCH}
        found = await self._rollups.find_one(
            wanted, {"_id": 0, "n": 1}, hint=INDEX, max_time_ms=QUERY_MS
        )
        return found.get("n", 0) if found else 0

    async def event_types(self) -> list[str]:
        """All event types that were ever counted as themselves, sorted."""
        wanted = {"series": beginning("event:"), "step": "all", "at": EPOCH}
        found = self._rollups.find(wanted, {"_id": 0, "series": 1}, hint=INDEX)
        return [d["series"].removeprefix("event:") async for d in found]

    async def sums(self, spans: Sequence[Span]) -> dict[str, int]:
        """The count of each series in these spans together."""
        if not spans:
            return {}
        pipeline: Stages = [
            {"$match": {"$or": [_within(span, {"$gte": ""}) for span in spans]}},
            {"$match": {"n": {"$exists": True}}},
            {"$group": {"_id": "$series", "n": {"$sum": "$n"}}},
        ]
        found = self._rollups.aggregate(pipeline, hint=dict(INDEX), maxTimeMS=QUERY_MS)
        return {d["_id"]: d["n"] async for d in found}

    async def within(
        self, series: str | Mapping[str, Any], spans: Sequence[Span], field: str
    ) -> list[Document]:
        """The roll-ups `{series, at, <field>}` of these spans that have the field."""
        documents: list[Document] = []
        for span in spans:
            found = self._rollups.find(
                _within(span, series),
                {"_id": 0, "series": 1, "at": 1, field: 1},
                hint=INDEX,
                max_time_ms=QUERY_MS,
            )
            documents += await found.to_list(None)
        return [d for d in documents if field in d]

    async def gauges(self, now: datetime) -> dict[str, int]:
        """The sums of the gauges of all nodes that are alive, by series."""
        fresh = {"at": {"$gte": now - timedelta(seconds=GAUGE_IS_FRESH_S)}}
        shown: dict[str, int] = {}
        async for node in self._flushes.find(fresh, {"gauges": 1}):
            for series, value in node.get("gauges", {}).items():
                shown[series] = shown.get(series, 0) + value
        return shown

    async def days(self, before: datetime) -> list[Document]:
        """The days `{_id, theta, signed_in?}` before `before`, oldest first."""
        found = self._days.find({"_id": {"$lt": before}}, sort=[("_id", 1)], max_time_ms=QUERY_MS)
        return await found.to_list(None)

    async def raw(self, pipeline: Stages) -> list[Document]:
        """The result of a pipeline over raw events. Raises Unavailable where it takes too long."""
        try:
            found = self._events.aggregate(
                list(pipeline), allowDiskUse=True, maxTimeMS=SLOW_MS, batchSize=1_000
            )
            return await found.to_list(None)
        except ExecutionTimeout as error:
            message = "There are too many events for this question. Take a shorter range."
            raise Unavailable(message, retry_after=1) from error

    async def properties(self, event_type: str, since: datetime) -> list[str]:
        """The names of the properties of the 1,000 newest events of a type."""
        pipeline: Stages = [
            {"$match": {"type": event_type, "timestamp": {"$gte": since}}},
            {"$sort": {"timestamp": DESCENDING}},
            {"$limit": NEWEST_LOOKED_AT},
            {"$unwind": "$properties"},
            {"$group": {"_id": "$properties.k"}},
            {"$sort": {"_id": 1}},
            {"$limit": 200},
        ]
        return [d["_id"] for d in await self.raw(pipeline)]

    async def arrived(self, since: datetime, limit: int) -> list[Document]:
        """Events of any node that happened and arrived at `since` or later, newest first."""
        pipeline: Stages = [
            {"$match": {"timestamp": {"$gte": since}, "arrived": {"$gte": since}}},
            {"$sort": {"timestamp": DESCENDING}},
            {"$limit": limit},
        ]
        return await self.raw(pipeline)


def _within(span: Span, series: str | Mapping[str, Any]) -> dict[str, Any]:
    return {"series": series, "step": span.step, "at": {"$gte": span.start, "$lt": span.end}}
