"""Reads the messages of a list in portions: 200 long ones are tens of megabytes in memory."""

from collections.abc import AsyncIterator, Callable, Sequence

from app.chat.serializer import size
from app.streams.log import Log
from app.streams.models import Item
from app.streams.portions import PORTION_BYTES

READ_AT_ONCE = 25

Wanted = Callable[[Item], bool]


async def first_fitting(
    log: Log, ids: Sequence[str], is_wanted: Wanted, *, beside: int = 0
) -> tuple[list[Item], bool]:
    """The first wanted messages, in the order of `ids`, that fit into one answer, always one; and
    whether there are more. `beside` is how many bytes the answer has for each beside the message.
    """
    kept, left = list[Item](), PORTION_BYTES
    async for item in _wanted(log, ids, is_wanted):
        left -= size(item) + beside
        if kept and left < 0:
            return kept, True
        kept.append(item)
    return kept, False


async def wanted_ids(log: Log, ids: Sequence[str], is_wanted: Wanted) -> list[str]:
    """Those of `ids` whose messages are wanted, in their order."""
    return [item.id async for item in _wanted(log, ids, is_wanted)]


async def _wanted(log: Log, ids: Sequence[str], is_wanted: Wanted) -> AsyncIterator[Item]:
    for start in range(0, len(ids), READ_AT_ONCE):
        portion = ids[start : start + READ_AT_ONCE]
        found = {item.id: item for item in await log.items(portion)}
        for item_id in portion:
            if item_id in found and is_wanted(found[item_id]):
                yield found[item_id]
