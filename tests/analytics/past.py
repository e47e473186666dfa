"""Writes analytics as the writer stores them, at any time in the past, for tests of reading."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import datasketches as ds
import msgspec
from pymongo import UpdateOne

from app.analytics.time_buckets import EPOCH, LENGTH, floor
from app.ids import new_id
from app.storage.mongo import Database

# Events that are hours apart are a bucket each, which takes the database a while.
AT_ONCE = 500


class Past:
    """Gathers events and figures; `written` puts them into the collections, and `recorded` the
    events alone. As another node would it calls `tell` then."""

    def __init__(self, database: Database) -> None:
        self.tell: Callable[[], None] = lambda: None
        self._database = database
        self._counts: dict[tuple[str, str, datetime], int] = defaultdict(int)
        self._seen: dict[tuple[str, str, datetime], set[str]] = defaultdict(set)
        self._times: dict[tuple[str, str, datetime], list[float]] = defaultdict(list)
        self._gauges: dict[tuple[str, str, datetime], dict[str, int]] = defaultdict(dict)
        self._days: dict[datetime, set[str]] = defaultdict(set)
        self._raw: list[dict[str, Any]] = []

    def happened(
        self,
        event_type: str,
        at: datetime,
        visitor: str | None = None,
        in_session: str | None = None,
        **properties: Any,
    ) -> None:
        """One event, as the intake would have taken it. `visitor` is `u:…` or `s:…`; a person
        (`u:…`) may be `in_session`."""
        user, session = _of(visitor)
        session = session or in_session
        self.counted("events", at)
        self.counted(f"event:{event_type}", at)
        if event_type == "page_view":
            self.counted("page_views", at)
            self.counted(f"page:{properties.get('path', '/')}", at)
        if visitor is not None:
            self.seen("visitors", at, [visitor])
            self._days[floor(at, "day")].add(visitor)
        if session is not None:
            self.seen("sessions", at, [session])
        self._raw.append(
            {
                "timestamp": at,
                "arrived": at,
                "type": event_type,
                "id": new_id(),
                "user": user,
                "session": session,
                "visitor": visitor,
                "properties": [
                    {"k": k, "v": msgspec.json.encode(v).decode()} for k, v in properties.items()
                ],
            }
        )

    def counted(self, series: str, at: datetime, n: int = 1) -> None:
        for key in _keys(series, at):
            self._counts[key] += n

    def seen(self, series: str, at: datetime, visitors: Iterable[str]) -> None:
        known = list(visitors)
        for key in _keys(series, at):
            self._seen[key].update(known)

    def took(self, name: str, at: datetime, *ms: float) -> None:
        for key in _keys(f"latency:{name}", at):
            self._times[key].extend(ms)

    def connected(self, transport: str, at: datetime, node: str, n: int) -> None:
        for key in _keys(f"connections:{transport}", at):
            held = self._gauges[key]
            held[node] = max(n, held.get(node, 0))

    def was_there(self, visitor: str, day: datetime) -> None:
        """Only for retention."""
        self._days[floor(day, "day")].add(visitor)

    async def written(self) -> None:
        """Everything gathered, in the shapes that the writer gives it."""
        # Beside a server, which counts what happens in it.
        changes = [
            *(_change(key, "$inc", "n", n) for key, n in self._counts.items()),
            *(_change(key, "$set", "hll", _hll(seen)) for key, seen in self._seen.items()),
            *(_change(key, "$set", "kll", _kll(ms)) for key, ms in self._times.items()),
            *(_change(key, "$max", "peak", sum(n.values())) for key, n in self._gauges.items()),
        ]
        for first in range(0, len(changes), AT_ONCE):
            part = changes[first : first + AT_ONCE]
            await self._database.collection("analytics_rollups").bulk_write(part, ordered=False)
        days = self._database.collection("analytics_days")
        for day, seen in self._days.items():
            await days.update_one({"_id": day}, {"$set": {"theta": _theta(seen)}}, upsert=True)
        await self.recorded()

    async def recorded(self) -> None:
        """Only the raw events, since the last time."""
        await self._into("analytics_events", self._raw)
        self._raw.clear()
        self.tell()

    async def _into(self, name: str, documents: list[dict[str, Any]]) -> None:
        for first in range(0, len(documents), AT_ONCE):
            part = documents[first : first + AT_ONCE]
            await self._database.collection(name).insert_many(part, ordered=False)


def _of(visitor: str | None) -> tuple[str | None, str | None]:
    kind, _, name = (visitor or "").partition(":")
    return (name if kind == "u" else None), (name if kind == "s" else None)


def _keys(series: str, at: datetime) -> list[tuple[str, str, datetime]]:
    return [(series, "all", EPOCH), *((series, step, floor(at, step)) for step in LENGTH)]


def _change(key: tuple[str, str, datetime], how: str, field: str, value: Any) -> UpdateOne:
    series, step, at = key
    return UpdateOne({"series": series, "step": step, "at": at}, {how: {field: value}}, upsert=True)


def _hll(seen: Iterable[str]) -> bytes:
    sketch = ds.hll_sketch(14, ds.HLL_4)
    for each in seen:
        sketch.update(each)
    return bytes(sketch.serialize_compact())


def _kll(ms: Iterable[float]) -> bytes:
    sketch = ds.kll_floats_sketch(200)
    for each in ms:
        sketch.update(each)
    return bytes(sketch.serialize())


def _theta(seen: Iterable[str]) -> bytes:
    sketch = ds.update_theta_sketch()
    for each in seen:
        sketch.update(each)
    return bytes(sketch.compact().serialize())


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]
