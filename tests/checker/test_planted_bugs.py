"""The checker against a small real chat on a real MongoDB: right, and with each bug planted."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.storage.embedded import EmbeddedMongod
from app.storage.mongo import Database
from tests.checker.check import assert_consistent, check
from tests.checker.findings import Fault
from tests.checker.history import History, Observed, Reader, Send, Unknown
from tests.checker.small_chat import Bug, SmallChat
from tests.harness.waiting import eventually

ROOM = "hallway"
SENDERS = ("ana", "ben", "cleo", "dana")


@pytest.fixture
async def room(database: Database) -> AsyncIterator[Database]:
    yield database
    await database.db["small_chat"].drop()


async def storm(chat: SmallChat, history: History, each: int) -> None:
    """Four people at once; every fifth ack is lost on the way, so that message is sent again."""

    async def talk(sender: str) -> None:
        for n in range(each):
            send = Send(ROOM, sender, f"{sender}-{n}", f"{sender} says {n}")
            history.sends.append(send)
            began = time.monotonic()
            acked = await chat.send(sender, send.client_id, send.text)
            if n % 5 == 4:
                send.tried(Unknown(), began, time.monotonic())
                acked = await chat.send(sender, send.client_id, send.text)
            send.tried(acked, began, time.monotonic())

    await asyncio.gather(*map(talk, SENDERS))


async def run(database: Database, bug: Bug | None) -> History:
    chat = SmallChat(database.db, bug)
    await chat.prepare()
    history = History()
    await storm(chat, history, each=10)
    await chat.crash()
    final = await chat.history()
    history.final[ROOM] = final
    seen = Observed(ROOM, 0, max(i.rev for i in final) if final else 0, tuple(final))
    history.readers.append(Reader("ben's page", "ben", [seen]))
    return history


async def test_correct_run_has_no_finding(room: Database) -> None:
    history = await run(room, None)
    assert len(history.final[ROOM]) == 40
    assert_consistent(history)


async def test_acknowledging_before_the_commit_loses(room: Database) -> None:
    history = await run(room, Bug.ACK_BEFORE_COMMIT)
    assert Fault.LOST in {f.fault for f in check(history)}


async def test_without_deduplication_a_resend_is_there_twice(room: Database) -> None:
    history = await run(room, Bug.NO_DEDUPLICATION)
    assert Fault.TWICE in {f.fault for f in check(history)}


async def test_numbering_backwards_is_reordered(room: Database) -> None:
    history = await run(room, Bug.ORDER_OF_ARRIVAL)
    assert {f.fault for f in check(history)} == {Fault.REORDERED}


@pytest.mark.parametrize("bug", [None, Bug.UNACKNOWLEDGED_WRITE])
async def test_killed_mongod_loses_only_what_was_not_written_safely(
    tmp_path: Path, bug: Bug | None
) -> None:
    mongod = EmbeddedMongod(tmp_path)
    database = await Database.open(await mongod.start(), name="parley_small")
    try:
        chat = SmallChat(database.db, bug)
        await chat.prepare()
        history = History()
        await storm(chat, history, each=5 if bug is None else 100)
        killed = mongod.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        await eventually(lambda: mongod.pid not in (None, killed), "mongod runs again", 20)
        history.final[ROOM] = await chat.history()
        faults = {f.fault for f in check(history)}
        assert faults == (set() if bug is None else {Fault.LOST})
    finally:
        await database.close()
        if mongod.pid is not None:
            os.kill(mongod.pid, signal.SIGKILL)
        await mongod.stop()
