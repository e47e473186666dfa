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
from app.hooks.letter import Letter, headers_of, letter_of, trial_letter, why
from app.hooks.models import OutgoingHook, StopReason
from app.hooks.places import Places
from app.hooks.rights import Rights, must_be_on, stopped
from app.hooks.store import OutgoingStore
from app.outward.endpoints import Endpoints
from app.outward.patience import Patience, asked_s
from app.outward.poster import Answer, Poster
from app.streams.log import Log

WITHIN_S = 10.0
AT_ONCE = 16
# So many changes go into one delivery, and so many messages after a reset.
CHANGES, NEWEST = 100, 50
PATIENCE = Patience(first_s=1.0, longest_s=3_600.0)
GIVEN_UP_AFTER = timedelta(days=3)
GONE = 410

log = structlog.get_logger("hooks")


class Courier:
    """Use it as a context: it holds the connections. `luck` (0 to 1) spreads what is tried again;
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
        luck: Callable[[], float] = random.random,
    ) -> None:
        self._me = me
        self._store = store
        self._rights = rights
        self._places = places
        self._reads = reads
        self._endpoints = endpoints
        self._clock = clock
        self._new_id = new_id
        self._luck = luck
        self._poster = Poster(endpoints, within_s=WITHIN_S, connections=AT_ONCE)
        # A line that waits here holds no hook yet, so that no claim runs out meanwhile.
        self.turns = asyncio.Semaphore(AT_ONCE)

    async def __aenter__(self) -> Self:
        await self._poster.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._poster.__aexit__()

    async def deliver(self, hook: OutgoingHook) -> None:
        """One try of what comes next, asked for its right each time; `hook` is held by us, and
        free at the end."""
        maker = await self._rights.maker_of(hook)
        if not isinstance(maker, User):
            await self._stop(hook, maker)
            return
        letter = await self._next(hook)
        if letter is None:
            await self._store.free(hook.id, self._me)
        elif await self._store.begin(hook.id, self._me, letter.rev):
            await self._settle(hook, letter, await self._post(hook, letter))
        else:
            await self._store.free(hook.id, self._me)

    async def test(self, hook: OutgoingHook, by: User) -> Answer:
        """Post word that this is a test, once; the receiver's answer.

        Raises Forbidden or NotFound where `by` could not make this hook, or it does not act.
        """
        await self._rights.must_be_able_to_make(by, hook)
        must_be_on(hook)
        maker = await self._rights.maker_of(hook)
        if not isinstance(maker, User):
            await self._stop(hook, maker)
            raise stopped(maker)
        return await self._post(hook, trial_letter(hook, self._new_id()))

    async def _stop(self, hook: OutgoingHook, reason: StopReason) -> None:
        log.warning("a hook has stopped", hook=hook.id, reason=reason)
        await self._store.stop(hook, reason, self._clock())
        await self._store.free(hook.id, self._me)

    async def _next(self, hook: OutgoingHook) -> Letter | None:
        """What follows the cursor. A delivery that was begun before ends where it did then."""
        page = await self._reads.sync(hook.place.stream, hook.cursor, CHANGES, NEWEST)
        if page.reset:
            items = await self._places.shown(hook.place, page.items)
            return letter_of(hook, 0, page.rev, items, is_reset=True)
        if page.rev == hook.cursor:
            return None
        rev = page.rev if hook.pending is None else min(page.rev, hook.pending)
        found = [item for item in page.items if item.rev <= rev]
        items = await self._places.shown(hook.place, found)
        return letter_of(hook, hook.cursor, rev, items)

    async def _post(self, hook: OutgoingHook, letter: Letter) -> Answer:
        try:
            url = self._endpoints.check(hook.url)
        except Invalid:
            # The rule has become stricter since it was made.
            return Answer(None, reason="NotAllowed")
        timestamp = int(self._clock().timestamp())
        headers = headers_of(hook.secret, letter, timestamp)
        return await self._poster.post(url, letter.body, headers)

    async def _settle(self, hook: OutgoingHook, letter: Letter, answer: Answer) -> None:
        now, reason = self._clock(), why(answer.reason)
        since = hook.failing_since or now
        if answer.is_taken:
            await self._store.delivered(hook.id, self._me, letter.rev, now)
        elif answer.status == GONE:
            await self._give_up(hook, f"the receiver wants no more: {reason}")
        elif since <= now - GIVEN_UP_AFTER:
            days = GIVEN_UP_AFTER.days
            await self._give_up(hook, f"it failed for {days} days, at last: {reason}")
        else:
            failures = hook.failures + 1
            asked = asked_s(answer.retry_after, now)
            retry_at = now + PATIENCE.pause(failures, asked, self._luck())
            log.info("a hook is tried later", hook=hook.id, reason=reason, failures=failures)
            await self._store.failed(hook.id, self._me, reason, now, retry_at)

    async def _give_up(self, hook: OutgoingHook, reason: str) -> None:
        log.warning("a hook is turned off", hook=hook.id, reason=reason)
        await self._store.give_up(hook.id, self._me, reason, self._clock())
