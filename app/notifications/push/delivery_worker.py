"""Works the queue off: each job is claimed for a while, looked at again, sent, and done.

One job of a browser at a time, so that a push service that hangs keeps nobody else waiting.
"""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from app.accounts.sessions import Sessions
from app.notifications.models import inbox_of
from app.notifications.push.client import PushClient
from app.notifications.push.models import Job, Subscription
from app.notifications.push.outcome import BACKOFF, Outcome
from app.notifications.push.payload import push_message
from app.notifications.push.store import JobStore, SubscriptionStore
from app.notifications.push.subscriptions import Subscriptions
from app.storage.errors import DatabaseError
from app.streams.log import Log
from app.streams.models import Item
from app.telemetry.tasks import Tasks

AT_ONCE = 32
# Longer than sending takes: after that whoever claimed the job is dead.
CLAIMED_FOR = timedelta(seconds=45)
LOOK_EVERY_S = 1.0
RETRY_S = 1.0
# A browser that took nothing for so long is not coming back.
GIVEN_UP_ON_AFTER = timedelta(days=14)

log = structlog.get_logger("push")


class DeliveryWorker:
    """`jitter` (0 to 1) spreads what is tried again."""

    def __init__(
        self,
        jobs: JobStore,
        store: SubscriptionStore,
        subscriptions: Subscriptions,
        sessions: Sessions,
        reads: Log,
        client: PushClient,
        tasks: Tasks,
        clock: Callable[[], datetime],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._jobs = jobs
        self._store = store
        self._subscriptions = subscriptions
        self._sessions = sessions
        self._reads = reads
        self._client = client
        self._tasks = tasks
        self._clock = clock
        self._jitter = jitter
        # By browser.
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._news = asyncio.Event()

    def wake(self) -> None:
        """There may be something due."""
        self._news.set()

    async def run(self) -> None:
        """Deliver, for ever."""
        async with self._client:
            while True:
                try:
                    await self._claim_what_is_due()
                except DatabaseError as error:
                    log.warning("push waits", reason=type(error).__name__)
                    await asyncio.sleep(RETRY_S)
                await self._listen()

    async def _listen(self) -> None:
        """Until there is news, or long enough to look without any."""
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._news.wait()
        except TimeoutError:
            return
        finally:
            self._news.clear()

    async def round(self) -> None:
        """Deliver all that is due now, and return when that is done."""
        while await self._claim_what_is_due() or self._under_way:
            await asyncio.gather(*self._under_way.values())

    async def _claim_what_is_due(self) -> bool:
        """Begin what can be begun; whether that was anything."""
        has_begun = False
        while len(self._under_way) < AT_ONCE:
            now = self._clock()
            job = await self._jobs.claim(now, now + CLAIMED_FOR, self._under_way)
            if job is None:
                break
            self._begin(job)
            has_begun = True
        return has_begun

    def _begin(self, job: Job) -> None:
        def ended(_: asyncio.Task[None]) -> None:
            del self._under_way[job.subscription]
            self._news.set()

        task = self._tasks.spawn(self._deliver(job), f"push {job.id}")
        self._under_way[job.subscription] = task
        task.add_done_callback(ended)

    async def _deliver(self, job: Job) -> None:
        try:
            await self._look_and_send(job)
        except DatabaseError as error:
            # The claim runs out, and somebody tries again.
            log.warning("push waits", reason=type(error).__name__)
        except Exception:
            # One job's defect must not stop the others; it is given up with its day.
            log.exception("a push failed", job=job.id)

    async def _look_and_send(self, job: Job) -> None:
        subscription = await self._store.get(job.subscription)
        if subscription is None or subscription.user != job.user:
            await self._jobs.done(job.id)
        elif not await self._sessions.living([subscription.session]):
            await self._subscriptions.remove([subscription])
        elif subscription.retry_at is not None and subscription.retry_at > self._clock():
            await self._jobs.postpone(job.id, subscription.retry_at)
        elif item := await self._news_of(job):
            message = push_message(item, self._clock(), job.until)
            await self._settle(job, subscription, await self._client.send(subscription, message))
        else:
            await self._jobs.done(job.id)

    async def _news_of(self, job: Job) -> Item | None:
        """The notification, while it is worth sending: not seen anywhere else, not a day old."""
        if job.until <= self._clock():
            return None
        item = await self._reads.item(inbox_of(job.user), job.notification)
        return item if item is not None and not item.deleted and item.body["unread"] else None

    async def _settle(self, job: Job, subscription: Subscription, outcome: Outcome) -> None:
        if outcome.kind == "later":
            await self._try_later(job, subscription, outcome)
            return
        if outcome.kind == "gone":
            log.info("a browser is gone", subscription=subscription.id, reason=outcome.reason)
            await self._subscriptions.remove([subscription])
            return
        if outcome.kind == "refused":
            log.warning("a push was refused", job=job.id, reason=outcome.reason)
        await self._jobs.done(job.id)
        if subscription.failures:
            await self._store.worked(subscription.id)

    async def _try_later(self, job: Job, subscription: Subscription, outcome: Outcome) -> None:
        """Leave the browser's push service alone for a while, with everything that waits for it."""
        now = self._clock()
        since = subscription.failing_since
        if since is not None and since <= now - GIVEN_UP_ON_AFTER:
            log.info("a browser is given up on", subscription=subscription.id)
            await self._subscriptions.remove([subscription])
            return
        failures = subscription.failures + 1
        retry_at = now + BACKOFF.delay(failures, outcome.retry_after_s, self._jitter())
        log.info("a push is tried later", reason=outcome.reason, failures=failures)
        await self._store.failed(subscription.id, retry_at, now)
        await self._jobs.postpone(job.id, retry_at)
