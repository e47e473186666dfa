"""Reads the history of topics: the newest events, and those that a cursor has missed.

A topic serves a window, its newest events by number or age. A cursor from before the window gets
`reset` and how many events it `lagged`: never a silent hole.
"""

from datetime import datetime, timedelta

from msgspec import Struct

from app.streams.log import Log
from app.streams.models import Item, Page
from app.streams.portions import nearest, shortened
from app.times import Clock
from app.topics.models import KEPT_AT_MOST, Topic
from app.topics.serializer import Shown, events_of, weight
from app.topics.store import EventStore

SNAPSHOT_EVENTS = 100
SYNC_EVENTS = 200


class Served(Struct, frozen=True, kw_only=True):
    """A page; `lagged` events between the cursor and its first item are gone."""

    page: Page
    lagged: int = 0

    def up_to(self, before: int) -> "Served":
        """The part of the page before an exclusive seq."""
        page = self.page
        if page.rev < before:
            return self
        items = [item for item in page.items if item.seq < before]
        cut = Page(rev=max(0, before - 1), items=items, older=page.older, reset=page.reset)
        return Served(page=cut, lagged=self.lagged)

    def shown(self) -> Shown:
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
    """`count` is how many events a topic serves by default."""

    def __init__(self, log: Log, events: EventStore, clock: Clock, count: int) -> None:
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
        """The events after `cursor`, or the newest ones without a cursor. Raises DatabaseError."""
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
        """A page from where serving begins; after a restore just the newest events."""
        if start < await self._log.floor(topic.stream):
            return Served(page=_reset(await self.newest(topic, SNAPSHOT_EVENTS)))
        page = _first(await self._log.since(topic.stream, start, limit))
        return Served(page=_reset(page), lagged=start - cursor)

    async def newest(self, topic: Topic, limit: int) -> Page:
        """At most `limit` of the newest events, and the rev from which live batches continue."""
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
        """The last `limit` served events before an exclusive seq."""
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
        """The highest rev that is no longer served, as far as it is beyond `cursor`; else 0."""
        start, count = 0, self.count(topic)
        # Most cursors are nearer than that, and cost no query.
        if head - cursor > count:
            start = max(0, await self._events.nth_newest(topic.stream, count) - 1)
        if topic.keep.age_s is not None and cursor < head:
            oldest = self._oldest(topic.keep.age_s)
            first = await self._events.first_since(topic.stream, max(cursor, start), oldest)
            start = max(start, head if first is None else first - 1)
        return start


def _first(page: Page) -> Page:
    """The beginning of `page`, as much as fits into one frame."""
    return shortened(page, weight, is_snapshot=False)


def _reset(page: Page) -> Page:
    return Page(rev=page.rev, items=page.items, more=page.more, older=page.older, reset=True)
