"""The collections of analytics, their indexes, and the time series of raw events."""

from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel

from app.storage.migrations import make_collection
from app.storage.mongo import Database
from app.storage.restore_time_series import series

ROLLUPS = "analytics_rollups"
DAYS = "analytics_days"
FLUSHES = "analytics_flushes"
ARRIVALS = "analytics_arrivals"
NAMES = "analytics_names"
EVENTS = "analytics_events"

FLUSHES_KEPT_S = int(timedelta(days=1).total_seconds())
ARRIVALS_KEPT_S = int(timedelta(minutes=10).total_seconds())

INDEXES: dict[str, list[IndexModel]] = {
    ROLLUPS: [
        IndexModel(
            [("series", ASCENDING), ("step", ASCENDING), ("at", ASCENDING)],
            unique=True,
            name="rollup",
        ),
        IndexModel([("expires", ASCENDING)], expireAfterSeconds=0, name="expires"),
    ],
    DAYS: [],
    NAMES: [],
    FLUSHES: [IndexModel([("at", ASCENDING)], expireAfterSeconds=FLUSHES_KEPT_S, name="old")],
    ARRIVALS: [
        IndexModel([("at", ASCENDING)], expireAfterSeconds=ARRIVALS_KEPT_S, name="old"),
        IndexModel([("node", ASCENDING), ("seq", ASCENDING)], name="new"),
    ],
}

TIME_SERIES: dict[str, Any] = {
    "timeField": "timestamp",
    "metaField": "type",
    "granularity": "seconds",
}
BY_TYPE = IndexModel([("type", ASCENDING), ("timestamp", ASCENDING)], name="by_type")


async def ensure_events(database: Database, kept_s: float) -> None:
    """Create the time series of raw events if it is missing; it keeps them for `kept_s` seconds.

    Two nodes may do so at the same time.
    """
    await make_collection(database, EVENTS, timeseries=TIME_SERIES, expireAfterSeconds=int(kept_s))
    await database.collection(EVENTS).create_indexes([BY_TYPE])


async def keep_events(database: Database, kept_s: float) -> None:
    """Let the time series keep raw events for `kept_s` seconds from now on.

    Called by servers only: a command may run without the server's settings, and a shorter time
    would delete events for good.
    """
    known = (await series(database))[EVENTS]
    if known.get("expireAfterSeconds") != int(kept_s):
        await database.db.command("collMod", EVENTS, expireAfterSeconds=int(kept_s))
