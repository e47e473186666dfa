"""The engine behind Web Push and webhooks: claim, prepare, post, settle.

A feature brings a `Queue`. Work is claimed with a lease on disk, so a process that dies loses
nothing: when the lease ends, another process claims the same work. It may then be posted twice.
"""

import asyncio
import random
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

import structlog
from msgspec import Struct

from app.outbound.http_client import HttpClient
from app.outbound.retry_policy import Outcome, RetryPolicy
from app.storage.background import next_news
from app.storage.errors import DatabaseError
from app.telemetry.tasks import Tasks
from app.times import Clock

RETRY_S = 1.0

logger = structlog.get_logger("outbound")

Job = TypeVar("Job")


class Request(Struct, frozen=True, kw_only=True):
    """A POST to a receiver that failed `failures` times in a row before, since `failing_since`."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    failures: int
    failing_since: datetime | None


class Queue(Protocol[Job]):
    """Where work comes from and where its outcome is recorded.

    `news` is set when there may be new work. The coroutines may raise DatabaseError.
    """

    news: asyncio.Event

    async def claim(self, now: datetime, until: datetime, busy: Collection[str]) -> Job | None:
        """Take a lease up to `until` on work that is due, for a receiver that is not in `busy`."""

    def receiver_of(self, job: Job) -> str:
        """The id of its receiver: each receiver gets one request at a time."""

    async def prepare(self, job: Job) -> Request | None:
        """Ask again for rights and content. None where nothing is to be sent; the lease is given
        back then."""

    async def settle(self, job: Job, outcome: Outcome) -> None:
        """Record the outcome and give the lease back."""

    def idle_s(self, now: datetime) -> float:
        """In how many seconds to look for due work without any news."""


class DeliveryWorker(Generic[Job]):
    """Works a queue off with at most `at_once` requests at a time.

    `lease` has to be longer than preparing and posting take together.
    """

    def __init__(
        self,
        name: str,
        queue: Queue[Job],
        client: HttpClient,
        policy: RetryPolicy,
        tasks: Tasks,
        clock: Clock,
        *,
        at_once: int,
        lease: timedelta,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._name = name
        self._queue = queue
        self._client = client
        self._policy = policy
        self._tasks = tasks
        self._clock = clock
        self._at_once = at_once
        self._lease = lease
        self._jitter = jitter
        # By receiver.
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with self._client:
            while True:
                try:
                    await self._claim_due()
                except DatabaseError as error:
                    logger.warning("deliveries wait", queue=self._name, reason=_name_of(error))
                    await asyncio.sleep(RETRY_S)
                await next_news(self._queue.news, self._queue.idle_s(self._clock()))

    async def round(self) -> None:
        """Deliver everything that is due now; return when it is settled."""
        while await self._claim_due() or self._under_way:
            await asyncio.gather(*self._under_way.values())

    async def _claim_due(self) -> bool:
        """Start what is due; True if that was anything."""
        has_started = False
        while len(self._under_way) < self._at_once:
            now = self._clock()
            job = await self._queue.claim(now, now + self._lease, self._under_way)
            if job is None:
                break
            self._start(job, self._queue.receiver_of(job))
            has_started = True
        return has_started

    def _start(self, job: Job, receiver: str) -> None:
        def ended(_: asyncio.Task[None]) -> None:
            del self._under_way[receiver]
            self._queue.news.set()

        task = self._tasks.spawn(self._deliver(job, receiver), f"{self._name} {receiver}")
        self._under_way[receiver] = task
        task.add_done_callback(ended)

    async def _deliver(self, job: Job, receiver: str) -> None:
        try:
            await self._post(job)
        except DatabaseError as error:
            # When the lease ends, some process tries again.
            logger.warning("a delivery waits", queue=self._name, reason=_name_of(error))
            await asyncio.sleep(RETRY_S)
        except Exception:
            # A defect that shows with one receiver must not stop the others.
            logger.exception("a delivery failed", queue=self._name, receiver=receiver)
            await asyncio.sleep(RETRY_S)

    async def _post(self, job: Job) -> None:
        request = await self._queue.prepare(job)
        if request is None:
            return
        response = await self._client.post(request.url, request.body, request.headers)
        outcome = self._policy.outcome(
            response, request.failures, request.failing_since, self._clock(), self._jitter()
        )
        if outcome.kind != "delivered":
            logger.info(
                "a delivery did not arrive",
                queue=self._name,
                receiver=self._queue.receiver_of(job),
                outcome=outcome.kind,
                reason=outcome.reason,
            )
        await self._queue.settle(job, outcome)


def _name_of(error: Exception) -> str:
    return type(error).__name__
