"""Time series in backups: they come back as they were, though MongoDB can't rename them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from bson.codec_options import CodecOptions
from bson.int64 import Int64

from app.storage.backup import backup
from app.storage.migrations import migrate
from app.storage.mongo import Database
from app.storage.restore import restore
from app.storage.restore_swap import MARKER, STAGING
from app.storage.restore_time_series import series
from app.times import now
from tests.storage.letters import unmarked

MEASURES = {"timeseries": {"timeField": "at", "metaField": "kind", "granularity": "seconds"}}


async def measured(database: Database, numbers: int) -> None:
    """A time series with an index and so many documents."""
    await database.db.create_collection("measures", expireAfterSeconds=10**9, **MEASURES)
    await database.collection("measures").create_index([("kind", 1), ("at", 1)], name="by_kind")
    fresh = [{"at": now() + timedelta(hours=n), "kind": "x", "n": n} for n in range(numbers)]
    if fresh:
        await database.collection("measures").insert_many(fresh)


async def measures(database: Database) -> tuple[list[int], dict[str, Any], set[str]]:
    numbers = [d["n"] async for d in database.collection("measures").find().sort("at")]
    indexes = {i["name"] async for i in database.collection("measures").list_indexes()}
    return numbers, await series(database), indexes


async def test_a_time_series_comes_back_as_one(post: Database, tmp_path: Path) -> None:
    await measured(post, 1_050)
    before = await measures(post)
    assert before[1] == {"measures": {**MEASURES, "expireAfterSeconds": 10**9}}
    await backup(post, tmp_path / "post.parley")
    await post.collection("measures").insert_one({"at": now(), "kind": "y", "n": 7})
    await restore(post, tmp_path / "post.parley", unmarked)
    assert await measures(post) == before
    assert not [n for n in await post.db.list_collection_names() if n.startswith(STAGING)]


async def test_a_time_series_that_was_half_filled_is_filled_at_the_next_start(
    post: Database, tmp_path: Path
) -> None:
    await measured(post, 3)
    before = await measures(post)
    await post.collection(STAGING + "measures").insert_many(
        [document async for document in post.collection("measures").find()]
    )
    await post.collection("measures").insert_one({"at": now(), "kind": "y", "n": 7})
    description = {
        "name": "measures",
        "options": before[1]["measures"],
        "indexes": [{"v": 2, "key": {"kind": 1, "at": 1}, "name": "by_kind"}],
    }
    await post.collection(MARKER).insert_one(
        {"_id": "swap", "collections": ["measures"], "remade": [description]}
    )
    await migrate(post, [])
    assert await measures(post) == before


async def test_what_a_time_series_holds_twice_comes_back_twice(
    post: Database, tmp_path: Path
) -> None:
    """No index keeps ids unique there: a repeated write must not make a backup worthless."""
    await measured(post, 2)
    repeated = await post.collection("measures").find_one({"n": 1})
    assert repeated is not None
    await post.collection("measures").insert_one(repeated)
    await backup(post, tmp_path / "post.parley")
    await restore(post, tmp_path / "post.parley", unmarked)
    assert (await measures(post))[0] == [0, 1, 1]


async def test_numbers_in_a_time_series_keep_their_type(post: Database, tmp_path: Path) -> None:
    await measured(post, 0)
    await post.collection("measures").insert_one({"at": now(), "kind": "x", "n": Int64(5)})
    await backup(post, tmp_path / "post.parley")
    await restore(post, tmp_path / "post.parley", unmarked)
    # Read as MongoDB has it: the database's own codecs make every number a plain one.
    stored = post.db.get_collection("measures", codec_options=CodecOptions(tz_aware=True))
    found = await stored.find_one({})
    assert found is not None
    assert isinstance(found["n"], Int64)
