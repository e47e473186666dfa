"""Makes one delivery of one outgoing hook and settles what becomes of it.

The cursor moves after a 2xx and not before: whatever dies in between is tried again, so what is
posted may come twice, and never goes missing.
"""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Self

import structlog

from app.accounts.models import User
from app.errors import Invalid
from app.hooks.models import OutgoingHook, StopReason
from app.hooks.outgoing_payload import Payload, headers_of, payload_of, test_payload, why
from app.hooks.places import Places
from app.hooks.rights import Rights, must_be_on, stopped
from app.hooks.store import OutgoingStore
from app.outbound.backoff import Backoff, retry_after_s
from app.outbound.endpoints import Endpoints
from app.outbound.http_client import HttpClient, Response
from app.streams.log import Log

WITHIN_S = 10.0
AT_ONCE = 16
# So many changes go into one delivery, and so many messages after a reset.
CHANGES, NEWEST = 100, 50
BACKOFF = Backoff(first_s=1.0, longest_s=3_600.0)
GIVEN_UP_AFTER = timedelta(days=3)
GONE = 410

log = structlog.get_logger("hooks")


class DeliveryWorker:
    """Use it as a context: it holds the connections. `jitter` (0 to 1) spreads what is tried again;
    `me` is the holder of the hooks that are given to it."""

    def __init__(
        self,
        me: str,
        store: OutgoingStore,
        rights: Rights,
        places: Places,
        reads: Log,
        endpoints: Endpoints,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._me = me
        self._store = store
        self._rights = rights
        self._places = places
        self._reads = reads
        self._endpoints = endpoints
        self._clock = clock
        self._new_id = new_id
        self._jitter = jitter
        self._http = HttpClient(endpoints, within_s=WITHIN_S, connections=AT_ONCE)
        # A line that waits here holds no hook yet, so that no claim runs out meanwhile.
        self.turns = asyncio.Semaphore(AT_ONCE)

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.__aexit__()

    async def deliver(self, hook: OutgoingHook) -> None:
        """One try of what comes next, asked for its right each time; `hook` is held by us, and
        free at the end."""
        maker = await self._rights.maker_of(hook)
        if not isinstance(maker, User):
            await self._stop(hook, maker)
            return
        payload = await self._next(hook)
        if payload is None:
            await self._store.free(hook.id, self._me)
        elif await self._store.begin(hook.id, self._me, payload.rev):
            await self._settle(hook, payload, await self._post(hook, payload))
        else:
            await self._store.free(hook.id, self._me)

    async def test(self, hook: OutgoingHook, by: User) -> Response:
        """Post word that this is a test, once; the receiver's answer.

        Raises Forbidden or NotFound where `by` could not make this hook, or it does not act.
        """
        await self._rights.must_be_able_to_make(by, hook)
        must_be_on(hook)
        maker = await self._rights.maker_of(hook)
        if not isinstance(maker, User):
            await self._stop(hook, maker)
            raise stopped(maker)
        return await self._post(hook, test_payload(hook, self._new_id()))

    async def _stop(self, hook: OutgoingHook, reason: StopReason) -> None:
        log.warning("a hook has stopped", hook=hook.id, reason=reason)
        await self._store.stop(hook, reason, self._clock())
        await self._store.free(hook.id, self._me)

    async def _next(self, hook: OutgoingHook) -> Payload | None:
        """What follows the cursor. A delivery that was begun before ends where it did then."""
        page = await self._reads.sync(hook.place.stream, hook.cursor, CHANGES, NEWEST)
        if page.reset:
            items = await self._places.shown(hook.place, page.items)
            return payload_of(hook, 0, page.rev, items, is_reset=True)
        if page.rev == hook.cursor:
            return None
        rev = page.rev if hook.pending is None else min(page.rev, hook.pending)
        found = [item for item in page.items if item.rev <= rev]
        items = await self._places.shown(hook.place, found)
        return payload_of(hook, hook.cursor, rev, items)

    async def _post(self, hook: OutgoingHook, payload: Payload) -> Response:
        try:
            url = self._endpoints.check(hook.url)
        except Invalid:
            # The rule has become stricter since it was made.
            return Response(None, reason="NotAllowed")
        timestamp = int(self._clock().timestamp())
        headers = headers_of(hook.secret, payload, timestamp)
        return await self._http.post(url, payload.body, headers)

    async def _settle(self, hook: OutgoingHook, payload: Payload, answer: Response) -> None:
        now, reason = self._clock(), why(answer.reason)
        since = hook.failing_since or now
        if answer.is_success:
            await self._store.delivered(hook.id, self._me, payload.rev, now)
        elif answer.status == GONE:
            await self._give_up(hook, f"the receiver wants no more: {reason}")
        elif since <= now - GIVEN_UP_AFTER:
            days = GIVEN_UP_AFTER.days
            await self._give_up(hook, f"it failed for {days} days, at last: {reason}")
        else:
            failures = hook.failures + 1
            asked = retry_after_s(answer.retry_after, now)
            retry_at = now + BACKOFF.delay(failures, asked, self._jitter())
            log.info("a hook is tried later", hook=hook.id, reason=reason, failures=failures)
            await self._store.failed(hook.id, self._me, reason, now, retry_at)

    async def _give_up(self, hook: OutgoingHook, reason: str) -> None:
        log.warning("a hook is turned off", hook=hook.id, reason=reason)
        await self._store.give_up(hook.id, self._me, reason, self._clock())
