"""The push jobs as a queue: each is one notification for one browser, sent while it is news."""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta

from app.accounts.sessions import Sessions
from app.notifications.models import inbox_of
from app.notifications.push.encryption import encrypted_request
from app.notifications.push.models import Job, Subscription
from app.notifications.push.payload import push_message
from app.notifications.push.store import JobStore, SubscriptionStore
from app.notifications.push.subscriptions import Subscriptions
from app.notifications.push.vapid_key import VapidKeys
from app.outbound.delivery_worker import Request
from app.outbound.http_client import NOT_ALLOWED
from app.outbound.retry_policy import Backoff, Outcome, RetryPolicy
from app.streams.log import Log
from app.streams.models import Item
from app.times import Clock

AT_ONCE = 32
WITHIN_S = 15.0
LEASE = timedelta(seconds=45)
LOOK_EVERY_S = 1.0
POLICY = RetryPolicy(
    backoff=Backoff(first_s=20.0, longest_s=3_600.0),
    # A browser that took nothing for so long is not coming back.
    give_up_after=timedelta(days=14),
    gone=frozenset({404, 410, NOT_ALLOWED}),
    # The message was refused; the next one may be taken.
    refused=frozenset({400, 413}),
)


class JobQueue:
    """A `Queue` for the delivery worker. `contact` overrides the site's own address."""

    def __init__(
        self,
        jobs: JobStore,
        store: SubscriptionStore,
        subscriptions: Subscriptions,
        sessions: Sessions,
        log: Log,
        keys: VapidKeys,
        clock: Clock,
        contact: str | None,
    ) -> None:
        self._jobs = jobs
        self._store = store
        self._subscriptions = subscriptions
        self._sessions = sessions
        self._log = log
        self._keys = keys
        self._clock = clock
        self._contact = contact
        self.news = asyncio.Event()

    async def claim(self, now: datetime, until: datetime, busy: Collection[str]) -> Job | None:
        return await self._jobs.claim(now, until, busy)

    def receiver_of(self, job: Job) -> str:
        return job.subscription

    def idle_s(self, _: datetime) -> float:
        return LOOK_EVERY_S

    async def prepare(self, job: Job) -> Request | None:
        subscription = await self._store.get(job.subscription)
        if subscription is None or subscription.user != job.user:
            await self._jobs.done(job.id)
        elif not await self._sessions.living([subscription.session]):
            await self._subscriptions.remove([subscription.id])
        elif subscription.retry_at is not None and subscription.retry_at > self._clock():
            await self._jobs.postpone(job.id, subscription.retry_at)
        elif item := await self._unread(job):
            return await self._request(job, subscription, item)
        else:
            await self._jobs.done(job.id)
        return None

    async def _unread(self, job: Job) -> Item | None:
        """The notification, unless it was read, withdrawn, or is a day old."""
        if job.until <= self._clock():
            return None
        item = await self._log.item(inbox_of(job.user), job.notification)
        return item if item is not None and not item.deleted and item.body["unread"] else None

    async def _request(self, job: Job, subscription: Subscription, item: Item) -> Request:
        message = push_message(item, self._clock(), job.until)
        key = await self._keys.key()
        now_s = self._clock().timestamp()
        # Hundreds may come at once.
        return await asyncio.to_thread(
            encrypted_request, subscription, message, key, self._contact, now_s
        )

    async def settle(self, job: Job, outcome: Outcome) -> None:
        """After a failure nothing is sent to the browser for a while, whatever waits for it."""
        if outcome.kind in ("gone", "exhausted"):
            await self._subscriptions.remove([job.subscription])
        elif outcome.retry_at is not None:
            await self._store.failed(job.subscription, outcome)
            await self._jobs.postpone(job.id, outcome.retry_at)
        else:
            await self._jobs.done(job.id)
            if outcome.was_failing:
                await self._store.worked(job.subscription)
