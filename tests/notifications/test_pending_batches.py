"""Batches that wait for their count: pure."""

from datetime import UTC, datetime

from app.notifications.pending_batches import ITEMS_AT_MOST, PendingBatches, merged
from app.streams.models import Batch, Item


def item(name: str, rev: int) -> Item:
    return Item(
        id=name,
        stream="inbox:ana",
        seq=rev,
        rev=rev,
        sender="",
        client_id=name,
        at=datetime(2026, 3, 1, tzinfo=UTC),
        body={},
    )


def batch(prev: int, rev: int, *names: str) -> Batch:
    return Batch("inbox:ana", prev, rev, [item(n, rev) for n in names])


def test_only_what_ends_at_the_count_is_told() -> None:
    pending = PendingBatches()
    pending.add(batch(0, 2, "a"))
    pending.add(batch(2, 3, "b"))
    pending.add(batch(3, 5, "c"))
    told = pending.take(3)
    assert told is not None
    assert (told.prev, told.rev, [i.id for i in told.items]) == (0, 3, ["a", "b"])
    assert pending.take(4) is None
    assert pending.rev == 5
    assert pending


def test_a_count_between_two_ends_tells_nothing() -> None:
    pending = PendingBatches()
    pending.add(batch(0, 3, "a"))
    assert pending.take(2) is None
    assert pending.take(3) is not None
    assert not pending


def test_an_item_that_changed_again_is_told_as_it_is_last() -> None:
    told = merged([batch(0, 1, "a"), batch(1, 2, "b"), batch(2, 3, "a")])
    assert [(i.id, i.rev) for i in told.items] == [("b", 2), ("a", 3)]


def test_too_much_becomes_a_gap_that_everyone_notices() -> None:
    pending = PendingBatches()
    for rev in range(1, ITEMS_AT_MOST + 2):
        pending.add(batch(rev - 1, rev, f"n{rev}"))
    told = pending.take(ITEMS_AT_MOST + 1)
    assert told is not None
    assert told.prev == told.rev == ITEMS_AT_MOST + 1
    assert told.items == []
