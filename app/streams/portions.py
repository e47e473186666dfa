"""Splits answers and batches into portions that fit into one frame. No I/O.

Clients refuse long frames: the `websockets` library over 1 MiB, aiohttp and with it the official
Python client over 4 MiB. A client that got one again after each reconnect would never get further.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from app.streams.models import Batch, Item, Page

# The rest of 1 MiB is for what comes with the items, such as the members of a room.
PORTION_BYTES = 768 * 1024

T = TypeVar("T")

Size = Callable[[T], int]
"""About how many bytes an item takes on the wire."""

_encode = msgspec.json.Encoder().encode


def length(text: str) -> int:
    """How many bytes `text` takes in JSON."""
    return len(_encode(text))


def fitting(items: Iterable[T], size: Size[T], at_most: int = PORTION_BYTES) -> list[T]:
    """As many of the first ones as fit into `at_most` bytes; always one."""
    kept: list[T] = []
    room = at_most
    for item in items:
        room -= size(item)
        if kept and room < 0:
            break
        kept.append(item)
    return kept


def nearest(items: Sequence[T], size: Size[T], *, is_forward: bool) -> list[T]:
    """The first items that fit, or with `is_forward=False` the last ones, in their order."""
    return fitting(items, size) if is_forward else fitting(reversed(items), size)[::-1]


def parts(batch: Batch, size: Size[Item]) -> Iterator[Batch]:
    """A batch as several consecutive ones, each of which fits into one frame."""
    left, prev = batch.items, batch.prev
    while len(left) > 1:
        kept = fitting(left, size)
        left = left[len(kept) :]
        rev = kept[-1].rev if left else batch.rev
        yield Batch(batch.stream, prev, rev, kept)
        prev = rev
    if left or not batch.items:
        yield Batch(batch.stream, prev, batch.rev, left)


def shortened(page: Page, size: Size[Item], *, is_snapshot: bool) -> Page:
    """The part of a sync answer that fits: the earliest changes, or a snapshot's newest items."""
    if is_snapshot:
        kept = fitting(sorted(page.items, key=lambda item: -item.seq), size)
        if len(kept) == len(page.items):
            return page
        return replace(page, items=sorted(kept, key=lambda item: item.rev), older=True)
    kept = fitting(page.items, size)
    if len(kept) == len(page.items):
        return page
    # All items that changed up to there are in the answer, or changed again later.
    return replace(page, items=kept, rev=kept[-1].rev, more=True)
