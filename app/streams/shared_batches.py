"""Batches on their way to other nodes: JSON, from which the same items come out. No I/O."""

from datetime import datetime
from typing import Any

from msgspec import Raw, Struct, json
from msgspec.structs import replace

from app.streams.models import Batch, Item

BATCH = "batch"
# A longer one travels without its items: the others read them from the log.
WHOLE_BYTES = 8 * 1024
WHOLE_ITEMS = 64
# JSON has no dates: those in bodies travel as {DATE: text}.
DATE = "$date"
PLAIN = frozenset({str, int, float, bool, type(None)})

_encode = json.Encoder().encode


class SentBatch(Struct, frozen=True, omit_defaults=True):
    """A batch as it is published; its stream is the topic. `dates`: bodies have marked dates."""

    prev: int
    rev: int
    items: Raw | None = None
    dates: bool = False


class HeardBatch(Struct, frozen=True):
    """A batch as it arrives. Without items it has to be read from the log."""

    prev: int
    rev: int
    items: list[Item] | None = None
    dates: bool = False

    def batch(self, stream: str) -> Batch | None:
        """The batch of the other node, None where its items were left out."""
        if self.items is None:
            return None
        items = list(map(_restored, self.items)) if self.dates else self.items
        return Batch(stream, self.prev, self.rev, items)


def shared(batch: Batch) -> SentBatch:
    """`batch` as it is published, encoded once."""
    return batch.encoded(BATCH, _shared)


def _shared(batch: Batch) -> SentBatch:
    items = batch.items
    if len(items) > WHOLE_ITEMS:
        return SentBatch(batch.prev, batch.rev)
    try:
        # Hot path: few bodies have dates, and the others are encoded as they are.
        has_dates = sum([_has_dates(item.body) for item in items]) > 0
    except TypeError:
        return SentBatch(batch.prev, batch.rev)  # Something that JSON does not know: the log does.
    if has_dates:
        items = [replace(item, body=_marked(item.body)) for item in items]
    encoded = _encode(items)
    if len(encoded) > WHOLE_BYTES:
        return SentBatch(batch.prev, batch.rev)
    return SentBatch(batch.prev, batch.rev, Raw(encoded), has_dates)


def _has_dates(value: Any) -> bool:
    """Whether a date is anywhere in `value`. Raises TypeError for what JSON would change."""
    kind = type(value)
    if kind is dict:
        parts = value.values()
    elif kind is list or kind is tuple:
        parts = value
    elif kind in PLAIN or isinstance(value, datetime):
        return kind not in PLAIN
    else:
        raise TypeError(kind.__name__)
    found = False
    for each in parts:
        if type(each) not in PLAIN and _has_dates(each):
            found = True  # The rest is looked at too: it may hold something that JSON changes.
    return found


def _marked(value: Any) -> Any:
    """`value` with its dates marked."""
    if isinstance(value, dict):
        return {name: _marked(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(each) for each in value]
    return {DATE: value} if isinstance(value, datetime) else value


def _restored(item: Item) -> Item:
    return replace(item, body=_with_dates(item.body))


def _with_dates(value: Any) -> Any:
    """`value` with the marked dates as dates."""
    if isinstance(value, dict):
        if len(value) == 1 and isinstance(text := value.get(DATE), str):
            return datetime.fromisoformat(text)
        return {name: _with_dates(each) for name, each in value.items()}
    return [_with_dates(each) for each in value] if isinstance(value, list) else value
