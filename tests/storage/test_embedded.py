"""The embedded MongoDB: one owner, found again after a kill, revived, stopped, private."""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import PyMongoError

from app.storage import mongod
from app.storage.embedded import EmbeddedMongod
from app.storage.errors import StorageError
from app.storage.folder_lock import FolderInUse
from app.storage.mongo import Database
from app.storage.os_process import identity_of, running_with
from app.storage.replica_set import ReplicaSet
from app.storage.secret_file import kept_secret

ROOT = Path(__file__).parents[2]

# A server that does nothing but hold its database, until it is killed.
SERVER = """
import asyncio, sys
from pathlib import Path
from app.storage.embedded import EmbeddedMongod
from app.telemetry import logs

async def main():
    print(await EmbeddedMongod(Path(sys.argv[1])).start(), flush=True)
    await asyncio.Event().wait()

logs.configure(as_json=True)
asyncio.run(main())
"""


class Server:
    """Another process that owns a data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = [sys.executable, "-c", SERVER, str(folder)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    @property
    def mongod(self) -> int:
        return int(state(self.folder)["pid"])


def state(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "mongodb.json").read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder; whatever still runs on it afterwards is ended."""
    yield tmp_path / "data"
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        left = state(tmp_path / "data")
        if identity_of(left["pid"]) == left["identity"]:
            os.kill(left["pid"], signal.SIGKILL)


@pytest.fixture
async def embedded(folder: Path) -> AsyncIterator[EmbeddedMongod]:
    mongod = EmbeddedMongod(folder)
    await mongod.start()
    yield mongod
    await mongod.stop()


def without_a_trace(folder: Path) -> int:
    """A mongod whose server is dead and has told nobody of it."""
    server = Server(folder)
    server.kill()
    mongod = server.mongod
    (folder / "mongodb.json").unlink()
    return mongod


async def takes_over(folder: Path, mongod: int) -> None:
    """The next start finds it."""
    next_one = EmbeddedMongod(folder)
    try:
        await next_one.start()
        assert next_one.pid == mongod
    finally:
        await next_one.stop()


async def note(url: str, number: int) -> None:
    database = await Database.open(url)
    await database.collection("notes").insert_one({"_id": number})
    await database.close()


async def notes(url: str) -> list[int]:
    database = await Database.open(url)
    found = [d["_id"] async for d in database.collection("notes").find().sort("_id")]
    await database.close()
    return found


async def test_secrets_are_for_the_owner_alone(embedded: EmbeddedMongod, folder: Path) -> None:
    for name in ("mongodb.key", "mongodb.password", "lock"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600, name
    for path in (folder, folder / "mongodb"):
        assert path.stat().st_mode & 0o777 == 0o700, path
    password = (folder / "mongodb.password").read_text()
    arguments = Path(f"/proc/{embedded.pid}/cmdline").read_text()
    assert len(password) == 64
    assert password not in arguments


async def test_it_listens_on_loopback_and_wants_the_password(embedded: EmbeddedMongod) -> None:
    with pytest.raises(StorageError, match="password"):
        await Database.open(embedded.url.replace("mongodb://parley:", "mongodb://parley:x"))
    port = state(embedded._files.folder)["port"]
    others = {address[4][0] for address in socket.getaddrinfo(socket.gethostname(), port)}
    for address in others - {"127.0.0.1", "::1"}:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((address, port), timeout=1)


async def test_content_and_address_outlive_a_stop(folder: Path) -> None:
    first = EmbeddedMongod(folder)
    url = await first.start()
    await note(url, 1)
    pid = first.pid
    await first.stop()
    assert pid is not None
    assert identity_of(pid) is None
    second = EmbeddedMongod(folder)
    try:
        assert await second.start() == url
        assert await notes(url) == [1]
    finally:
        await second.stop()


@pytest.mark.slow
async def test_a_taken_port_is_left_for_another(folder: Path) -> None:
    first = EmbeddedMongod(folder)
    url = await first.start()
    await note(url, 1)
    await first.stop()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", state(folder)["port"]))
        second = EmbeddedMongod(folder)
        try:
            moved = await second.start()
            assert moved != url
            assert await notes(moved) == [1]
        finally:
            await second.stop()


async def test_a_second_live_server_is_refused(embedded: EmbeddedMongod, folder: Path) -> None:
    with pytest.raises(FolderInUse, match=f"process {os.getpid()}.*--data-dir"):
        await EmbeddedMongod(folder).start()
    await note(embedded.url, 1)


async def test_a_holder_that_has_not_said_who_it_is_yet_is_waited_for(folder: Path) -> None:
    folder.mkdir()
    with (folder / "lock").open("w") as nameless:
        fcntl.flock(nameless, fcntl.LOCK_EX)
        waiting = asyncio.create_task(EmbeddedMongod(folder, "command")._hold())
        await asyncio.sleep(0.05)
        assert not waiting.done()
    await waiting


async def test_a_killed_servers_mongod_is_taken_over(folder: Path) -> None:
    server = Server(folder)
    await note(server.url, 1)
    server.kill()
    mongod = server.mongod
    assert identity_of(mongod) is not None
    next_one = EmbeddedMongod(folder)
    try:
        assert await next_one.start() == server.url
        assert next_one.pid == mongod
        assert await notes(server.url) == [1]
    finally:
        await next_one.stop()
    assert identity_of(mongod) is None


async def test_one_without_a_state_file_is_found_by_its_command_line(folder: Path) -> None:
    """A server was killed between starting it and writing its state file."""
    await takes_over(folder, without_a_trace(folder))


@pytest.mark.slow
async def test_one_that_has_the_files_and_not_yet_named_itself_is_found(folder: Path) -> None:
    """The same, in the middle of the start of mongod, which writes its own id down at its end."""
    files = mongod.Files(folder)
    files.make()
    kept_secret(files.key, 48)
    starting = mongod.spawn(mongod.find_mongod(), files, mongod.free_port(None))
    lock = files.data / "mongod.lock"
    async with asyncio.timeout(20):
        while not lock.exists():
            await asyncio.sleep(0)
    os.kill(starting.pid, signal.SIGSTOP)
    assert lock.read_text() == ""
    next_one = EmbeddedMongod(folder)
    try:
        await note(await next_one.start(), 1)
        assert next_one.pid != starting.pid
    finally:
        await next_one.stop()
        await starting.stop(0)


async def test_one_that_comes_while_another_is_looked_for_is_found_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the very moment of starting it: at the first look it is not there yet."""
    mongod = without_a_trace(folder)
    looks = 0

    def looked(path: str) -> dict[int, list[str]]:
        nonlocal looks
        looks += 1
        return running_with(path) if looks > 1 else {}

    monkeypatch.setattr("app.storage.embedded.running_with", looked)
    await takes_over(folder, mongod)


@pytest.mark.slow
async def test_one_that_hangs_is_replaced(folder: Path) -> None:
    server = Server(folder)
    await note(server.url, 1)
    server.kill()
    os.kill(server.mongod, signal.SIGSTOP)
    hanging = server.mongod
    next_one = EmbeddedMongod(folder)
    try:
        url = await next_one.start()
        assert next_one.pid != hanging
        assert identity_of(hanging) is None
        assert await notes(url) == [1]
    finally:
        await next_one.stop()


async def test_a_stranger_with_a_recycled_process_id_is_not_touched(folder: Path) -> None:
    first = EmbeddedMongod(folder)
    await first.start()
    await first.stop()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (folder / "mongodb.json").write_text(
            json.dumps({**state(folder), "pid": stranger.pid, "identity": "another boot 12"})
        )
        second = EmbeddedMongod(folder)
        await second.start()
        await second.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


async def test_it_is_started_again_when_it_dies(embedded: EmbeddedMongod) -> None:
    database = await Database.open(embedded.url)
    await database.collection("notes").insert_one({"_id": 1})
    first = embedded.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    async with asyncio.timeout(20):
        while True:
            try:
                # The same client, the same address: whoever used it finds it again.
                await database.collection("notes").insert_one({"_id": 2})
                break
            except PyMongoError:
                await asyncio.sleep(0.05)
        while embedded.pid is None:
            await asyncio.sleep(0.05)
    assert await database.collection("notes").count_documents({}) == 2
    assert embedded.pid != first
    assert embedded.tasks.crashed == []
    await database.close()


async def test_a_start_that_was_killed_half_way_is_finished(folder: Path) -> None:
    """Initiated but without its user: what a kill between the two steps leaves."""
    files = mongod.Files(folder)
    files.make()
    kept_secret(files.key, 48)
    port = mongod.free_port(None)
    files.state.write_text(json.dumps({"pid": 0, "identity": None, "port": port}))
    process = mongod.spawn(mongod.find_mongod(), files, port)
    half = ReplicaSet(process, port, "none yet")
    async with asyncio.timeout(20):
        is_writable = False
        while not is_writable:
            with contextlib.suppress(PyMongoError):
                await half._initiate()
                is_writable = await half._is_writable()
            await asyncio.sleep(0.02)
    half._close()
    await process.stop(0)
    next_one = EmbeddedMongod(folder)
    try:
        await note(await next_one.start(), 1)
    finally:
        await next_one.stop()


@pytest.mark.slow
async def test_killed_right_after_its_first_start_it_knows_its_user_again(folder: Path) -> None:
    """The user is in mongod's log and not yet in its last checkpoint."""
    server = Server(folder)
    # The server first: else it may start another mongod between the two.
    server.kill()
    os.kill(server.mongod, signal.SIGKILL)
    next_one = EmbeddedMongod(folder)
    try:
        await note(await next_one.start(), 1)
    finally:
        await next_one.stop()


@pytest.mark.slow
async def test_a_lost_password_is_told_and_leaves_nothing_running(folder: Path) -> None:
    first = EmbeddedMongod(folder)
    await first.start()
    await first.stop()
    (folder / "mongodb.password").unlink()
    with pytest.raises(StorageError, match=r"mongodb\.password"):
        await EmbeddedMongod(folder).start()
    assert identity_of(state(folder)["pid"]) is None


async def test_what_mongod_complains_of_is_told(folder: Path) -> None:
    folder.mkdir()
    (folder / "mongodb.key").write_text("not a key !")
    with pytest.raises(StorageError, match=r"log is .*mongodb\.log: .+"):
        await EmbeddedMongod(folder).start()


async def test_without_any_mongod_the_sentence_says_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(mongod, "WHEEL", "no-such-wheel")
    with pytest.raises(StorageError, match=r"install MongoDB .* or set MONGODB_URL"):
        await EmbeddedMongod(folder).start()


def test_a_mongod_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "mongod"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert mongod.find_mongod() == own


LEAVES_A_TRANSACTION = """
import os, sys
from pymongo import MongoClient
client = MongoClient(sys.argv[1])
with client.start_session() as session:
    session.start_transaction()
    client.parley.rooms.update_one({"_id": 1}, {"$set": {"by": "the dead"}}, session=session)
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
async def test_a_transaction_of_the_dead_does_not_hold_others_up_for_long(
    embedded: EmbeddedMongod,
) -> None:
    url = embedded.url
    database = await Database.open(url)
    await database.collection("rooms").insert_one({"_id": 1})
    with subprocess.Popen(
        [sys.executable, "-c", LEAVES_A_TRANSACTION, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert await asyncio.to_thread(other.stdout.readline) == b"open\n"
        other.kill()
    # A write outside of a transaction waits for those that hold its document.
    async with asyncio.timeout(40):
        while not await is_written(database):
            pass
    await database.close()


async def is_written(database: Database) -> bool:
    """False where the driver gave up waiting."""
    try:
        await database.collection("rooms").update_one({"_id": 1}, {"$set": {"by": "the living"}})
    except PyMongoError:
        return False
    return True


def test_its_log_is_begun_anew_when_it_is_long(tmp_path: Path) -> None:
    files = mongod.Files(tmp_path)
    files.log.write_bytes(b"a" * mongod.LOG_LIMIT_BYTES)
    files.trim_log()
    assert files.log.exists()
    for content in (b"b", b"c"):
        files.log.write_bytes(content * (mongod.LOG_LIMIT_BYTES + 1))
        files.trim_log()
    assert [path.name for path in tmp_path.iterdir()] == ["mongodb.log.1"]
    assert files.log.with_suffix(".log.1").read_bytes()[:1] == b"c"
