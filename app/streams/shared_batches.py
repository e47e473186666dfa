"""Batches on their way to other nodes: JSON, from which the same items come out. No I/O."""

from collections.abc import Sequence
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

_encode = json.Encoder().encode


class SentBatch(Struct, frozen=True, omit_defaults=True):
    """A batch as it is published; its stream is the topic."""

    prev: int
    rev: int
    items: Raw | None = None


class HeardBatch(Struct, frozen=True):
    """A batch as it arrives. Without items it has to be read from the log."""

    prev: int
    rev: int
    items: list[Item] | None = None

    def batch(self, stream: str) -> Batch | None:
        """The batch of the other node, None where its items were left out."""
        if self.items is None:
            return None
        return Batch(stream, self.prev, self.rev, [_restored(item) for item in self.items])


def shared(batch: Batch) -> SentBatch:
    """`batch` as it is published, encoded once."""
    return batch.encoded(BATCH, _shared)


def _shared(batch: Batch) -> SentBatch:
    items = _encoded(batch.items) if len(batch.items) <= WHOLE_ITEMS else None
    return SentBatch(batch.prev, batch.rev, items)


def _encoded(items: Sequence[Item]) -> Raw | None:
    try:
        encoded = _encode([replace(item, body=_plain(item.body)) for item in items])
    except TypeError:
        return None  # Something that JSON does not know: the log does.
    return Raw(encoded) if len(encoded) <= WHOLE_BYTES else None


def _plain(value: Any) -> Any:
    """`value` with its dates marked. Raises TypeError for what JSON would change."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return {DATE: value}
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(type(value).__name__)


def _restored(item: Item) -> Item:
    body = _with_dates(item.body)
    return item if body is item.body else replace(item, body=body)


def _with_dates(value: Any) -> Any:
    """`value` with its dates as such; the same object where it has none."""
    if isinstance(value, dict):
        if len(value) == 1 and isinstance(text := value.get(DATE), str):
            return datetime.fromisoformat(text)
        found = {name: _with_dates(each) for name, each in value.items()}
        return found if any(found[n] is not value[n] for n in found) else value
    if isinstance(value, list):
        listed = [_with_dates(each) for each in value]
        return listed if any(a is not b for a, b in zip(listed, value, strict=True)) else value
    return value
