"""Live delivery: held answers, gaps, removals, other nodes; on a real log."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from app.storage.mongo import Database
from app.streams.hub import HELD_BATCHES, Hub
from app.streams.models import Batch
from tests.harness.waiting import WITHIN_S, eventually
from tests.streams.world import Node, Page, Person, running, together


@pytest.fixture
async def other(database: Database) -> AsyncIterator[Node]:
    async with running(database) as node:
        yield node


@pytest.fixture
def cleo(other: Node, hallway: str) -> Person:
    return Person(other, hallway, "cleo")


async def joins(node: Node, stream: str) -> Page:
    """A client that has joined: registered first, answered, then released."""
    page = Page()
    node.hub.follow(stream, page)
    await page.sync(node.log, stream)
    assert node.hub.release(stream, page, page.cursor)
    return page


def plain(rev: int, stream: str = "s") -> Batch:
    return Batch(stream, rev - 1, rev, [])


async def test_a_follower_gets_what_is_committed(node: Node, ana: Person) -> None:
    ben = await joins(node, ana.stream)
    await ana.sends("hi")
    await ana.sends("there")
    assert ben.texts == ["hi", "there"]
    assert [(b.prev, b.rev) for b in ben.batches] == [(0, 1), (1, 2)]


async def test_all_followers_share_one_batch_and_one_encoding(node: Node, ana: Person) -> None:
    pages = [await joins(node, ana.stream) for _ in range(3)]
    await ana.sends("hi")
    batches = {id(page.batches[0]): page.batches[0] for page in pages}
    assert len(batches) == 1
    (batch,) = batches.values()
    made: list[int] = []
    for _ in range(3):
        batch.encoded("json", lambda b: made.append(b.rev))
    assert made == [1]


async def test_what_comes_before_the_release_waits_and_is_not_missed(
    node: Node, ana: Person
) -> None:
    await ana.sends("1")
    page = Page()
    node.hub.follow(ana.stream, page)
    await page.sync(node.log, ana.stream)
    await ana.sends("2")
    assert page.batches == []
    assert node.hub.release(ana.stream, page, page.cursor)
    await ana.sends("3")
    assert (page.texts, page.gaps) == (["1", "2", "3"], 0)


async def test_what_the_answer_held_already_is_not_delivered_again(node: Node, ana: Person) -> None:
    first = await joins(node, ana.stream)
    page = Page()
    node.hub.follow(ana.stream, page)
    await ana.sends("1")
    await page.sync(node.log, ana.stream)
    assert node.hub.release(ana.stream, page, page.cursor)
    assert (page.texts, page.batches) == (["1"], [])
    assert first.texts == ["1"]


async def test_an_answer_older_than_what_was_held_is_read_again(node: Node, ana: Person) -> None:
    await joins(node, ana.stream)
    await together(*(ana.sends(f"{n}") for n in range(5)))
    page = Page()
    node.hub.follow(ana.stream, page)
    assert not node.hub.release(ana.stream, page, 2)
    await page.sync(node.log, ana.stream)
    assert node.hub.release(ana.stream, page, page.cursor)
    await ana.sends("on")
    assert (page.gaps, page.cursor) == (0, 6)


async def test_more_than_a_hold_can_keep_is_read_again(node: Node) -> None:
    page = Page()
    node.hub.follow("s", page)
    for rev in range(1, HELD_BATCHES + 5):
        node.hub.publish(plain(rev))
    assert not node.hub.release("s", page, 0)
    assert page.batches == []
    assert node.hub.release("s", page, HELD_BATCHES + 4)


async def test_an_answer_ahead_of_the_position_brings_the_others_up_to_it(
    node: Node, ana: Person, cleo: Person
) -> None:
    """Another node committed: whoever joins sees it in the log before this node was told."""
    ben = await joins(node, ana.stream)
    await cleo.sends("from elsewhere")
    late = await joins(node, ana.stream)
    assert late.texts == ["from elsewhere"]
    await eventually(lambda: ben.texts == ["from elsewhere"], "ben sees it too", 0.9)
    assert (ben.gaps, late.gaps) == (0, 0)


async def test_a_gap_is_filled_from_the_log(node: Node, ana: Person, cleo: Person) -> None:
    ben = await joins(node, ana.stream)
    await ana.sends("1")
    await cleo.sends("2")
    await ana.sends("3")
    await eventually(lambda: ben.texts == ["1", "2", "3"], "all are shown")
    assert ben.gaps == 0
    assert [b.rev for b in ben.batches] == sorted({b.rev for b in ben.batches})


async def test_the_position_check_finds_what_another_node_committed(
    node: Node, ana: Person, cleo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.streams.remote_commits.CHECK_EVERY_S", 0.05)
    checking = asyncio.create_task(node.remote_commits.check_positions())
    ben = await joins(node, ana.stream)
    sent = await cleo.sends("from elsewhere")
    await eventually(lambda: ben.texts == ["from elsewhere"], "it is shown", 3)
    await cleo.edits(sent.id, "edited")
    await eventually(lambda: ben.texts == ["edited"], "the edit is shown", 3)
    checking.cancel()
    await together(checking)


async def test_the_position_check_outlives_a_database_that_is_away(
    node: Node, ana: Person, cleo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved, asked = node.log.moved, []

    async def away_once(positions: Any) -> Any:
        asked.append(positions)
        if len(asked) == 1:
            raise AutoReconnect("away")
        return await moved(positions)

    monkeypatch.setattr(node.log, "moved", away_once)
    monkeypatch.setattr("app.streams.remote_commits.CHECK_EVERY_S", 0.02)
    checking = asyncio.create_task(node.remote_commits.check_positions())
    ben = await joins(node, ana.stream)
    await cleo.sends("hi")
    await eventually(lambda: ben.texts == ["hi"], "it is shown")
    checking.cancel()
    await together(checking)


async def test_catching_up_that_fails_is_taken_up_again(
    node: Node, ana: Person, cleo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = await joins(node, ana.stream)
    since, asked = node.log.since, []

    async def away_once(*args: Any) -> Any:
        asked.append(args)
        if len(asked) == 1:
            raise AutoReconnect("away")
        return await since(*args)

    monkeypatch.setattr(node.log, "since", away_once)
    await cleo.sends("1")
    node.hub.seen(ana.stream, 1)
    await eventually(lambda: asked, "it was tried")
    await eventually(lambda: not node.tasks._running - {node.running}, "it was given up")
    assert ben.texts == []
    node.hub.seen(ana.stream, 1)
    await eventually(lambda: ben.texts == ["1"], "it is shown")
    assert node.tasks.crashed == []


async def test_a_long_absence_is_caught_up_in_pages(
    node: Node, ana: Person, cleo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.streams.hub.CATCH_UP_ENTRIES", 7)
    ben = await joins(node, ana.stream)
    acks = await together(*(cleo.sends(f"{n}") for n in range(30)))
    await cleo.edits(acks[0].id, "edited")
    node.hub.seen(ana.stream, 31)
    await eventually(lambda: ben.cursor == 31, "all is shown")
    assert ben.texts == ["edited", *(f"{n}" for n in range(1, 30))]
    assert ben.gaps == 0
    assert len(ben.batches) == 5


async def test_a_commit_during_catching_up_is_delivered_once(
    node: Node, ana: Person, cleo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = await joins(node, ana.stream)
    since = node.log.since

    async def slowly(*args: Any) -> Any:
        page = await since(*args)
        if args[1] == 0:
            node.hub.publish(Batch(ana.stream, 0, 1, page.items))
        return page

    await cleo.sends("1")
    monkeypatch.setattr(node.log, "since", slowly)
    node.hub.seen(ana.stream, 1)
    await eventually(lambda: ben.texts == ["1"], "it is shown")
    await ana.sends("2")
    await eventually(lambda: ben.texts == ["1", "2"], "the next is shown")
    assert [(b.prev, b.rev) for b in ben.batches] == [(0, 1), (1, 2)]


async def test_old_news_is_not_delivered_again(node: Node, ana: Person) -> None:
    ben = await joins(node, ana.stream)
    await ana.sends("1")
    node.hub.publish(node.published[0])
    node.hub.seen(ana.stream, 1)
    await ana.sends("2")
    assert [b.rev for b in ben.batches] == [1, 2]


async def test_nothing_comes_after_unfollowing(node: Node, ana: Person) -> None:
    ben, cleo = await joins(node, ana.stream), await joins(node, ana.stream)
    node.hub.unfollow(ana.stream, ben)
    await ana.sends("hi")
    assert (ben.batches, cleo.texts) == ([], ["hi"])
    assert node.hub.followers(ana.stream) == [cleo]


async def test_unfollowing_while_held_delivers_nothing(node: Node, ana: Person) -> None:
    page = Page()
    node.hub.follow(ana.stream, page)
    await ana.sends("hi")
    node.hub.unfollow(ana.stream, page)
    assert node.hub.release(ana.stream, page, 0)
    await ana.sends("there")
    assert page.batches == []
    assert node.hub._streams == {}


async def test_unfollowing_while_it_catches_up_delivers_nothing(
    node: Node, ana: Person, cleo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = await joins(node, ana.stream)
    since = node.log.since
    answered = asyncio.Event()

    async def and_unfollow(*args: Any) -> Any:
        page = await since(*args)
        node.hub.unfollow(ana.stream, ben)
        answered.set()
        return page

    monkeypatch.setattr(node.log, "since", and_unfollow)
    await cleo.sends("secret")
    node.hub.seen(ana.stream, 1)
    await asyncio.wait_for(answered.wait(), WITHIN_S)
    await eventually(lambda: not node.tasks._running - {node.running}, "it has ended")
    assert ben.batches == []


class Membership:
    """A view that removes a follower when it is told to."""

    def __init__(self, hub: Hub, stream: str) -> None:
        self.hub = hub
        self.stream = stream
        self.told: list[int] = []
        self.removes: Page | None = None

    def deliver(self, batch: Batch) -> None:
        self.told.append(batch.rev)
        if self.removes is not None:
            self.hub.unfollow(self.stream, self.removes)


async def test_a_view_hears_first_and_its_removal_holds_at_once(node: Node, ana: Person) -> None:
    ben, cleo = await joins(node, ana.stream), await joins(node, ana.stream)
    held = Page()
    node.hub.follow(ana.stream, held)
    view = Membership(node.hub, ana.stream)
    node.hub.follow(ana.stream, view)
    assert node.hub.release(ana.stream, view, 0, is_view=True)
    assert node.hub.followers(ana.stream) == [ben, cleo]
    await ana.sends("hi")
    view.removes = cleo
    await ana.sends("cleo was removed")
    assert ben.texts == ["hi", "cleo was removed"]
    assert cleo.texts == ["hi"]
    view.removes = held
    await ana.sends("the held one was removed")
    assert node.hub.release(ana.stream, held, 0)
    assert held.batches == []
    assert view.told == [1, 2, 3]


async def test_a_follower_that_is_removed_by_another_gets_nothing_of_that_batch(
    node: Node, ana: Person
) -> None:
    ben = Membership(node.hub, ana.stream)
    node.hub.follow(ana.stream, ben)
    assert node.hub.release(ana.stream, ben, 0)
    ben.removes = cleo = await joins(node, ana.stream)
    await ana.sends("hi")
    assert (ben.told, cleo.batches) == ([1], [])


async def test_reached_returns_when_it_was_delivered(node: Node, ana: Person, cleo: Person) -> None:
    ben = await joins(node, ana.stream)
    sent = await cleo.sends("hi")
    async with asyncio.timeout(WITHIN_S):
        await node.hub.reached(ana.stream, sent.rev)
    assert ben.texts == ["hi"]


async def test_reached_does_not_wait_where_nobody_follows(node: Node, ana: Person) -> None:
    async with asyncio.timeout(WITHIN_S):
        await node.hub.reached(ana.stream, 99)
        node.hub.follow(ana.stream, Page())
        await node.hub.reached(ana.stream, 99)


async def test_reached_ends_when_the_last_follower_leaves(node: Node, ana: Person) -> None:
    ben = await joins(node, ana.stream)
    waiting = asyncio.create_task(node.hub.reached(ana.stream, 99))
    await asyncio.sleep(0)
    assert not waiting.done()
    node.hub.unfollow(ana.stream, ben)
    async with asyncio.timeout(WITHIN_S):
        await waiting


async def test_a_repeat_that_was_committed_by_a_process_that_died_is_shown(
    node: Node, ana: Person, cleo: Person
) -> None:
    """It died between commit and delivery: the repeat's ack shows the higher head."""
    ben = await joins(node, ana.stream)
    lost = Person(cleo.node, ana.stream, "ana")
    await lost.sends("hi", "c1")
    again = await ana.sends("hi", "c1")
    assert again.is_repeat
    await eventually(lambda: ben.texts == ["hi"], "it is shown", 0.9)


async def test_clients_on_two_nodes_see_one_sequence(
    node: Node, other: Node, ana: Person, cleo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.streams.remote_commits.CHECK_EVERY_S", 0.05)
    checking = [asyncio.create_task(n.remote_commits.check_positions()) for n in (node, other)]
    pages = [await joins(n, ana.stream) for n in (node, node, other, other)]
    for n in range(10):
        sent = await together(ana.sends(f"a{n}"), cleo.sends(f"c{n}"))
        await together(ana.edits(sent[1].id, f"e{n}"), cleo.deletes(sent[0].id))
    head = await node.log.head(ana.stream)
    assert head == 40
    await eventually(lambda: {p.cursor for p in pages} == {head}, "all are up to date")
    assert [p.items for p in pages] == [pages[0].items] * 4
    assert pages[0].texts == [f"e{n}" for n in range(10)]
    assert [p.gaps for p in pages] == [0] * 4
    for task in checking:
        task.cancel()
    await together(*checking)
