"""Makes push jobs of new notifications, exactly one for each browser of the person.

The rev up to which an inbox was read is stored with each browser, and moves after the jobs are
stored. So a process that dies in between loses nothing: the next round on any node finds the rest.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain

from app.notifications.models import inbox_of
from app.notifications.push.models import GIVEN_UP_AFTER, Job, Subscription, job_of
from app.notifications.push.store import JobStore, SubscriptionStore
from app.storage.background import every
from app.streams.local_events import LocalEvent
from app.streams.log import Log
from app.streams.models import Item, Page
from app.times import Clock

# A notification that is read in an open page within this time is not pushed.
HOLD_S = 2.0
# For notifications of other nodes, and of processes that died before `hear` was called.
SWEEP_EVERY_S = 10.0
RETRY_S = 1.0
SWEPT_AT_ONCE = 500
READ_AT_ONCE = 50
ENTRIES_A_PAGE = 200


class JobProducer:
    """`made` is called when there are new jobs."""

    def __init__(
        self,
        subscriptions: SubscriptionStore,
        jobs: JobStore,
        log: Log,
        clock: Clock,
        made: Callable[[], None],
        hold_s: float = HOLD_S,
    ) -> None:
        self._subscriptions = subscriptions
        self._jobs = jobs
        self._log = log
        self._clock = clock
        self._made = made
        self._hold = timedelta(seconds=hold_s)
        self._notified: set[str] = set()
        self._news = asyncio.Event()

    def hear(self, event: LocalEvent) -> None:
        """A notification was committed by this process."""
        self._notified.add(event.data["user_id"])
        self._news.set()

    async def run(self) -> None:
        """Read inboxes when `hear` is called, and all of them every 10 s, until cancelled."""
        await every(RETRY_S, self._read, "push jobs")

    async def _read(self) -> None:
        while True:
            await self.sweep()
            await self._listen()

    async def _listen(self) -> None:
        """Read the inboxes that `hear` names, until it is time for a sweep."""
        try:
            async with asyncio.timeout(SWEEP_EVERY_S):
                while True:
                    await self._news.wait()
                    self._news.clear()
                    notified, self._notified = self._notified, set()
                    await self.look(await self._subscriptions.of(notified))
        except TimeoutError:
            # The next sweep finds interrupted work: a rev only moves after its jobs are stored.
            return

    async def sweep(self) -> None:
        """Read every inbox that has entries after the rev of one of its browsers."""
        after = ""
        while some := await self._subscriptions.page(after, SWEPT_AT_ONCE):
            heads = await self._log.heads({inbox_of(each.user) for each in some})
            await self.look([each for each in some if heads[inbox_of(each.user)] > each.rev])
            after = some[-1].id

    async def look(self, subscriptions: Sequence[Subscription]) -> None:
        """Make the jobs of these browsers that do not exist yet."""
        for start in range(0, len(subscriptions), READ_AT_ONCE):
            await self._look(subscriptions[start : start + READ_AT_ONCE])

    async def _look(self, subscriptions: Sequence[Subscription]) -> None:
        left = {each.id: each for each in subscriptions}
        revs = {each.id: each.rev for each in subscriptions}
        while left:
            pages = await asyncio.gather(
                *(self._page(each, revs[each.id]) for each in left.values())
            )
            found = dict(zip(left, pages, strict=True))
            await self._queue(chain(*(self._news_of(left[i], p) for i, p in found.items())))
            moved = {i: page.rev for i, page in found.items() if page.rev > revs[i]}
            if moved:
                await self._subscriptions.advance(moved)
            revs |= moved
            left = {i: each for i, each in left.items() if found[i].more}

    async def _page(self, subscription: Subscription, cursor: int) -> Page:
        return await self._log.since(inbox_of(subscription.user), cursor, ENTRIES_A_PAGE)

    async def _queue(self, jobs: Iterable[Job]) -> None:
        wanted = list(jobs)
        if wanted:
            await self._jobs.add(wanted)
            self._made()

    def _news_of(self, subscription: Subscription, page: Page) -> Iterable[Job]:
        now = self._clock()
        for item in page.items:
            if item.seq > subscription.rev and is_for_push(item, now):
                yield job_of(subscription, item.id, item.at, now + self._hold)


def is_for_push(item: Item, now: datetime) -> bool:
    """Whether it is unread, less than a day old, and wanted on the desktop by the preferences."""
    if item.deleted or not item.body["unread"]:
        return False
    return item.body.get("alert") == "desktop" and item.at > now - GIVEN_UP_AFTER
