"""A room in memory follows the entries of its stream."""

from datetime import UTC, datetime
from typing import Any

from app.chat.models import Membership, Reading, Room
from app.chat.room_view import RoomObserver, RoomView
from app.streams.models import Batch, Item


def room() -> RoomView:
    view = RoomView(RoomObserver())
    view.room = Room(id="r1", slug="r1", name="R1", kind="open", owner="ana")
    return view


def apply(view: RoomView, rev: int, **system: Any) -> None:
    """Deliver one system message."""
    item = Item(
        id=f"m{rev}",
        stream="room:r1",
        seq=rev,
        rev=rev,
        sender="ana",
        client_id=f"c{rev}",
        at=datetime(2026, 1, 2, tzinfo=UTC),
        body={"text": "", "html": "", "system": system},
    )
    view.deliver(Batch("room:r1", rev - 1, rev, [item]))


def test_members_come_and_go() -> None:
    view = room()
    apply(view, 1, kind="joined", user="ben", read_seq=0)
    apply(view, 2, kind="invited", user="cleo", by="ana", read_seq=1)
    assert view.members.keys() == {"ben", "cleo"}
    assert view.read_seq("cleo") == 1
    apply(view, 3, kind="left", user="ben")
    apply(view, 4, kind="removed", user="cleo", by="ana")
    assert (view.members, view.rev) == ({}, 4)


def test_what_a_member_has_read_already_stays_read() -> None:
    view = room()
    # The membership was read from the database after this entry was written.
    view.members["ben"] = Membership(user="ben", read_seq=7)
    apply(view, 5, kind="joined", user="ben", read_seq=4)
    assert view.read_seq("ben") == 7


def test_of_two_readings_the_one_after_more_marks_is_newer() -> None:
    view = room()
    view.members["ben"] = Membership(user="ben", read_seq=7)
    assert not view.take_reading("ben", Reading(0, 6))
    assert view.take_reading("ben", Reading(1, 3))
    assert not view.take_reading("ben", Reading(0, 9))
    assert view.take_reading("ben", Reading(1, 4))
    assert view.read_seq("ben") == 4
    # A second entry about the same member keeps it.
    apply(view, 5, kind="joined", user="ben", read_seq=1)
    assert view.members["ben"].reading == Reading(1, 4)
    assert not view.take_reading("cleo", Reading(1, 4))


def test_the_newest_message_is_the_last_activity() -> None:
    view = room()
    apply(view, 1, kind="joined", user="ben", read_seq=0)
    assert view.active_at is None
    at = [datetime(2026, 1, day, tzinfo=UTC) for day in (3, 4)]
    body = {"text": "hi", "html": "hi", "mentions": []}
    first, second = (
        Item(
            id=f"m{rev}",
            stream="room:r1",
            seq=rev,
            rev=rev,
            sender="ana",
            client_id=f"c{rev}",
            at=when,
            body=body,
        )
        for rev, when in zip((2, 3), at, strict=True)
    )
    view.deliver(Batch("room:r1", 1, 3, [first, second]))
    assert view.active_at == at[1]
    # The older one was edited.
    view.deliver(Batch("room:r1", 3, 4, [first]))
    assert view.active_at == at[1]


def test_settings_follow_their_entries() -> None:
    view = room()
    apply(view, 1, kind="renamed", fields={"name": "New"})
    apply(view, 2, kind="topic", fields={"topic": "planes"})
    apply(view, 3, kind="archived", fields={"archived": True})
    assert (view.room.name, view.room.topic, view.room.archived) == ("New", "planes", True)
    assert view.room.slug == "r1"


def test_the_mark_of_the_members_follows_each_change() -> None:
    view = room()
    assert view.members_mark == 0
    apply(view, 1, kind="joined", user="ben", read_seq=0)
    one = view.members_mark
    apply(view, 2, kind="joined", user="cleo", read_seq=0)
    apply(view, 3, kind="joined", user="cleo", read_seq=0)
    both = view.members_mark
    apply(view, 4, kind="left", user="cleo")
    assert (view.members_mark, len({0, one, both})) == (one, 3)
    view.reset(view.room, [Membership(user="cleo"), Membership(user="ben")], [], 4)
    assert view.members_mark == both
