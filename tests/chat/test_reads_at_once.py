"""However many pages a person asks for at once, a few are in memory."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from app.chat.drafts.store import DraftStore
from app.streams.log import Log
from app.streams.page_reads import AT_ONCE
from app.topics.history import TopicHistory
from tests.chat.house import House, Member
from tests.harness.waiting import eventually
from tests.realtime.plain import Plain


class Stopped:
    """Reads that have begun, and stand still until they are released."""

    def __init__(self) -> None:
        self.begun = 0
        self.released = asyncio.Event()


@contextmanager
def stopped(kind: type, name: str) -> Iterator[Stopped]:
    """Let calls of a method stand still."""
    reads, original = Stopped(), getattr(kind, name)

    async def read(self: Any, *args: Any, **named: Any) -> Any:
        reads.begun += 1
        await reads.released.wait()
        return await original(self, *args, **named)

    with ExitStack() as stack:
        stack.enter_context(patch.object(kind, name, read))
        try:
            yield reads
        finally:
            reads.released.set()


async def test_few_pages_of_a_person_are_read_at_once(house: House, ana: Member) -> None:
    phone = await house.again(ana)
    sent = await ana.sends("here")
    there = {"room": "hallway", "id": sent["id"]}
    await ana.does("message:pin", **there)
    await ana.does("message:save", **there)
    await ana.does("draft:set", room="hallway", text="half")
    for event, asked, kind, name in (
        ("room:history", {"room": "hallway", "before": 9}, Log, "page"),
        ("message:context", {"room": "hallway", "seq": 1}, Log, "page"),
        ("pins:list", {"room": "hallway"}, Log, "items"),
        ("saved:list", {}, Log, "items"),
        ("drafts:list", {}, DraftStore, "newest"),
    ):
        with stopped(kind, name) as reads:
            calls = [
                asyncio.ensure_future(each.does(event, **asked))
                for each in (ana, phone)
                for _ in range(AT_ONCE)
            ]
            await eventually(lambda reads=reads: reads.begun == AT_ONCE, f"{event} reads")
            # These are answered behind those on each connection, and wait for none of them.
            for each in (ana, phone):
                await each.does("rooms:list")
            assert reads.begun == AT_ONCE, event
            reads.released.set()
            assert all(answer["ok"] for answer in await asyncio.gather(*calls))


async def test_syncs_of_different_cursors_are_few_at_once(ana: Member) -> None:
    for n in "12345678":
        await ana.sends(n)
    with stopped(Log, "sync") as reads:
        calls = [
            asyncio.ensure_future(ana.does("room:sync", room="hallway", cursor=n)) for n in range(8)
        ]
        await eventually(lambda: reads.begun == AT_ONCE, "some are read")
        await ana.does("rooms:list")
        assert reads.begun == AT_ONCE
        reads.released.set()
        assert all(answer["ok"] for answer in await asyncio.gather(*calls))


async def test_topics_are_read_few_at_once(house: House, ana: Member) -> None:
    token = await house.services.tokens.create(ana.id)
    async with Plain(house.address, token) as plain:
        with stopped(TopicHistory, "sync") as reads:
            for n in range(8):
                await plain.says("subscribe", id=f"s{n}", payload={"topic": f"news.{n}"})
            await eventually(lambda: reads.begun == AT_ONCE, "some are read")
            await plain.does("rooms:list")
            assert reads.begun == AT_ONCE
        answers = {message["id"]: message for message in plain.told if message["type"] == "ack"}
        while len(answers) < 9:
            message = await plain.next()
            if message["type"] == "ack":
                answers[message["id"]] = message
        assert all(message["payload"]["ok"] for message in answers.values())
