"""Fills analytics with three months of made-up life, the last two days to the minute.

    scripts/analytics_demo.py --data-dir data    (or PARLEY_MONGODB_URL for another database)

Everything that analytics holds there is replaced: for trying out and for pictures, never for a
server that is used. Stop the server before; what is written are the documents that it writes.
"""

import argparse
import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import datasketches as ds
import msgspec

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from analytics_life import Happened, Life  # noqa: E402

from app.analytics.time_buckets import EPOCH, HOUR, MINUTE, Step, floor  # noqa: E402
from app.cli.open_database import open_database  # noqa: E402
from app.ids import new_id  # noqa: E402
from app.settings_loader import load_settings  # noqa: E402
from app.storage.mongo import Database  # noqa: E402

MINUTES_OF = timedelta(days=2)
RAW_OF = timedelta(days=14)
AT_ONCE = 2_000
NODES = ("demo-1", "demo-2")
LATENCIES = {"commit": 1.3, "delivery": 0.35, "ack": 2.6}
EXPIRES = {"minute": timedelta(days=31), "hour": timedelta(days=400)}

Key = tuple[str, str, datetime]


class Book:
    """Roll-ups and raw events, gathered in memory."""

    def __init__(self, life: Life) -> None:
        self._now = life.now
        self._counts: dict[Key, int] = defaultdict(int)
        self._seen: dict[Key, Any] = defaultdict(lambda: ds.hll_sketch(14, ds.HLL_4))
        self._times: dict[Key, Any] = defaultdict(lambda: ds.kll_floats_sketch(200))
        self._gauges: dict[Key, dict[str, int]] = defaultdict(dict)
        self._days: dict[datetime, Any] = defaultdict(ds.update_theta_sketch)
        self._raw: list[dict[str, Any]] = []
        for event in life.events():
            self._happened(event)
        for at, step in self._moments(life.days):
            self._measured(life, at, step)

    def _moments(self, days: int) -> Iterator[tuple[datetime, timedelta]]:
        """Each minute of the last days, and each hour before these."""
        at = floor(self._now - timedelta(days=days), "hour")
        while at < self._now:
            step = MINUTE if at >= self._now - MINUTES_OF else HOUR
            yield at, step
            at += step

    def _keys(self, series: str, at: datetime) -> Iterator[Key]:
        yield series, "all", EPOCH
        steps: tuple[Step, ...] = ("day", "hour")
        for step in (*steps, "minute") if at >= floor(self._now - MINUTES_OF, "hour") else steps:
            yield series, step, floor(at, step)

    def _count(self, series: str, at: datetime) -> None:
        for key in self._keys(series, at):
            self._counts[key] += 1

    def _happened(self, event: Happened) -> None:
        at, properties = event.at, event.properties
        self._count("events", at)
        self._count(f"event:{event.event_type}", at)
        if event.event_type == "page_view":
            self._count("page_views", at)
            self._count(f"page:{properties['path']}", at)
            if "referrer" in properties:
                self._count(f"referrer:{properties['referrer']}", at)
        for series, who in (("visitors", event.visitor), ("sessions", event.session)):
            for key in self._keys(series, at):
                self._seen[key].update(who)
        self._days[floor(at, "day")].update(event.visitor)
        if at >= self._now - RAW_OF:
            self._raw.append(_raw(event))

    def _measured(self, life: Life, at: datetime, step: timedelta) -> None:
        minutes = step // MINUTE
        count = round(4 * minutes * life.crowd(at)) or 1
        for name, median_ms in LATENCIES.items():
            for ms in life.durations(at, median_ms, min(count, 60)):
                for key in self._keys(f"latency:{name}", at):
                    self._times[key].update(ms)
        for code in life.errors(at, minutes):
            self._count(f"errors:{code}", at)
        for transport in ("websocket", "polling"):
            half = life.connections(at, transport) / len(NODES)
            for key in self._keys(f"connections:{transport}", at):
                held = self._gauges[key]
                for node in NODES:
                    held[node] = max(held.get(node, 0), round(half))

    def collections(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The documents for each collection."""
        yield (
            "analytics_rollups",
            [
                *(_document(key, "n", n) for key, n in self._counts.items()),
                *(
                    _document(key, "hll", bytes(s.serialize_compact()))
                    for key, s in self._seen.items()
                ),
                *(_document(key, "kll", bytes(s.serialize())) for key, s in self._times.items()),
                *(
                    _document(key, "peak", sum(nodes.values()))
                    for key, nodes in self._gauges.items()
                ),
            ],
        )
        yield (
            "analytics_days",
            [
                {"_id": day, "theta": bytes(sketch.compact().serialize())}
                for day, sketch in self._days.items()
            ],
        )
        yield (
            "analytics_names",
            [
                {"_id": kind, "names": sorted(self._names(f"{kind}:"))}
                for kind in ("event", "page", "referrer", "errors")
            ],
        )
        yield "analytics_events", sorted(self._raw, key=lambda raw: raw["timestamp"])

    def _names(self, prefix: str) -> set[str]:
        return {s.removeprefix(prefix) for s, _, _ in self._counts if s.startswith(prefix)}


def _document(key: Key, field: str, value: Any) -> dict[str, Any]:
    series, step, at = key
    kept = {"expires": at + EXPIRES[step]} if step in EXPIRES else {}
    return {"series": series, "step": step, "at": at, field: value, **kept}


def _raw(event: Happened) -> dict[str, Any]:
    kind, _, name = event.visitor.partition(":")
    return {
        "timestamp": event.at,
        "type": event.event_type,
        "id": new_id(),
        "arrived": event.at,
        "user": name if kind == "u" else None,
        "session": event.session,
        "visitor": event.visitor,
        "properties": [
            {"k": k, "v": msgspec.json.encode(v).decode()} for k, v in event.properties.items()
        ],
    }


async def fill(database: Database, life: Life) -> int:
    """Put this life in the place of what analytics holds; how many events it had lately."""
    book = Book(life)
    written = 0
    for name, documents in book.collections():
        collection = database.collection(name)
        await collection.delete_many({})
        for part in _parts(documents):
            await collection.insert_many(part, ordered=False)
        written = len(documents)
    return written


def _parts(documents: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    return (documents[i : i + AT_ONCE] for i in range(0, len(documents), AT_ONCE))


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument("--zone", default="UTC", help="whose days they are (default: UTC)")
    parser.add_argument("--days", type=int, default=90)
    options = parser.parse_args()
    settings = load_settings({"data_dir": options.data_dir}, os.environ)
    async with open_database(settings) as database:
        users = [user["_id"] async for user in database.collection("users").find({}, {"_id": 1})]
        members = [*map(str, users), *(f"demo-{n:02d}" for n in range(40))]
        now = datetime.now(UTC)
        life = Life(now=now, zone=options.zone, members=members, days=options.days)
        print(f"{await fill(database, life)} events of the last {RAW_OF.days} days are written.")


if __name__ == "__main__":
    asyncio.run(_main())
