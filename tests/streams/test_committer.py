"""One committer: claims, repeats, refusals, defects, the bounded queue and the end."""

import asyncio

import pytest
from msgspec.structs import replace

from app.errors import Conflict, Forbidden, NotFound, Unavailable
from app.storage.mongo import Database
from app.streams.models import Batch
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


def forbidden() -> None:
    raise Forbidden("You are not in this room any more.")


def broken() -> None:
    raise KeyError("unforeseen")


async def test_messages_claim_revs_in_the_order_of_submission(
    database: Database, ana: Person, hallway: str
) -> None:
    acks = await together(*(ana.sends(f"{n}") for n in range(1_000)))
    assert [ack.rev for ack in acks] == list(range(1, 1_001))
    assert await texts_of(database, hallway) == [f"{n}" for n in range(1_000)]


async def test_an_acknowledged_message_is_on_disk_and_was_delivered(
    node: Node, ana: Person, hallway: str
) -> None:
    committed = await ana.sends("hi")
    assert [(b.prev, b.rev, [i.id for i in b.items]) for b in node.published] == [
        (0, 1, [committed.id])
    ]
    item = await node.log.item(hallway, committed.id)
    assert item is not None
    assert (item.seq, item.rev, item.body) == (1, 1, {"text": "hi"})


async def test_a_group_is_one_batch_for_each_stream(node: Node, ana: Person, ben: Person) -> None:
    elsewhere = Person(node, ana.stream + "2", "cleo")
    await together(ana.sends("1"), elsewhere.sends("2"), ben.sends("3"))
    assert sorted((b.stream, b.prev, b.rev, len(b.items)) for b in node.published) == [
        (ana.stream, 0, 2, 2),
        (elsewhere.stream, 0, 1, 1),
    ]


async def test_a_repeat_gets_the_first_result(database: Database, ana: Person) -> None:
    first = await ana.sends("hi", client_id="c1")
    await ana.sends("there")
    again = await ana.sends("hi", client_id="c1")
    assert (again.id, again.rev, again.is_repeat) == (first.id, first.rev, True)
    await assert_contiguous(database, ana.stream, 2)


async def test_the_same_client_id_twice_at_once_is_one_message(
    database: Database, ana: Person
) -> None:
    first, second = await together(ana.sends("hi", "c1"), ana.sends("hi", "c1"))
    assert (first.id, first.rev) == (second.id, second.rev)
    assert [first.is_repeat, second.is_repeat] == [False, True]
    await assert_contiguous(database, ana.stream, 1)


@pytest.mark.parametrize("at_once", [True, False])
async def test_other_content_under_one_client_id_is_a_conflict(ana: Person, at_once: bool) -> None:
    if at_once:
        _, refusal = await together(ana.sends("hi", "c1"), ana.sends("ho", "c1"))
    else:
        await ana.sends("hi", "c1")
        (refusal,) = await together(ana.sends("ho", "c1"))
    assert isinstance(refusal, Conflict)
    assert refusal.field == "client_id"


async def test_a_repeat_of_what_was_edited_since_is_no_conflict(ana: Person) -> None:
    first = await ana.sends("hi", "c1")
    await ana.edits(first.id, "hello")
    again = await ana.sends("hi", "c1")
    assert (again.id, again.rev) == (first.id, 1)


async def test_the_client_ids_of_two_people_do_not_meet(ana: Person, ben: Person) -> None:
    assert [c.rev for c in await together(ana.sends("a", "c1"), ben.sends("b", "c1"))] == [1, 2]


async def test_repeats_among_new_messages_leave_no_gap(database: Database, ana: Person) -> None:
    await together(*(ana.sends(f"{n}", f"c{n}") for n in range(0, 60, 3)))
    acks = await together(*(ana.sends(f"{n}", f"c{n}") for n in range(60)))
    assert [ack.is_repeat for ack in acks] == [n % 3 == 0 for n in range(60)]
    assert len({ack.rev for ack in acks}) == 60
    await assert_contiguous(database, ana.stream, 60)


async def test_a_refused_guard_leaves_no_entry_and_no_gap(database: Database, ana: Person) -> None:
    acks = await together(
        ana.sends("1"), ana.sends("secret", guard=forbidden), ana.sends("2"), ana.sends("3")
    )
    assert isinstance(acks[1], Forbidden)
    assert await texts_of(database, ana.stream) == ["1", "2", "3"]
    await assert_contiguous(database, ana.stream, 3)


async def test_what_cannot_be_stored_takes_no_neighbour_with_it(
    database: Database, ana: Person
) -> None:
    unstorable = ana.message("x")
    assert unstorable.body is not None
    unstorable.body["text"] = object()
    acks = await together(
        *(ana.sends(f"{n}") for n in range(5)),
        ana.submits(unstorable),
        ana.sends("y", guard=broken),
        *(ana.sends(f"{n}") for n in range(5, 10)),
    )
    assert [type(ack).__name__ for ack in acks if isinstance(ack, Exception)] == [
        "InvalidDocument",
        "KeyError",
    ]
    assert await texts_of(database, ana.stream) == [f"{n}" for n in range(10)]
    await assert_contiguous(database, ana.stream, 10)


async def test_a_guard_is_asked_although_a_neighbour_has_a_defect(
    database: Database, ana: Person
) -> None:
    acks = await together(
        ana.sends("secret", guard=forbidden), ana.sends("y", guard=broken), ana.sends("hi")
    )
    assert isinstance(acks[0], Forbidden)
    assert await texts_of(database, ana.stream) == ["hi"]


async def test_an_id_that_is_taken_is_refused_and_stops_nobody(ana: Person) -> None:
    first = ana.message("hi")
    await ana.submits(first)
    same_id = replace(Person(ana.node, ana.stream + "2", "ben").message("ho"), id=first.id)
    async with asyncio.timeout(WITHIN_S):
        refusal, ack = await together(ana.submits(same_id), ana.sends("on"))
    assert isinstance(refusal, RuntimeError)
    assert ack.rev == 2


async def test_a_cancelled_sender_does_not_take_the_message_back(
    database: Database, ana: Person
) -> None:
    sending = asyncio.create_task(ana.sends("hi", "c1"))
    await asyncio.sleep(0)
    sending.cancel()
    await together(sending)
    again = await ana.sends("hi", "c1")
    assert again.rev == 1
    await assert_contiguous(database, ana.stream, 1)


async def test_a_full_queue_refuses_at_once_and_loses_nothing_of_what_it_took(
    database: Database, hallway: str
) -> None:
    async with running(database, capacity=50) as node:
        ana = Person(node, hallway, "ana")
        acks = await together(*(ana.sends(f"{n}") for n in range(80)))
        taken, refused = acks[:50], acks[50:]
        assert all(isinstance(r, Unavailable) and r.retry_after for r in refused)
        assert [t.rev for t in taken] == list(range(1, 51))
        assert (await ana.sends("now")).rev == 51
        assert node.committer.waiting == 0
    assert len(await entries_of(database, hallway)) == 51


async def test_a_deliverer_that_fails_costs_no_acknowledgement(node: Node, ana: Person) -> None:
    class Broken:
        def deliver(self, batch: Batch) -> None:
            raise ValueError(f"a defect at {batch.rev}")

    seen: list[int] = []

    class Sound:
        def deliver(self, batch: Batch) -> None:
            seen.append(batch.rev)

    for follower in (Broken(), Sound()):
        node.hub.follow(ana.stream, follower)
        assert node.hub.release(ana.stream, follower, 0)
    assert [(await ana.sends(text)).rev for text in "ab"] == [1, 2]
    assert seen == [1, 2]


async def test_a_crash_in_delivery_does_not_stop_the_committer(
    database: Database, hallway: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(batch: Batch) -> None:
        raise ValueError("a defect")

    async with running(database) as node:
        monkeypatch.setattr(node.committer, "_deliver", defect)
        ana = Person(node, hallway, "ana")
        assert [(await ana.sends(text)).rev for text in "ab"] == [1, 2]


async def test_finishing_commits_what_is_queued_and_takes_nothing_new(
    database: Database, node: Node, ana: Person
) -> None:
    sending = [asyncio.create_task(ana.sends(f"{n}")) for n in range(20)]
    await asyncio.sleep(0)
    await node.committer.finish(5.0)
    assert [task.result().rev for task in sending] == list(range(1, 21))
    with pytest.raises(Unavailable):
        await ana.sends("late")
    await eventually(node.running.done, "the committer has ended")


async def test_a_cancelled_committer_leaves_no_one_waiting_in_its_queue(
    node: Node, ana: Person
) -> None:
    await ana.sends("warm")
    first = asyncio.create_task(ana.sends("in flight"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    queued = asyncio.create_task(ana.sends("queued"))
    await asyncio.sleep(0)
    node.running.cancel()
    (refusal,) = await together(queued)
    assert isinstance(refusal, Unavailable)
    first.cancel()
    with pytest.raises(Unavailable):
        await ana.sends("after")


async def test_an_edit_of_what_is_not_there_is_not_found(ana: Person) -> None:
    with pytest.raises(NotFound):
        await ana.edits("0" * 24, "hello")
