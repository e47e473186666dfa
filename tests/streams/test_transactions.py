"""Groups that touch existing items or a feature's own documents: all of it or none."""

import asyncio

import pytest
from msgspec.structs import replace
from pymongo import InsertOne, UpdateOne

from app.errors import Conflict, Forbidden, NotFound
from app.storage.mongo import Database
from app.streams.models import Item, Write
from tests.harness.waiting import WITHIN_S
from tests.streams.world import Node, Person, assert_contiguous, entries_of, texts_of, together

TAKEN = "There is such a name already."


def forbidden() -> None:
    raise Forbidden("You are not in this room any more.")


def names(name: str) -> Write:
    return Write(
        collection="names", operation=InsertOne({"_id": name}), conflict=TAKEN, field="name"
    )


async def test_an_edit_brings_its_item_up_to_date_under_a_new_rev(
    database: Database, node: Node, ana: Person
) -> None:
    sent = await ana.sends("hi")
    edited = await ana.edits(sent.id, "hello")
    assert (edited.id, edited.rev) == (sent.id, 2)
    item = await node.log.item(ana.stream, sent.id)
    assert item is not None
    assert (item.seq, item.rev, item.body["text"]) == (1, 2, "hello")
    batch = node.published[-1]
    assert (batch.prev, batch.rev, batch.items) == (1, 2, [item])
    await assert_contiguous(database, ana.stream, 2)


async def test_edits_of_one_item_in_one_group_follow_each_other(
    node: Node, ana: Person, ben: Person
) -> None:
    sent = await ana.sends("0")
    acks = await together(*(who.edits(sent.id, f"{n}") for n in (1, 2, 3) for who in (ana, ben)))
    assert [ack.rev for ack in acks] == [2, 3, 4, 5, 6, 7]
    item = await node.log.item(ana.stream, sent.id)
    assert item is not None
    assert (item.rev, item.body["text"]) == (7, "3")
    assert [len(batch.items) for batch in node.published] == [1, 1]


async def test_after_a_deletion_in_the_same_group_an_edit_is_refused(
    database: Database, node: Node, ana: Person
) -> None:
    sent = await ana.sends("hi")
    deleted, refusal, after = await together(
        ana.deletes(sent.id), ana.edits(sent.id, "ho"), ana.sends("on")
    )
    assert isinstance(refusal, NotFound)
    assert [deleted.rev, after.rev] == [2, 3]
    item = await node.log.item(ana.stream, sent.id)
    assert item is not None
    assert (item.deleted, item.body) == (True, {})
    await assert_contiguous(database, ana.stream, 3)


async def test_what_is_so_already_claims_nothing(database: Database, ana: Person) -> None:
    submit = ana.submits
    sent = await ana.sends("hi")
    await submit(ana.reaction(sent.id, "+"))
    again = await submit(ana.reaction(sent.id, "+"))
    assert (again.id, again.rev) == (sent.id, 2)
    await assert_contiguous(database, ana.stream, 2)


async def test_an_item_of_another_stream_is_not_found(node: Node, ana: Person) -> None:
    sent = await ana.sends("hi")
    elsewhere = Person(node, ana.stream + "2", "ana")
    with pytest.raises(NotFound):
        await elsewhere.edits(sent.id, "hello")


async def test_a_repeated_edit_gets_its_first_result(database: Database, ana: Person) -> None:
    sent = await ana.sends("hi")
    first = await ana.edits(sent.id, "hello", "e1")
    again = await ana.edits(sent.id, "hello", "e1")
    assert (again.id, again.rev, again.is_repeat) == (sent.id, first.rev, True)
    await assert_contiguous(database, ana.stream, 2)


async def test_a_repeated_edit_of_what_was_deleted_since_gets_its_first_result(
    ana: Person,
) -> None:
    sent = await ana.sends("hi")
    first = await ana.edits(sent.id, "hello", "e1")
    gone = await ana.deletes(sent.id, "d1")
    again, gone_again = await together(
        ana.edits(sent.id, "hello", "e1"), ana.deletes(sent.id, "d1")
    )
    assert (again.rev, again.is_repeat) == (first.rev, True)
    assert (gone_again.rev, gone_again.is_repeat) == (gone.rev, True)


async def test_a_repeat_in_a_group_of_edits_leaves_the_others_their_order(
    database: Database, ana: Person
) -> None:
    submit = ana.submits
    sent = await ana.sends("hi", "c1")
    await submit(ana.reaction(sent.id, "+", "r1"))
    acks = await together(
        submit(ana.reaction(sent.id, "+")),
        ana.deletes(sent.id),
        ana.sends("hi", "c1"),
        ana.edits(sent.id, "late"),
        ana.sends("on"),
    )
    assert acks[0].rev == 2
    assert acks[1].rev == 3
    assert (acks[2].rev, acks[2].is_repeat) == (1, True)
    assert isinstance(acks[3], NotFound)
    assert acks[4].rev == 4
    await assert_contiguous(database, ana.stream, 4)


async def test_an_unforeseen_failure_of_one_edit_spares_the_others(
    database: Database, node: Node, ana: Person
) -> None:
    sent = await ana.sends("hi")

    def crash(item: Item) -> Item:
        raise ZeroDivisionError

    broken = replace(ana.edit(sent.id, "x"), amend=crash)
    acks = await together(
        ana.sends("1"), ana.edits(sent.id, "2"), ana.submits(broken), ana.sends("3")
    )
    assert isinstance(acks[2], ZeroDivisionError)
    assert [acks[n].rev for n in (0, 1, 3)] == [2, 3, 4]
    await assert_contiguous(database, ana.stream, 4)


async def test_own_documents_change_with_their_entry(database: Database, ana: Person) -> None:
    await ana.sends("opened", writes=(names(f"a {ana.stream}"),))
    assert await database.collection("names").find_one({"_id": f"a {ana.stream}"})
    assert await texts_of(database, ana.stream) == ["opened"]


async def test_a_name_that_is_taken_refuses_its_change_and_no_other(
    database: Database, ana: Person
) -> None:
    name = f"b {ana.stream}"
    await ana.sends("first", writes=(names(name),))
    acks = await together(
        ana.sends("1"), ana.sends("second", writes=(names(name),)), ana.sends("2")
    )
    assert isinstance(acks[1], Conflict)
    assert (acks[1].message, acks[1].field) == (TAKEN, "name")
    assert await texts_of(database, ana.stream) == ["first", "1", "2"]
    await assert_contiguous(database, ana.stream, 3)


async def test_the_second_of_two_writes_that_clashes_gives_its_own_reason(ana: Person) -> None:
    name = f"c {ana.stream}"
    await ana.sends("first", writes=(names(name),))
    harmless = Write(
        collection="counts",
        operation=UpdateOne({"_id": name}, {"$inc": {"n": 1}}, upsert=True),
        conflict="This is not the reason.",
    )
    with pytest.raises(Conflict) as refusal:
        await ana.sends("second", writes=(harmless, names(name)))
    assert refusal.value.message == TAKEN
    assert await ana.node.database.collection("counts").find_one({"_id": name}) is None


async def test_a_refused_guard_writes_nothing_of_its_own(database: Database, ana: Person) -> None:
    name = f"d {ana.stream}"
    refusal, ack = await together(
        ana.sends("x", guard=forbidden, writes=(names(name),)), ana.sends("hi")
    )
    assert isinstance(refusal, Forbidden)
    assert ack.rev == 1
    assert await database.collection("names").find_one({"_id": name}) is None


async def test_a_clash_in_a_transaction_starts_it_anew(
    database: Database, node: Node, ana: Person
) -> None:
    """Another node has moved the head: the cached one is found to be wrong in the middle."""
    sent = await ana.sends("hi")
    foreign = Node(database)
    foreign.start()
    await Person(foreign, ana.stream, "cleo").sends("from elsewhere")
    async with asyncio.timeout(WITHIN_S):
        acks = await together(ana.edits(sent.id, "hello"), ana.sends("on"))
    assert [ack.rev for ack in acks] == [3, 4]
    await foreign.crash()
    await assert_contiguous(database, ana.stream, 4)


async def test_an_item_newer_than_its_head_is_never_overwritten(
    database: Database, ana: Person
) -> None:
    """A damaged log: refuse, do not spin, do not write half."""
    sent = await ana.sends("hi")
    await database.collection("entries").update_one({"_id": sent.id}, {"$set": {"latest": 99}})
    async with asyncio.timeout(WITHIN_S):
        refusal, ack = await together(ana.edits(sent.id, "hello"), ana.sends("on"))
    assert isinstance(refusal, RuntimeError)
    assert ack.rev == 2
    assert [e["kind"] for e in await entries_of(database, ana.stream)] == ["item", "item"]
