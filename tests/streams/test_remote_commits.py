"""Batches that come over the bus: in order, crossing, lost, too large, and what the hub makes of
them; on a real log."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import json

from app.bus.bus import Bus, Hint, StreamAdvanced
from app.storage.mongo import Database
from app.streams.models import Batch, Item
from app.streams.shared_batches import WHOLE_BYTES, HeardBatch, shared
from app.streams.store import ENTRIES
from tests.harness.waiting import eventually
from tests.streams.test_hub import joins
from tests.streams.world import Node, Page, Person, running, together


class Wire:
    """Holds the hints that nodes have published until a test passes them on."""

    def __init__(self) -> None:
        self.buses: list[WiredBus] = []
        self.waiting: list[Hint] = []

    def bus(self) -> "WiredBus":
        self.buses.append(bus := WiredBus(self))
        return bus

    def passes(self, *order: int) -> None:
        """Pass on the hints that wait, all or those at these places, in this order."""
        hints = [self.waiting[n] for n in order] if order else self.waiting
        self.waiting = []
        for hint in hints:
            for bus in self.buses:
                if bus.node_id != hint.sender:
                    bus._hear(hint)


class WiredBus(Bus):
    """A bus whose hints a test passes on."""

    way = "wire"
    carries_batches = True
    is_hearing = True
    is_alone = False

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def _send(self, hint: Hint) -> None:
        self._wire.waiting.append(hint)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def here(database: Database, wire: Wire) -> AsyncIterator[Node]:
    async with running(database, bus=wire.bus()) as node:
        yield node


@pytest.fixture
async def there(database: Database, wire: Wire) -> AsyncIterator[Node]:
    async with running(database, bus=wire.bus()) as node:
        yield node


@pytest.fixture
def ana(here: Node, hallway: str) -> Person:
    return Person(here, hallway, "ana")


@pytest.fixture
def cleo(there: Node, hallway: str) -> Person:
    return Person(there, hallway, "cleo")


@pytest.fixture
def reads(there: Node, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The revs from which the other node has read the log to catch up."""
    since, asked = there.log.since, list[int]()

    async def counted(stream: str, cursor: int, limit: int) -> object:
        asked.append(cursor)
        return await since(stream, cursor, limit)

    monkeypatch.setattr(there.log, "since", counted)
    return asked


async def reader(node: Node, stream: str) -> Page:
    """A client whose answer was read before `reads` counts."""
    page = Page()
    node.hub.follow(stream, page)
    assert node.hub.release(stream, page, 0)
    return page


async def test_a_batch_that_continues_is_delivered_as_it_comes(
    wire: Wire, ana: Person, there: Node, reads: list[int]
) -> None:
    ben = await reader(there, ana.stream)
    sent = await ana.sends("1")
    await ana.edits(sent.id, "one")
    await ana.sends("2")
    wire.passes()
    assert ben.texts == ["one", "2"]
    assert [(b.prev, b.rev) for b in ben.batches] == [(0, 1), (1, 2), (2, 3)]
    assert reads == []


async def test_what_arrives_is_what_the_log_holds(wire: Wire, ana: Person, there: Node) -> None:
    ben = await reader(there, ana.stream)
    await ana.sends('Grüße\n"$date" 🙂')
    wire.passes()
    page = await there.log.since(ana.stream, 0, 10)
    assert list(ben.items.values()) == page.items


async def test_old_news_is_not_delivered_again(
    wire: Wire, ana: Person, there: Node, reads: list[int]
) -> None:
    ben = await reader(there, ana.stream)
    await ana.sends("1")
    await ana.sends("2")
    wire.passes(0, 1, 0, 1, 0)
    assert [b.rev for b in ben.batches] == [1, 2]
    assert reads == []


async def test_batches_that_cross_are_delivered_in_order_without_a_read(
    wire: Wire, ana: Person, there: Node, reads: list[int]
) -> None:
    ben = await reader(there, ana.stream)
    for n in range(4):
        await ana.sends(f"{n}")
    wire.passes(2, 1, 3, 0)
    assert ben.texts == ["0", "1", "2", "3"]
    assert ben.gaps == 0
    await eventually(lambda: not there.tasks._running - {there.running}, "nothing waits")
    assert reads == []


async def test_a_lost_batch_is_one_read_for_all_followers(
    wire: Wire, ana: Person, there: Node, reads: list[int]
) -> None:
    pages = [await reader(there, ana.stream) for _ in range(5)]
    for n in range(4):
        await ana.sends(f"{n}")
    wire.passes(0, 2, 3)
    await eventually(lambda: {p.cursor for p in pages} == {4}, "all have all")
    assert [p.texts for p in pages] == [["0", "1", "2", "3"]] * 5
    assert [p.gaps for p in pages] == [0] * 5
    assert reads == [1]


async def test_a_batch_that_overlaps_is_read_from_the_log(
    wire: Wire, ana: Person, there: Node
) -> None:
    ben = await reader(there, ana.stream)
    await ana.sends("1")
    await ana.sends("2")
    wire.passes(0)
    there.hub.receive(Batch(ana.stream, 0, 2, []))
    await eventually(lambda: ben.texts == ["1", "2"], "both are shown")
    assert ben.gaps == 0


async def test_a_long_batch_travels_without_its_items(
    wire: Wire, ana: Person, there: Node, reads: list[int]
) -> None:
    ben = await reader(there, ana.stream)
    await ana.sends("x" * WHOLE_BYTES)
    assert max(len(hint.data) for hint in wire.waiting) < 100
    wire.passes()
    await eventually(lambda: ben.cursor == 1, "it was read")
    assert reads == [0]


async def test_both_nodes_send_at_once_and_all_see_one_sequence(
    wire: Wire, here: Node, there: Node, ana: Person, cleo: Person
) -> None:
    pages = [await reader(n, ana.stream) for n in (here, here, there, there)]
    for n in range(20):
        await asyncio.gather(ana.sends(f"a{n}"), cleo.sends(f"c{n}"))
        wire.passes()
    await eventually(lambda: {p.cursor for p in pages} == {40}, "all are up to date")
    assert [p.items for p in pages] == [pages[0].items] * 4
    assert [p.gaps for p in pages] == [0] * 4


async def test_a_stream_is_looked_at_when_the_bus_begins_to_bring_it(
    wire: Wire, ana: Person, there: Node
) -> None:
    ben = await joins(there, ana.stream)
    await ana.sends("before the subscription")
    wire.waiting = []
    there.bus.subscribed.tell([ana.stream])
    await eventually(lambda: ben.texts == ["before the subscription"], "it is shown")


async def test_a_stream_without_position_is_looked_at_once_it_has_one(
    wire: Wire, ana: Person, there: Node
) -> None:
    ben = Page()
    there.hub.follow(ana.stream, ben)
    await ben.sync(there.log, ana.stream)
    await ana.sends("after the answer, before the subscription")
    wire.waiting = []
    there.bus.subscribed.tell([ana.stream])
    assert there.hub.release(ana.stream, ben, ben.cursor)
    await eventually(lambda: len(ben.texts) == 1, "it is shown")


async def test_the_change_stream_shows_only_where_a_stream_ends(
    ana: Person, there: Node, reads: list[int]
) -> None:
    ben = await reader(there, ana.stream)
    await ana.sends("1")
    there.bus.advanced.tell(StreamAdvanced(ana.stream, 1))
    there.bus.advanced.tell(StreamAdvanced("room:of others", 9))
    await eventually(lambda: ben.texts == ["1"], "it is shown")
    assert reads == [0]


async def stored(node: Node, stream: str) -> list[dict[str, Any]]:
    """The entries as a change stream brings them along."""
    found = node.database.collection(ENTRIES).find({"stream": stream}, sort=[("rev", 1)])
    entries: list[dict[str, Any]] = await found.to_list(None)
    return entries


async def test_entries_that_the_change_stream_brings_are_delivered_without_a_read(
    ana: Person, there: Node, reads: list[int]
) -> None:
    ben = await reader(there, ana.stream)
    await together(ana.sends("1"), ana.sends("2"))
    there.bus.advanced.tell(StreamAdvanced(ana.stream, 2, await stored(there, ana.stream)))
    assert ben.texts == ["1", "2"]
    assert [(b.prev, b.rev) for b in ben.batches] == [(0, 2)]
    there.bus.advanced.tell(StreamAdvanced(ana.stream, 2, await stored(there, ana.stream)))
    assert len(ben.batches) == 1
    assert reads == []
    assert list(ben.items.values()) == (await there.log.since(ana.stream, 0, 10)).items


async def test_entries_that_change_an_item_are_read_with_it(
    ana: Person, there: Node, reads: list[int]
) -> None:
    ben = await reader(there, ana.stream)
    sent = await ana.sends("1")
    await ana.edits(sent.id, "one")
    there.bus.advanced.tell(StreamAdvanced(ana.stream, 2, await stored(there, ana.stream)))
    await eventually(lambda: ben.texts == ["one"], "it is shown")
    assert reads == [0]


async def test_entries_behind_a_hole_wait_for_a_read(
    ana: Person, there: Node, reads: list[int]
) -> None:
    ben = await reader(there, ana.stream)
    for n in range(3):
        await ana.sends(f"{n}")
    there.bus.advanced.tell(StreamAdvanced(ana.stream, 3, (await stored(there, ana.stream))[2:]))
    assert ben.texts == []
    await eventually(lambda: ben.texts == ["0", "1", "2"], "all is shown")
    assert ben.gaps == 0
    assert reads == [0]


async def test_the_log_is_asked_seldom_while_the_bus_is_heard(
    ana: Person, there: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.streams.remote_commits.CHECK_EVERY_S", 0.01)
    asked, moved = list[object](), there.log.moved

    async def counted(positions: object) -> object:
        asked.append(positions)
        return await moved(positions)  # type: ignore[arg-type]

    monkeypatch.setattr(there.log, "moved", counted)
    checking = asyncio.create_task(there.remote_commits.check_positions())
    await eventually(lambda: len(asked) == 1, "once at first")
    await asyncio.sleep(0.1)
    assert len(asked) == 1
    monkeypatch.setattr(WiredBus, "is_hearing", False)
    await eventually(lambda: len(asked) > 3, "often while it is not heard")
    checking.cancel()
    await asyncio.gather(checking, return_exceptions=True)


async def checks(node: Node, stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look once for heads that have moved, until it is known that this one has."""
    monkeypatch.setattr("app.streams.remote_commits.CHECK_EVERY_S", 0.01)
    monkeypatch.setattr("app.streams.remote_commits.UNDER_WAY_S", 0.5)
    checking = asyncio.create_task(node.remote_commits.check_positions())
    await eventually(lambda: node.hub._streams[stream].catching_up, "it is known")
    checking.cancel()
    await asyncio.gather(checking, return_exceptions=True)


async def test_a_commit_that_is_about_to_be_delivered_is_not_read(
    wire: Wire, ana: Person, there: Node, reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = await reader(there, ana.stream)
    await ana.sends("1")
    await checks(there, ana.stream, monkeypatch)
    wire.passes()
    await eventually(lambda: not there.hub._streams[ana.stream].catching_up, "it is over")
    assert ben.texts == ["1"]
    assert reads == []


async def test_a_commit_that_does_not_come_is_read(
    wire: Wire, ana: Person, there: Node, reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = await reader(there, ana.stream)
    await ana.sends("1")
    wire.waiting = []
    await checks(there, ana.stream, monkeypatch)
    await eventually(lambda: ben.texts == ["1"], "it is shown")
    assert reads == [0]


def item(body: dict[str, object]) -> Item:
    noon = datetime(2030, 1, 2, 12, 0, 0, 123000, UTC)
    return Item(id="i", stream="s", seq=1, rev=2, sender="ana", client_id="c", at=noon, body=body)


@pytest.mark.parametrize(
    "body",
    [
        {"text": "hi", "read_at": datetime(2030, 1, 2, 12, 0, 0, 5000, UTC), "n": 3, "no": None},
        {"pinned": {"by": "ana", "at": datetime(2030, 1, 2, tzinfo=UTC)}, "list": [1.5, True]},
        {"odd": {"$date": 7}, "names": {"$date": "x", "y": 1}, "deep": [{"a": [{"b": {}}]}]},
    ],
)
def test_items_arrive_as_they_were_sent(body: dict[str, object]) -> None:
    sent = json.encode(shared(Batch("s", 0, 2, [item(body)])))
    heard = json.decode(sent, type=HeardBatch).batch("s")
    assert heard is not None
    assert heard.items == [item(body)]


def test_an_item_that_json_does_not_know_travels_without_its_body() -> None:
    now = datetime.now(UTC)
    for body in ({"raw": b"bytes"}, {"at": now, "raw": [b"bytes"]}, {"set": {1}}):
        assert shared(Batch("s", 0, 2, [item(body)])).items is None
