"""The database fails in the middle: over a real link that loses messages, stalls or is cut."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.errors import Forbidden, NotFound, Unavailable
from app.storage.mongo import Database
from app.streams.models import Change
from tests.harness.waiting import WITHIN_S, eventually
from tests.streams.link import Link, claims, commits, in_transaction
from tests.streams.world import Node, Person, assert_contiguous, running, texts_of, together

Line = tuple[Link, Database]


@pytest.fixture
def link(line: Line) -> Link:
    return line[0]


@pytest.fixture
async def node(line: Line) -> AsyncIterator[Node]:
    """A node that reaches mongod over the link, and has already used it."""
    async with running(line[1]) as node:
        await Person(node, "elsewhere", "cleo").sends("warm")
        yield node


async def test_a_lost_reply_is_one_message_with_its_first_result(
    database: Database, link: Link, ana: Person
) -> None:
    link.lose_reply(claims)
    async with asyncio.timeout(WITHIN_S):
        sent = await ana.sends("hi")
    assert link.lost == 1
    assert sent.rev == 1
    await assert_contiguous(database, ana.stream, 1)


async def test_every_claim_is_asked_of_a_majority_and_its_journal(link: Link, ana: Person) -> None:
    asked: list[bytes] = []

    def overhear(message: bytes) -> bool:
        if claims(message) or in_transaction(message):
            asked.append(message)
        return False

    link.lose_request(overhear)
    sent = await ana.sends("hi")
    await ana.edits(sent.id, "hello")
    plain, first, commit = asked[0], asked[1], asked[-1]
    assert b"snapshot\x00" in first
    for message in (plain, commit):
        assert b"\x02w\x00\x09\x00\x00\x00majority\x00" in message
        assert b"\x08j\x00\x01" in message


async def test_a_lost_request_is_sent_again(database: Database, link: Link, ana: Person) -> None:
    link.lose_request(claims)
    async with asyncio.timeout(WITHIN_S):
        sent = await ana.sends("hi")
    assert link.lost == 1
    assert sent.rev == 1
    await assert_contiguous(database, ana.stream, 1)


@pytest.mark.parametrize("what", ["reply", "request"])
async def test_a_group_of_unknown_fate_keeps_its_order_and_is_delivered_once(
    database: Database, link: Link, node: Node, ana: Person, what: str
) -> None:
    await ana.sends("first")
    link.lose_reply(claims) if what == "reply" else link.lose_request(claims)
    async with asyncio.timeout(WITHIN_S):
        acks = await together(*(ana.sends(f"{n}") for n in range(50)))
    assert [ack.rev for ack in acks] == list(range(2, 52))
    await assert_contiguous(database, ana.stream, 51)
    assert await texts_of(database, ana.stream) == ["first", *(f"{n}" for n in range(50))]


@pytest.mark.parametrize("what", ["reply", "request"])
async def test_an_edit_whose_commit_is_of_unknown_fate_is_made_once(
    database: Database, link: Link, node: Node, ana: Person, what: str
) -> None:
    sent = await ana.sends("hi")
    link.lose_reply(commits) if what == "reply" else link.lose_request(commits)
    async with asyncio.timeout(WITHIN_S):
        edited, after = await together(ana.edits(sent.id, "hello"), ana.sends("on"))
    assert link.lost == 1
    assert (edited.id, edited.rev, after.rev) == (sent.id, 2, 3)
    await assert_contiguous(database, ana.stream, 3)


class Twice:
    """Loses the commit's reply and the driver's own second try, so the committer has to ask."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def __call__(self, message: bytes) -> bool:
        if not commits(message):
            return False
        self._link.lose_request(commits)
        return True


@pytest.mark.parametrize("change", ["edits", "deletes"])
async def test_a_stored_amendment_is_never_refused_or_made_twice(
    database: Database, link: Link, ana: Person, change: str
) -> None:
    """A deletion whose first try is on disk would find its item deleted: by itself."""
    sent = await ana.sends("hi")
    link.lose_reply(Twice(link))
    async with asyncio.timeout(WITHIN_S):
        done = await (ana.edits(sent.id, "ho") if change == "edits" else ana.deletes(sent.id))
    assert link.lost
    assert (done.id, done.rev) == (sent.id, 2)
    await assert_contiguous(database, ana.stream, 2)


async def test_a_stored_message_is_never_refused_by_its_guard(
    database: Database, link: Link, ana: Person
) -> None:
    """Removed while the fate of a message is unknown: the message stands, and is acknowledged."""
    asked: list[int] = []

    def guard() -> None:
        asked.append(1)
        if len(asked) > 1:
            raise Forbidden("You are not in this room any more.")

    link.lose_reply(claims)
    async with asyncio.timeout(WITHIN_S):
        sent = await ana.sends("hi", guard=guard)
    assert (link.lost, sent.rev) == (1, 1)
    await assert_contiguous(database, ana.stream, 1)


async def test_a_prefix_that_stands_is_acknowledged_although_the_search_for_the_rest_fails(
    database: Database, link: Link, node: Node, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database goes away between the clash and the question why."""
    await ana.sends("old", "c-old")
    repeats = node.log.repeats

    async def cut_first(*args: Any) -> Any:
        await link.cut()
        return await repeats(*args)

    monkeypatch.setattr(node.log, "repeats", cut_first)
    async with asyncio.timeout(WITHIN_S):
        stood, repeat, rest = await together(
            ana.sends("new"), ana.sends("old", "c-old"), ana.sends("rest")
        )
    assert stood.rev == 2
    assert [type(r) for r in (repeat, rest)] == [Unavailable, Unavailable]
    monkeypatch.undo()
    await link.mend()
    await assert_contiguous(database, ana.stream, 2)


async def test_senders_are_told_at_once_while_the_database_is_away_and_taken_again_after(
    database: Database, link: Link, node: Node, ana: Person
) -> None:
    await ana.sends("hi")
    await link.cut()
    await noticed(node)
    async with asyncio.timeout(WITHIN_S):
        acks = await together(*(ana.sends(f"{n}") for n in range(10)))
    assert all(isinstance(ack, Unavailable) and ack.retry_after for ack in acks)
    with pytest.raises(Unavailable):  # in its first step, so it waits for nothing at all
        node.committer.submit(ana.message("late")).send(None)
    await link.mend()
    await eventually(lambda: returned(ana), "messages are taken again")
    assert await texts_of(database, ana.stream) == ["hi", "back"]


async def noticed(node: Node) -> None:
    """The driver knows that it has no server; before that a request's fate would be unknown."""
    client = node.database.client.delegate
    await eventually(
        lambda: not client.topology_description.has_writable_server(), "the driver has noticed"
    )


async def returned(ana: Person) -> bool:
    try:
        await ana.sends("back", "c-back")
    except Unavailable:
        return False
    return True


async def test_an_unknown_fate_is_neither_refused_nor_acknowledged_until_it_is_known(
    database: Database, link: Link, node: Node, ana: Person
) -> None:
    await ana.sends("hi")

    def claims_and_cuts(message: bytes) -> bool:
        if claims(message):
            cutting.append(asyncio.create_task(cut_soon()))
            return True
        return False

    async def cut_soon() -> None:
        await eventually(lambda: link.lost, "the reply is lost")
        await link.cut()

    cutting: list[asyncio.Task[None]] = []
    link.lose_reply(claims_and_cuts)
    unknown = asyncio.create_task(ana.sends("unknown", "c1"))
    await eventually(lambda: cutting and cutting[0].done(), "the link is cut")
    again = asyncio.create_task(ana.sends("unknown", "c1"))
    other = asyncio.create_task(ana.sends("other"))
    (refusal,) = await together(other)
    assert isinstance(refusal, Unavailable)
    assert not unknown.done()
    assert not again.done()
    await link.mend()
    async with asyncio.timeout(WITHIN_S):
        assert [(await unknown).rev, (await again).rev] == [2, 2]
    assert await texts_of(database, ana.stream) == ["hi", "unknown"]


async def test_finishing_does_not_wait_for_a_database_that_is_away(
    link: Link, node: Node, ana: Person
) -> None:
    await link.cut()
    await noticed(node)
    await together(ana.sends("hi"))
    async with asyncio.timeout(WITHIN_S):
        await node.committer.finish(60.0)
        await node.committer.finish(60.0)
    await eventually(node.running.done, "the committer has ended")


async def test_finishing_twice_waits_once(link: Link, node: Node, ana: Person) -> None:
    link.stall()
    sending = asyncio.create_task(ana.sends("hi"))
    await asyncio.sleep(0)
    began = time.monotonic()
    await node.committer.finish(0.5)
    assert time.monotonic() - began > 0.4
    async with asyncio.timeout(WITHIN_S):
        await node.committer.finish(60.0)
    link.flow()
    async with asyncio.timeout(WITHIN_S):
        assert (await sending).rev == 1


async def test_a_short_stall_delays_and_refuses_nothing(
    database: Database, link: Link, node: Node, ana: Person
) -> None:
    link.stall()
    sending = [asyncio.create_task(ana.sends(f"{n}")) for n in range(20)]
    await asyncio.sleep(0.4)
    link.flow()
    async with asyncio.timeout(WITHIN_S):
        assert [(await ack).rev for ack in sending] == list(range(1, 21))
    await assert_contiguous(database, ana.stream, 20)


async def test_a_late_request_after_a_long_stall_adds_nothing(
    database: Database, link: Link, node: Node, ana: Person
) -> None:
    """The client gives the connection up; what it had sent arrives all the same, later."""
    await ana.sends("hi")
    link.stall()
    sending = [asyncio.create_task(ana.sends(f"{n}")) for n in range(5)]
    await asyncio.sleep(1.6)
    link.flow()
    async with asyncio.timeout(WITHIN_S):
        acks = await together(*sending)
    kept = [ack for ack in acks if not isinstance(ack, Unavailable)]
    await assert_contiguous(database, ana.stream, 1 + len(kept))


async def test_storms_of_lost_messages_end_in_one_of_each(
    database: Database, link: Link, node: Node, ana: Person
) -> None:
    async def losing() -> None:
        for n in range(4):
            lost = link.lost
            (link.lose_reply if n % 2 else link.lose_request)(claims if n % 3 else either)
            await eventually(lambda lost=lost: link.lost > lost, "a message is lost", 20)

    async def talking(who: Person) -> list[Change]:
        made = []
        while not lossy.done():
            sent = await who.sends("hi")
            made.append(sent)
            made.append(await who.edits(sent.id, "ho"))
        return made

    lossy = asyncio.create_task(losing())
    async with asyncio.timeout(40):
        acks = await asyncio.gather(*(talking(Person(node, ana.stream, n)) for n in ("ana", "ben")))
        await lossy
    revs = sorted(ack.rev for made in acks for ack in made)
    assert revs == list(range(1, len(revs) + 1))
    await assert_contiguous(database, ana.stream, len(revs))


def either(message: bytes) -> bool:
    return claims(message) or commits(message)


async def test_not_found_is_told_of_what_was_deleted_while_a_fate_was_unknown(
    database: Database, link: Link, node: Node, ana: Person
) -> None:
    sent = await ana.sends("hi")
    await ana.deletes(sent.id)
    link.lose_request(commits)
    with pytest.raises(NotFound):
        async with asyncio.timeout(WITHIN_S):
            await ana.edits(sent.id, "late")
    await assert_contiguous(database, ana.stream, 2)
