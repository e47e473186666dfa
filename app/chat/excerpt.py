"""Answers of a bearable size: as many messages as fit, and word that there are more. No I/O."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from app.streams.models import Batch, Item, Page

ANSWER_CHARACTERS = 512 * 1024


def size(item: Item) -> int:
    """About how long a message is on the wire."""
    return 300 + len(item.body.get("text", "")) + len(item.body.get("html", ""))


def fitting(items: Iterable[Item]) -> list[Item]:
    """As many of the first ones as fit; always one."""
    kept: list[Item] = []
    room = ANSWER_CHARACTERS
    for item in items:
        room -= size(item)
        if kept and room < 0:
            break
        kept.append(item)
    return kept


def parts(batch: Batch) -> Iterator[Batch]:
    """A batch as several that continue one another, none of them too large for one event."""
    left, prev = batch.items, batch.prev
    while left:
        kept = fitting(left)
        left = left[len(kept) :]
        rev = kept[-1].rev if left else batch.rev
        yield Batch(batch.stream, prev, rev, kept)
        prev = rev
    if not batch.items:
        yield batch


def nearest(items: Sequence[Item], *, is_forward: bool) -> list[Item]:
    """Of a page in seq order, what fits next to the place that was asked for."""
    return fitting(items) if is_forward else fitting(reversed(items))[::-1]


def shortened(page: Page, *, is_snapshot: bool) -> Page:
    """What fits of a sync answer: of changes the earliest, of a snapshot the newest messages."""
    if is_snapshot:
        kept = fitting(sorted(page.items, key=lambda item: -item.seq))
        if len(kept) == len(page.items):
            return page
        return replace(page, items=sorted(kept, key=lambda item: item.rev), older=True)
    kept = fitting(page.items)
    if len(kept) == len(page.items):
        return page
    # Whatever changed up to there is in the answer, or changed again later.
    return replace(page, items=kept, rev=kept[-1].rev, more=True)
