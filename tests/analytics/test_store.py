"""The collections of analytics: made by whoever starts, changed with the settings."""

import asyncio

from app.analytics.store import EVENTS, ensure_events, keep_events
from app.storage.mongo import Database
from app.storage.restore_time_series import series


async def test_nodes_that_start_at_once_make_one_time_series(database: Database) -> None:
    await database.db.drop_collection(EVENTS)
    await asyncio.gather(*(ensure_events(database, 86_400) for _ in range(4)))
    found = (await series(database))[EVENTS]
    assert found["timeseries"]["metaField"] == "type"
    assert found["expireAfterSeconds"] == 86_400
    names = {i["name"] async for i in database.collection(EVENTS).list_indexes()}
    assert names == {"by_type"}


async def test_how_long_events_are_kept_follows_the_setting_of_a_server(
    database: Database,
) -> None:
    await ensure_events(database, 86_400)
    for seconds in (86_400, 3_600):
        await keep_events(database, seconds)
        assert (await series(database))[EVENTS]["expireAfterSeconds"] == seconds


async def test_a_command_with_other_settings_shortens_nothing(database: Database) -> None:
    await database.db.drop_collection(EVENTS)
    await ensure_events(database, 365 * 86_400)
    await ensure_events(database, 86_400)
    assert (await series(database))[EVENTS]["expireAfterSeconds"] == 365 * 86_400
