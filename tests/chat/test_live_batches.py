"""Changes of old messages are gathered in a large room, and nobody misses one."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from app.chat.large_rooms import Pauses
from app.chat.live_batches import LiveBatches
from app.chat.models import Membership, Room
from app.chat.room_view import RoomObserver, RoomView
from app.chat.serializer import LIVE
from app.realtime.server_event import Event
from app.streams.models import Batch, Item

STREAM = "room:r1"


def item(seq: int, rev: int) -> Item:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Item(
        id=f"m{seq}", stream=STREAM, seq=seq, rev=rev, sender="ana", client_id="c", at=at, body={}
    )


def message(rev: int) -> Batch:
    return Batch(STREAM, rev - 1, rev, [item(rev, rev)])


def change(rev: int, of: int = 1) -> Batch:
    return Batch(STREAM, rev - 1, rev, [item(of, rev)])


Told = list[tuple[int, int, list[int]]]


class Hall:
    """A room of many; `told` has `(prev, rev, revs of the items)` that its follower got."""

    def __init__(self, size: int = 200) -> None:
        self.now = 0.0
        self.told: Told = []
        view = RoomView(RoomObserver())
        view.room = Room(id="r1", slug="r1", name="R1", kind="open", owner="ana")
        view.members = {f"p{n}": Membership(user=f"p{n}") for n in range(size)}
        views: Any = SimpleNamespace(of_stream=lambda _: view)
        hub: Any = SimpleNamespace(followers=lambda _: [self])
        serializer: Any = SimpleNamespace(events=lambda batch: [Event("messages", batch)])
        self.live = LiveBatches(views, hub, serializer, Pauses(lambda: self.now))

    def of(self, batch: Batch) -> Told:
        """The events of a batch for somebody who gets it now."""
        payloads = [event.payload for event in batch.encoded(LIVE, self.live.events)]
        return [(p.prev, p.rev, [each.rev for each in p.items]) for p in payloads]

    def deliver(self, batch: Batch) -> None:
        self.told += self.of(batch)


async def test_a_burst_of_changes_is_told_as_the_first_and_then_the_rest() -> None:
    hall = Hall()
    for rev in (2, 3, 4):
        hall.deliver(change(rev))
    await hall.live.tell()
    assert hall.told == [(1, 2, [2])]
    hall.now += 0.3
    await hall.live.tell()
    await hall.live.tell()
    assert hall.told == [(1, 2, [2]), (2, 4, [4])]


async def test_a_message_waits_for_nothing_and_takes_changes_along() -> None:
    hall = Hall()
    for batch in (change(2), change(3), change(4, of=2), message(5)):
        hall.deliver(batch)
    assert hall.told == [(1, 2, [2]), (2, 5, [3, 4, 5])]


async def test_one_who_was_joining_meanwhile_gets_each_change() -> None:
    hall = Hall()
    held = [change(2), change(3), change(4)]
    for batch in held:
        hall.deliver(batch)
    # Not told yet: the one who joins gets it with the others.
    assert hall.of(held[1]) == []
    hall.now += 0.3
    await hall.live.tell()
    assert [hall.of(batch) for batch in held[1:]] == [[(2, 3, [3])], [(3, 4, [4])]]


async def test_the_sign_of_a_gap_takes_nothing_along() -> None:
    hall = Hall()
    hall.deliver(change(2))
    hall.deliver(change(3))
    assert hall.of(Batch(STREAM, 9, 9, [])) == [(9, 9, [])]
    hall.now += 0.3
    await hall.live.tell()
    assert hall.told[-1] == (2, 3, [3])


async def test_a_small_room_is_told_of_each_change() -> None:
    hall = Hall(size=100)
    for rev in (2, 3):
        hall.deliver(change(rev))
    assert hall.told == [(1, 2, [2]), (2, 3, [3])]
