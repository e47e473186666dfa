"""Reading the part of a room's history around one message or one moment."""

from datetime import datetime

from app.accounts.models import User
from app.chat.access import Access, must_be_readable
from app.chat.models import ReadContext
from app.chat.payload_types import ContextAnswer
from app.chat.room_view import RoomView
from app.chat.serializer import Serializer, size
from app.errors import Invalid, NotFound
from app.streams.log import Log
from app.streams.models import Item
from app.streams.page_reads import PageReads
from app.streams.portions import PORTION_BYTES, fitting


class MessageContext:
    """Answers `message:context`: a jump to a message, to a place in the history, or to a date."""

    def __init__(self, access: Access, log: Log, serializer: Serializer, reads: PageReads) -> None:
        self._access = access
        self._log = log
        self._serializer = serializer
        self._reads = reads

    async def around(self, caller: User, asked: ReadContext) -> tuple[RoomView, ContextAnswer]:
        """The messages around the one that `id`, `seq` or `at` names.

        Of `limit` messages about half are older ones; the answer is a contiguous part of the
        history. Raises Invalid, NotFound.
        """
        view = await self._access.readable(caller, asked.room)
        async with self._reads.hold(caller.id):
            return view, await self._around(caller, view, asked)

    async def _around(self, caller: User, view: RoomView, asked: ReadContext) -> ContextAnswer:
        seq = await self._seq(view, asked)
        stream, half = view.room.stream, asked.limit // 2
        before, older = await self._log.page(stream, asked.limit - half, before=seq + 1)
        after, newer = ([], True) if half == 0 else await self._log.page(stream, half, after=seq)
        kept_before = fitting(reversed(before), size, PORTION_BYTES // 2)[::-1]
        kept_after = fitting(after, size, PORTION_BYTES // 2)
        kept = [*kept_before, *kept_after]
        await self._serializer.warm(kept)
        must_be_readable(view, caller)
        return {
            "items": [self._serializer.message(item, caller.id) for item in kept],
            "older": older or len(kept_before) < len(before),
            "newer": newer or len(kept_after) < len(after),
            "seq": seq,
        }

    async def _seq(self, view: RoomView, asked: ReadContext) -> int:
        match (asked.id, asked.seq, asked.at):
            case (str() as item_id, None, None):
                item = await self._log.item(view.room.stream, item_id)
                if item is None:
                    raise NotFound("There is no such message.")
                return item.seq
            case (None, int() as seq, None):
                return min(seq, view.rev)
            case (None, None, datetime() as at):
                return await self._first_since(view, at)
        raise Invalid("Give exactly one of id, seq and at.", field="id")

    async def _first_since(self, view: RoomView, at: datetime) -> int:
        """The seq of the first message at or after a moment; of the last one where there is none.

        Messages have times in the order of their seqs, but for what clocks of nodes differ, so the
        place is found by halving: about 20 reads by the index in a room of a million messages.
        """
        stream, low, high = view.room.stream, 0, view.rev
        while low < high:
            middle = (low + high) // 2
            found = await self._next(stream, middle)
            if found is None or found.at >= at:
                high = middle
            else:
                low = found.seq
        found = await self._next(stream, low)
        return found.seq if found else view.rev

    async def _next(self, stream: str, after: int) -> Item | None:
        items, _ = await self._log.page(stream, 1, after=after)
        return items[0] if items else None
