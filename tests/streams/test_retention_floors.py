"""Floors: what is below them is deleted once, after everybody could hear of it."""

from datetime import timedelta

from app.storage.mongo import Database
from app.streams.retention_floors import Floors
from app.times import now


async def test_a_floor_that_is_raised_while_its_stream_is_deleted_is_due_again(
    database: Database,
) -> None:
    floors, moment = Floors(database), now()
    await floors.raise_to("topic:news", 3, moment - timedelta(minutes=20))
    await floors.raise_to("topic:news", 5, moment)
    await floors.delete_below("topic:news", 3, {})
    assert await floors.due("topic:", moment + timedelta(minutes=20), 10) == {"topic:news": 5}
    await floors.delete_below("topic:news", 5, {})
    assert await floors.due("topic:", moment + timedelta(minutes=20), 10) == {}
