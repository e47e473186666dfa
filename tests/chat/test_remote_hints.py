"""Nodes tell each other how far people have read, whatever the order in which hints arrive."""

from types import SimpleNamespace
from typing import Any

import pytest

from app.chat.ephemeral_events import EphemeralEvents
from app.chat.models import Membership, Reading, Room
from app.chat.remote_hints import READ, RemoteHints
from app.chat.room_view import RoomObserver, RoomView
from app.chat.typing import Typing
from tests.harness.waiting import eventually
from tests.streams.test_remote_commits import Wire


class Node:
    """A node with one room, in which ben and cleo have read up to 5."""

    def __init__(self, wire: Wire) -> None:
        self.view = RoomView(RoomObserver())
        self.view.room = Room(id="r1", slug="r1", name="R1", kind="open", owner="ana")
        self.view.members = {u: Membership(user=u, read_seq=5) for u in ("ben", "cleo")}
        views: Any = SimpleNamespace(of_stream=lambda _: self.view, observer=None)
        nothing: Any = SimpleNamespace()
        typing = Typing(lambda: 0.0)
        self.ephemeral = EphemeralEvents(views, nothing, nothing, nothing, nothing, nothing)
        bus = wire.bus()
        bus.follow(self.view.room.stream)
        RemoteHints(bus, views, typing, self.ephemeral)

    def reads(self, user_id: str, seq: int) -> None:
        self.view.mark_read(user_id, seq)
        self.ephemeral.read(self.view, user_id)

    def marks_unread(self, user_id: str, reading: Reading) -> None:
        self.view.take_reading(user_id, reading)
        self.ephemeral.unread(self.view, user_id)

    @property
    def ben(self) -> Reading:
        return self.view.members["ben"].reading


MARKED = Reading(unread_marks=1, read_seq=3)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def nodes(wire: Wire) -> list[Node]:
    return [Node(wire), Node(wire), Node(wire)]


async def all_are_told(wire: Wire) -> None:
    await eventually(lambda: READ in {hint.kind for hint in wire.waiting}, "the reads are told")
    wire.passes()


async def test_reading_on_one_node_is_known_on_the_others(wire: Wire, nodes: list[Node]) -> None:
    nodes[0].reads("ben", 9)
    await all_are_told(wire)
    assert [node.ben for node in nodes] == [Reading(0, 9)] * 3


async def test_what_was_read_before_a_heard_mark_of_unread_is_not_told(
    wire: Wire, nodes: list[Node]
) -> None:
    nodes[1].reads("ben", 9)
    nodes[1].reads("cleo", 9)
    nodes[0].marks_unread("ben", MARKED)
    wire.passes()
    await eventually(lambda: bool(wire.waiting), "the reads are told")
    assert [b"ben" in hint.data for hint in wire.waiting] == [False]
    wire.passes()
    assert [node.ben for node in nodes] == [MARKED] * 3
    assert [node.view.read_seq("cleo") for node in nodes] == [9] * 3


async def test_what_was_read_before_a_mark_of_unread_may_arrive_after_it(
    wire: Wire, nodes: list[Node]
) -> None:
    nodes[1].reads("ben", 9)
    await eventually(lambda: bool(wire.waiting), "the read is told")
    nodes[0].marks_unread("ben", MARKED)
    wire.passes(1, 0)
    assert [node.ben for node in nodes] == [MARKED] * 3
    nodes[2].reads("ben", 4)
    await all_are_told(wire)
    assert [node.ben for node in nodes] == [Reading(1, 4)] * 3


async def test_nothing_is_told_of_somebody_who_has_left(wire: Wire, nodes: list[Node]) -> None:
    del nodes[0].view.members["ben"]
    nodes[0].reads("ben", 9)
    nodes[0].reads("cleo", 9)
    await eventually(lambda: bool(wire.waiting), "the read is told")
    assert b"ben" not in wire.waiting[0].data
