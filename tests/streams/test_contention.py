"""Two nodes write one stream: one order, nothing lost, and both get on."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.errors import Conflict
from app.storage.mongo import Database
from tests.harness.waiting import WITHIN_S, eventually
from tests.streams.world import (
    Node,
    Person,
    assert_contiguous,
    entries_of,
    running,
    texts_of,
    together,
)


@pytest.fixture
async def other(database: Database) -> AsyncIterator[Node]:
    """A second process, with a connection of its own."""
    async with running(database) as node:
        yield node


@pytest.fixture
def cleo(other: Node, hallway: str) -> Person:
    return Person(other, hallway, "cleo")


async def test_two_nodes_share_one_order_without_a_gap(
    database: Database, ana: Person, cleo: Person
) -> None:
    async def talks(who: Person) -> list[int]:
        return [(await who.sends(f"{who.name} {n}")).rev for n in range(40)]

    async with asyncio.timeout(20):
        ana_revs, cleo_revs = await asyncio.gather(talks(ana), talks(cleo))
    assert sorted(ana_revs + cleo_revs) == list(range(1, 81))
    assert ana_revs == sorted(ana_revs)
    assert cleo_revs == sorted(cleo_revs)
    texts = await texts_of(database, ana.stream)
    assert [t for t in texts if t.startswith("ana")] == [f"ana {n}" for n in range(40)]


async def test_the_same_message_over_two_nodes_at_once_is_one(
    database: Database, ana: Person, cleo: Person
) -> None:
    on_other = Person(cleo.node, ana.stream, "ana")
    for n in range(10):
        first, second = await together(ana.sends("hi", f"c{n}"), on_other.sends("hi", f"c{n}"))
        assert (first.id, first.rev) == (second.id, second.rev)
    await assert_contiguous(database, ana.stream, 10)


async def test_other_content_over_another_node_is_a_conflict(ana: Person, cleo: Person) -> None:
    on_other = Person(cleo.node, ana.stream, "ana")
    acks = await together(ana.sends("hi", "c1"), on_other.sends("ho", "c1"))
    assert sorted(type(ack).__name__ for ack in acks) == ["Committed", "Conflict"]
    assert any(isinstance(ack, Conflict) for ack in acks)


async def test_edits_of_one_item_over_two_nodes_all_count(
    database: Database, node: Node, ana: Person, cleo: Person
) -> None:
    sent = await ana.sends("0")

    async def react(who: Person) -> list[int]:
        submit = who.submits
        return [(await submit(who.reaction(sent.id, f"{who.name}{n}"))).rev for n in range(15)]

    async with asyncio.timeout(20):
        revs = await asyncio.gather(react(ana), react(cleo))
    assert sorted(revs[0] + revs[1]) == list(range(2, 32))
    item = await node.log.item(ana.stream, sent.id)
    assert item is not None
    assert item.rev == 31
    assert len(item.body["symbols"]) == 30


async def test_a_lone_writer_gets_on_beside_a_busy_node(ana: Person, cleo: Person) -> None:
    """Neither the appends nor the edits of the one starve beside the load of the other."""
    sent = await cleo.sends("0")
    enough = asyncio.Event()

    async def busy() -> None:
        while not enough.is_set():
            await together(*(ana.sends("load") for _ in range(20)))

    load = asyncio.create_task(busy())
    async with asyncio.timeout(20):
        for n in range(3):
            await cleo.sends(f"{n}")
            await cleo.edits(sent.id, f"{n}")
        enough.set()
        await load


async def test_the_head_never_goes_back(
    database: Database, node: Node, other: Node, ana: Person, cleo: Person
) -> None:
    heads: list[int] = []
    done = asyncio.Event()

    async def watch() -> None:
        while not done.is_set():
            heads.append(await node.log.head(ana.stream))
            heads.append((await node.log.heads([ana.stream, "nowhere"]))[ana.stream])

    watching = asyncio.create_task(watch())
    for n in range(20):
        acks = await together(ana.sends(f"a{n}"), cleo.sends(f"c{n}"))
        assert await node.log.head(ana.stream) >= max(ack.rev for ack in acks)
    done.set()
    await watching
    assert heads == sorted(heads)


async def test_a_cached_head_takes_no_older_answer(node: Node, ana: Person) -> None:
    heads = node.committer._attempt.heads
    await together(*(ana.sends(f"{n}") for n in range(5)))
    assert heads.note(ana.stream, 3) == 5
    assert await heads.of({ana.stream}) == {ana.stream: 5}


async def test_a_rev_that_is_taken_but_not_safe_yet_is_waited_for(
    database: Database, node: Node, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clash is there, the head that explains it is not: neither spin nor skip a rev."""
    await ana.sends("1")
    entries = await entries_of(database, ana.stream)
    await database.collection("entries").insert_one(
        entries[0] | {"_id": "foreign", "rev": 2, "client_id": "foreign", "latest": 2}
    )
    asked: list[int] = []
    head = node.log.head

    async def stale(stream: str) -> int:
        asked.append(await head(stream))
        return 1 if len(asked) < 6 else asked[-1]

    monkeypatch.setattr(node.log, "head", stale)
    sending = asyncio.create_task(ana.sends("3"))
    await eventually(lambda: len(asked) >= 3, "the head is read again")
    assert not sending.done()
    async with asyncio.timeout(WITHIN_S):
        assert (await sending).rev == 3
    assert len(asked) == 6
    await assert_contiguous(database, ana.stream, 3)


async def test_a_process_that_died_leaves_its_messages_to_be_sent_again(
    database: Database, hallway: str
) -> None:
    """Killed at any moment of a commit; the outboxes send everything again over another node."""
    for turns in (1, 2, 3, 5, 8, 13, 21):
        node = Node(database)
        node.start()
        ana = Person(node, f"{hallway}{turns}", "ana")
        sending = [asyncio.create_task(ana.sends(f"{n}", f"c{n}")) for n in range(30)]
        for _ in range(turns):
            await asyncio.sleep(0)
        if turns > 8:
            await eventually(lambda ana=ana: head_of(ana), "something is on disk")
        await node.crash()
        for task in sending:
            task.cancel()
        first = await together(*sending)
        async with running(database) as next_node:
            again = Person(next_node, ana.stream, "ana")
            acks = await together(*(again.sends(f"{n}", f"c{n}") for n in range(30)))
        for before, after in zip(first, acks, strict=True):
            if not isinstance(before, BaseException):
                assert (before.id, before.rev) == (after.id, after.rev)
        await assert_contiguous(database, ana.stream, 30)


async def head_of(who: Person) -> int:
    return await who.node.log.head(who.stream)
