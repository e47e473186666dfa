"""What a topic serves: its newest events, and what a cursor has missed of them.

Whoever fell behind the window is told so, with how many events that were: never a silent hole.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from app.streams.log import Log
from app.streams.models import Item, Page
from app.streams.portions import nearest, shortened
from app.topics.models import KEPT_AT_MOST, Topic
from app.topics.serializer import events_of, weight
from app.topics.store import EventStore

SNAPSHOT_EVENTS = 100
SYNC_EVENTS = 200


class Served(Struct, frozen=True, kw_only=True):
    """One answer. `lagged` events between the cursor and the first of `items` are gone."""

    page: Page
    lagged: int = 0

    def up_to(self, before: int) -> "Served":
        """The part before an exclusive seq, which ends there."""
        page = self.page
        if page.rev < before:
            return self
        items = [item for item in page.items if item.seq < before]
        cut = Page(rev=max(0, before - 1), items=items, older=page.older, reset=page.reset)
        return Served(page=cut, lagged=self.lagged)

    def shown(self) -> dict[str, Any]:
        """The sync answer."""
        page = self.page
        answer = {
            "rev": page.rev,
            "items": events_of(page.items),
            "more": page.more,
            "reset": page.reset,
            "older": page.older,
        }
        return answer | ({"lagged": self.lagged} if page.reset else {})


class TopicHistory:
    """Reads of topics. `count` is how many events a topic serves that does not say."""

    def __init__(
        self, log: Log, events: EventStore, clock: Callable[[], datetime], count: int
    ) -> None:
        self._log = log
        self._events = events
        self._clock = clock
        self.usual_count = count

    def count(self, topic: Topic) -> int:
        """How many events `topic` serves at most."""
        if topic.keep.count is not None:
            return topic.keep.count
        return self.usual_count if topic.keep.age_s is None else KEPT_AT_MOST

    async def sync(self, topic: Topic, cursor: int | None, limit: int = SYNC_EVENTS) -> Served:
        """What `cursor` has missed, or the newest events without one."""
        if cursor is None:
            return Served(page=await self.newest(topic, SNAPSHOT_EVENTS))
        head = await self._log.head(topic.stream)
        start = await self.start(topic, head, cursor)
        if cursor < start:
            return await self._late(topic, cursor, start, limit)
        if cursor > head or cursor < await self._log.floor(topic.stream):
            return Served(page=_reset(await self.newest(topic, SNAPSHOT_EVENTS)))
        return Served(page=_first(await self._log.since(topic.stream, cursor, limit)))

    async def _late(self, topic: Topic, cursor: int, start: int, limit: int) -> Served:
        """From where serving begins, page after page; after a restore just the newest."""
        if start < await self._log.floor(topic.stream):
            return Served(page=_reset(await self.newest(topic, SNAPSHOT_EVENTS)))
        page = _first(await self._log.since(topic.stream, start, limit))
        return Served(page=_reset(page), lagged=start - cursor)

    async def newest(self, topic: Topic, limit: int) -> Page:
        """The newest events, and the rev from which live batches continue."""
        rev = await self._log.head(topic.stream)
        limit = min(limit, self.count(topic))
        items, is_more = await self._log.page(topic.stream, limit, before=rev + 1)
        fresh = [item for item in items if self._is_fresh(topic, item)]
        kept = nearest(fresh, weight, is_forward=False)
        is_older = len(kept) < len(fresh)
        if is_more and len(kept) == len(items) < self.count(topic):
            is_older = True
        return Page(rev=rev, items=kept, older=is_older)

    async def earlier(self, topic: Topic, before: int, limit: int) -> Page:
        """The last events before an exclusive seq, of those that are served."""
        head = await self._log.head(topic.stream)
        start = await self.start(topic, head, 0)
        items, _ = await self._log.page(topic.stream, limit, before=before)
        kept = nearest([i for i in items if i.seq > start], weight, is_forward=False)
        return Page(rev=head, items=kept, older=bool(kept) and kept[0].seq > start + 1)

    def _is_fresh(self, topic: Topic, item: Item) -> bool:
        return topic.keep.age_s is None or item.at >= self._oldest(topic.keep.age_s)

    def _oldest(self, age_s: float) -> datetime:
        return self._clock() - timedelta(seconds=age_s)

    async def start(self, topic: Topic, head: int, cursor: int) -> int:
        """The highest rev that is no longer served, as far as it is beyond `cursor`."""
        start, count = 0, self.count(topic)
        # Most are not that far behind, and cost no query.
        if head - cursor > count:
            start = max(0, await self._events.nth_newest(topic.stream, count) - 1)
        if topic.keep.age_s is not None and cursor < head:
            oldest = self._oldest(topic.keep.age_s)
            first = await self._events.first_since(topic.stream, max(cursor, start), oldest)
            start = max(start, head if first is None else first - 1)
        return start


def _first(page: Page) -> Page:
    """As much of `page` from its beginning as one answer holds."""
    return shortened(page, weight, is_snapshot=False)


def _reset(page: Page) -> Page:
    return Page(rev=page.rev, items=page.items, more=page.more, older=page.older, reset=True)
