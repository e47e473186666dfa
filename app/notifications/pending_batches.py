"""Batches of one inbox that wait until their unread count is known. Bounded, no I/O."""

from app.streams.models import Batch, Item

ITEMS_AT_MOST = 200


class PendingBatches:
    """Batches that were delivered and not sent yet, in the order of revs.

    Beyond ITEMS_AT_MOST their items are dropped: the next batch then shows a gap, and clients sync.
    """

    def __init__(self) -> None:
        self._batches: list[Batch] = []
        self._items = 0

    def __bool__(self) -> bool:
        return bool(self._batches)

    @property
    def rev(self) -> int:
        """The rev of the latest batch; 0 if nothing waits."""
        return self._batches[-1].rev if self._batches else 0

    def add(self, batch: Batch) -> None:
        """Append the next batch of the stream."""
        self._batches.append(batch)
        self._items += len(batch.items)
        if self._items > ITEMS_AT_MOST:
            # Its `prev` is beyond the cursor of every client, so that they sync.
            self._batches = [Batch(batch.stream, batch.rev, batch.rev, [])]
            self._items = 0

    def reaches(self, rev: int) -> bool:
        """Whether a batch ends exactly at `rev`."""
        return any(batch.rev == rev for batch in self._batches)

    def take(self, rev: int) -> Batch | None:
        """Remove all batches up to `rev` and return them as one; None if none ends there."""
        if not self.reaches(rev):
            return None
        ready = [batch for batch in self._batches if batch.rev <= rev]
        self._batches = self._batches[len(ready) :]
        self._items = sum(len(batch.items) for batch in self._batches)
        return merged(ready)


def merged(batches: list[Batch]) -> Batch:
    """Consecutive batches as one, each item as in the last batch that holds it."""
    latest: dict[str, Item] = {item.id: item for batch in batches for item in batch.items}
    items = sorted(latest.values(), key=lambda item: item.rev)
    return Batch(batches[0].stream, batches[0].prev, batches[-1].rev, items)
