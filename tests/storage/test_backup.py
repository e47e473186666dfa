"""Backup and restore: whole, as of one instant, never from a damaged file, all or nothing."""

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from app.storage.backup import backup
from app.storage.backup_file import verify
from app.storage.errors import StorageError
from app.storage.mongo import Database
from app.storage.restore import restore
from tests.storage.letters import OTHER, letters, unmarked, write


async def test_restore_brings_back_what_the_backup_held(post: Database, tmp_path: Path) -> None:
    await write(post, 1, 2)
    made = await backup(post, tmp_path / "post.parley")
    assert made.documents == 2
    await post.collection("letters").delete_one({"_id": 1})
    await write(post, 3)
    await post.collection("later").insert_one({"_id": 1})

    await restore(post, tmp_path / "post.parley", unmarked)

    assert await letters(post) == [1, 2]
    assert "later" not in await post.db.list_collection_names()


async def test_restore_brings_back_indexes(post: Database, tmp_path: Path) -> None:
    await write(post, 1)
    await backup(post, tmp_path / "post.parley")
    await restore(post, tmp_path / "post.parley", unmarked)
    with pytest.raises(DuplicateKeyError):
        await post.collection("letters").insert_one({"_id": 9, "to": "ben 1"})


async def test_more_documents_than_one_batch(post: Database, tmp_path: Path) -> None:
    await write(post, *range(2500))
    await backup(post, tmp_path / "post.parley")
    await post.collection("letters").delete_many({})
    await restore(post, tmp_path / "post.parley", unmarked)
    assert await letters(post) == list(range(2500))


async def test_a_backup_while_people_write_is_of_one_instant(
    post: Database, tmp_path: Path
) -> None:
    """Each letter has a stamp, stored in one transaction: never the one without the other."""
    stop = asyncio.Event()

    async def keep_writing() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            async with await post.client.start_session() as session, session.start_transaction():
                await post.collection("letters").insert_one(
                    {"_id": number, "to": f"ben {number}"}, session=session
                )
                await post.collection("stamps").insert_one({"_id": number}, session=session)

    writing = asyncio.create_task(keep_writing())
    try:
        for turn in range(5):
            while await post.collection("letters").count_documents({}) < 20 * (turn + 1):
                await asyncio.sleep(0.01)
            await backup(post, tmp_path / f"{turn}.parley")
    finally:
        stop.set()
        await writing
    for turn in range(5):
        await restore(post, tmp_path / f"{turn}.parley", unmarked)
        found = await letters(post)
        stamps = [d["_id"] async for d in post.collection("stamps").find().sort("_id")]
        assert len(found) >= 20 * (turn + 1)
        assert found == stamps == list(range(1, len(found) + 1))


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def without_end(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content)[:-60])


def with_one_bit_turned(content: bytes) -> bytes:
    plain = bytearray(gzip.decompress(content))
    plain[len(plain) // 2] ^= 1
    return gzip.compress(bytes(plain))


def not_packed(content: bytes) -> bytes:
    return gzip.decompress(content)


def other_format(_: bytes) -> bytes:
    return gzip.compress(b"hello")


def empty(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize(
    "damage", [cut, without_end, with_one_bit_turned, not_packed, other_format, empty]
)
async def test_a_damaged_file_changes_nothing(damage: Any, post: Database, tmp_path: Path) -> None:
    await write(post, 1, 2)
    path = tmp_path / "post.parley"
    await backup(post, path)
    path.write_bytes(damage(path.read_bytes()))
    await write(post, 3)
    with pytest.raises(StorageError):
        await restore(post, path, unmarked)
    assert await letters(post) == [1, 2, 3]


async def test_a_backup_of_a_newer_version_changes_nothing(post: Database, tmp_path: Path) -> None:
    await post.collection("migrations").insert_one({"_id": 7, "name": "of the future"})
    await backup(post, tmp_path / "post.parley")
    await write(post, 3)
    with pytest.raises(StorageError, match="newer"):
        await restore(post, tmp_path / "post.parley", unmarked)
    assert await letters(post) == [3]


async def test_a_restore_that_fails_before_the_swap_changes_nothing(
    post: Database, tmp_path: Path
) -> None:
    await write(post, 1)
    await backup(post, tmp_path / "post.parley")
    await write(post, 2)

    async def fail(_: Database, __: str) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        await restore(post, tmp_path / "post.parley", fail)
    assert await letters(post) == [1, 2]
    await restore(post, tmp_path / "post.parley", unmarked)
    assert await letters(post) == [1]


@pytest.mark.usefixtures("other")
async def test_another_connected_process_is_named_and_nothing_changes(
    post: Database, tmp_path: Path
) -> None:
    await write(post, 1)
    await backup(post, tmp_path / "post.parley")
    await write(post, 2)
    with pytest.raises(StorageError, match=OTHER):
        await restore(post, tmp_path / "post.parley", unmarked)
    assert await letters(post) == [1, 2]


async def test_a_folder_that_is_missing_is_told(post: Database, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="can't be written"):
        await backup(post, tmp_path / "nowhere" / "post.parley")


async def test_a_backup_is_readable_by_its_owner_alone(post: Database, tmp_path: Path) -> None:
    path = tmp_path / "post.parley"
    await backup(post, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["post.parley"]
    assert verify(path).documents == 0
