"""Figures at a known time, of a past that each test makes up."""

from collections.abc import Callable
from datetime import datetime

import pytest
from pymongo import IndexModel
from pymongo.errors import CollectionInvalid

from app.analytics.reads import Reads
from app.storage.mongo import Database
from tests.analytics.ledger import Ledger, utc

NOW = utc(2026, 11, 24, 12, 30, 15)


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return lambda: NOW


@pytest.fixture
async def ledger(database: Database) -> Ledger:
    try:
        await database.db.create_collection(
            "analytics_events",
            timeseries={"timeField": "timestamp", "metaField": "type", "granularity": "seconds"},
        )
    except CollectionInvalid:
        pass
    await database.collection("analytics_rollups").create_indexes(
        [IndexModel([("series", 1), ("step", 1), ("at", 1)], unique=True)]
    )
    return Ledger(database)


@pytest.fixture
def reads(database: Database) -> Reads:
    return Reads(database)
