"""Portions: what is too large for one frame comes in several, and nothing is left out."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.streams.models import Batch, Item, Page
from app.streams.portions import PORTION_BYTES, length, nearest, parts, shortened


def item(seq: int, length: int, rev: int | None = None) -> Item:
    now = datetime.now(UTC)
    return Item(
        id=str(seq), stream="room:r", seq=seq, rev=rev or seq, sender="ana",
        client_id=str(seq), at=now, body={"text": "x" * length},
    )  # fmt: skip


def size(item: Item) -> int:
    return len(item.body["text"])


@given(st.lists(st.sampled_from([10, 100_000, 400_000, 900_000]), max_size=12))
def test_parts_of_a_batch_continue_one_another_and_hold_everything(lengths: list[int]) -> None:
    items = [item(seq, length) for seq, length in enumerate(lengths, 5)]
    batch = Batch("room:r", 4, 40, items)
    found = list(parts(batch, size))
    assert [i for part in found for i in part.items] == items
    assert [part.prev for part in found] == [4, *(part.rev for part in found[:-1])]
    assert found[-1].rev == 40
    for part in found:
        assert len(part.items) <= 1 or sum(map(size, part.items)) <= PORTION_BYTES


def test_changes_are_cut_at_a_rev_that_can_be_continued_from() -> None:
    items = [item(1, 500_000, rev=7), item(5, 500_000, rev=8), item(9, 10)]
    page = shortened(Page(rev=9, items=items), size, is_snapshot=False)
    assert ([i.seq for i in page.items], page.rev, page.more) == ([1], 7, True)


def test_snapshot_keeps_the_newest_and_its_rev() -> None:
    items = [item(5, 500_000), item(9, 500_000), item(1, 10, rev=12)]
    page = shortened(Page(rev=12, items=items), size, is_snapshot=True)
    assert ([i.seq for i in page.items], page.rev) == ([9], 12)
    assert (page.more, page.older) == (False, True)


def test_page_keeps_what_is_next_to_the_place_asked_for() -> None:
    items = [item(seq, 300_000) for seq in range(1, 6)]
    assert [i.seq for i in nearest(items, size, is_forward=False)] == [4, 5]
    assert [i.seq for i in nearest(items, size, is_forward=True)] == [1, 2]


def test_a_length_is_that_of_the_text_in_json() -> None:
    assert [length(text) for text in ("", "abc", 'a"b\\', "\n", "ü", "漢", "😀")] == [
        2, 5, 8, 4, 4, 5, 6
    ]  # fmt: skip
