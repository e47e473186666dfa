"""Changes that are committed along with another one: all of it or none, in each stream's order."""

from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from app.errors import NotFound
from app.storage.mongo import Database
from app.streams.models import Change, Item
from tests.streams.world import Node, Person, running


@dataclass
class Desk:
    """Ana writes in a room, and leaves a note in ben's inbox along with it."""

    ana: Person
    notes: Person

    def tells(self, text: str, client_id: str, note: str | None = None) -> Change:
        message = self.ana.message(text, client_id)
        return replace(message, along=(self.notes.message(text, note or client_id),))


def desk(node: Node) -> Desk:
    return Desk(Person(node, "room:r", "ana"), Person(node, "inbox:ben", "ana"))


async def texts(node: Node, stream: str) -> list[str]:
    items, _ = await node.log.page(stream, 100)
    return [item.body["text"] for item in items if not item.deleted]


async def test_both_are_there_and_both_are_delivered(database: Database) -> None:
    async with running(database) as node:
        at = desk(node)
        await node.committer.submit(at.tells("one", "1"))
        assert await texts(node, "room:r") == await texts(node, "inbox:ben") == ["one"]
        assert {(b.stream, b.prev, b.rev) for b in node.published} == {
            ("room:r", 0, 1),
            ("inbox:ben", 0, 1),
        }


async def test_a_refused_change_takes_what_comes_along_with_it(database: Database) -> None:
    def refuse() -> None:
        raise NotFound("The room was archived.")

    async with running(database) as node:
        change = replace(desk(node).tells("no", "1"), guard=refuse)
        with pytest.raises(NotFound):
            await node.committer.submit(change)
        assert await texts(node, "room:r") == await texts(node, "inbox:ben") == []


async def test_a_repeat_brings_nothing_along_again(database: Database) -> None:
    async with running(database) as node:
        at = desk(node)
        first = await node.committer.submit(at.tells("one", "1"))
        again = await node.committer.submit(at.tells("one", "1", note="another"))
        assert (again.id, again.is_repeat) == (first.id, True)
        assert await texts(node, "inbox:ben") == ["one"]


async def test_what_is_there_already_is_left_out_and_refuses_nothing(database: Database) -> None:
    async with running(database) as node:
        at = desk(node)
        await node.committer.submit(at.tells("one", "1", note="same"))
        await node.committer.submit(at.tells("two", "2", note="same"))
        assert await texts(node, "room:r") == ["one", "two"]
        assert await texts(node, "inbox:ben") == ["one"]


async def test_an_amendment_along_of_what_is_gone_refuses_nothing(database: Database) -> None:
    async with running(database) as node:
        at = desk(node)
        edit = at.notes.edit("0" * 24, "never was")
        await node.committer.submit(replace(at.ana.message("one", "1"), along=(edit,)))
        assert await texts(node, "room:r") == ["one"]


async def test_another_node_in_the_other_stream_makes_no_gap(database: Database) -> None:
    """The head of the stream that comes along is known to neither; both number again."""
    async with running(database) as here, running(database) as there:
        for number in range(5):
            await there.committer.submit(desk(there).notes.message(f"there {number}", f"t{number}"))
            await here.committer.submit(desk(here).tells(f"here {number}", f"h{number}"))
        items: list[Item] = (await here.log.since("inbox:ben", 0, 100)).items
        assert [item.seq for item in items] == list(range(1, 11))
