"""The outgoing webhooks as a queue: each posts its stream in order, from its own cursor.

The cursor moves after a 2xx response and not before. A process that dies in between leaves the
same delivery to the next one, so a receiver may get it twice, and never misses it.
"""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from app.accounts.models import User
from app.chat.serializer import Serializer
from app.hooks.ended_rights import EndedRights
from app.hooks.followed_hooks import FollowedHooks
from app.hooks.models import Held, OutgoingHook, Place
from app.hooks.outgoing_payload import Payload, payload_of, request_of
from app.hooks.store import OutgoingStore
from app.outbound.delivery_worker import Request
from app.outbound.retry_policy import Backoff, Outcome, RetryPolicy
from app.streams.hub import Hub
from app.streams.log import Log
from app.streams.models import Item
from app.times import Clock
from app.topics.serializer import event_of
from app.translation_marks import N_

AT_ONCE = 16
WITHIN_S = 10.0
# A holder that died without a trace is waited for so long.
LEASE = timedelta(seconds=30)
GIVE_UP_AFTER = timedelta(days=3)
POLICY = RetryPolicy(
    backoff=Backoff(first_s=1.0, longest_s=3_600.0),
    give_up_after=GIVE_UP_AFTER,
    gone=frozenset({410}),
)
GIVEN_UP = {
    "gone": N_("the receiver answered 410 Gone"),
    "exhausted": N_("it failed for {days} days").format(days=GIVE_UP_AFTER.days),
}
# Changes in one delivery, and messages in the first one after a reset.
CHANGES, NEWEST = 100, 50

logger = structlog.get_logger("hooks")


class Claim:
    """A hook that this process holds; `ends_at` is the last rev of the delivery under way."""

    def __init__(self, hook: OutgoingHook) -> None:
        self.hook = hook
        self.ends_at = hook.cursor


class OutgoingQueue:
    """A `Queue` for the delivery worker.

    `me` is made anew by each process, `process` is the name that the database knows it by.
    """

    def __init__(
        self,
        me: str,
        process: str,
        store: OutgoingStore,
        ended_rights: EndedRights,
        log: Log,
        hub: Hub,
        serializer: Serializer,
        clock: Clock,
    ) -> None:
        self._me = me
        self._process = process
        self._store = store
        self._ended_rights = ended_rights
        self._log = log
        self._serializer = serializer
        self._clock = clock
        self.news = asyncio.Event()
        self._followed = FollowedHooks(me, store, hub, self.news.set)
        self.changed = self._followed.changed

    async def claim(self, now: datetime, until: datetime, busy: Collection[str]) -> Claim | None:
        await self._followed.refresh(now)
        held = Held(by=self._me, process=self._process, until=until)
        for followed in self._followed.due(now, busy):
            hook = await self._store.claim(followed.id, followed.head, held, now)
            if hook is not None:
                self._followed.claimed(followed)
                return Claim(hook)
            # Another process was first; the next refresh tells how far that one came.
            self._followed.settled(followed.id)
        return None

    def receiver_of(self, job: Claim) -> str:
        return job.hook.id

    def idle_s(self, now: datetime) -> float:
        return self._followed.idle_s(now)

    async def prepare(self, job: Claim) -> Request | None:
        hook = job.hook
        maker = await self._ended_rights.maker_of(hook)
        if isinstance(maker, User) and (payload := await self._payload(hook)):
            job.ends_at = payload.rev
            if await self._store.begin(hook.id, self._me, payload.rev):
                return request_of(hook, payload, self._clock())
        await self._store.free(hook.id, self._me)
        self._followed.settled(hook.id)
        return None

    async def _payload(self, hook: OutgoingHook) -> Payload | None:
        """The changes after the cursor; None if there are none.

        A delivery that had begun before is repeated with the same last rev.
        """
        page = await self._log.sync(hook.place.stream, hook.cursor, CHANGES, NEWEST)
        if page.reset:
            items = await self._serialized(hook.place, page.items)
            return payload_of(hook, page.rev, items, is_reset=True)
        if page.rev == hook.cursor:
            return None
        rev = page.rev if hook.pending is None else min(page.rev, hook.pending)
        found = [item for item in page.items if item.rev <= rev]
        return payload_of(hook, rev, await self._serialized(hook.place, found))

    async def _serialized(self, place: Place, items: list[Item]) -> list[Mapping[str, Any]]:
        if place.kind == "topic":
            return [event_of(item) for item in items]
        await self._serializer.warm(items)
        return [self._serializer.message(item) for item in items]

    async def settle(self, job: Claim, outcome: Outcome) -> None:
        hook, me = job.hook, self._me
        if outcome.kind == "delivered":
            await self._store.delivered(hook.id, me, job.ends_at, outcome.at)
            self._followed.settled(hook.id, job.ends_at)
        elif outcome.retry_at is not None:
            await self._store.failed(hook.id, me, outcome)
            self._followed.settled(hook.id, hook.cursor, outcome.retry_at)
        else:
            reason = GIVEN_UP[outcome.kind]
            if outcome.kind == "exhausted":
                reason = f"{reason}: {outcome.reason}"
            logger.warning("a hook is turned off", hook=hook.id, reason=reason)
            await self._store.give_up(hook.id, me, reason, outcome.at)
            self._followed.settled(hook.id)
