"""The browsers that a person wants to be told at: added, listed, and forgotten in time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import structlog

from app.accounts.models import Caller, Revoked, User
from app.errors import Forbidden
from app.notifications.models import inbox_of
from app.notifications.push.models import (
    Subscribe,
    Subscription,
    check_keys,
    shown,
    subscription_id,
)
from app.notifications.push.store import JobStore, SubscriptionStore
from app.outbound.endpoints import Endpoints
from app.storage.errors import DatabaseError
from app.streams.log import Log
from app.telemetry.tasks import Tasks

OF_ONE_PERSON = 10

logger = structlog.get_logger("push")


class Subscriptions:
    """A subscription belongs to the session that made it and ends with it."""

    def __init__(
        self,
        store: SubscriptionStore,
        jobs: JobStore,
        endpoints: Endpoints,
        log: Log,
        tasks: Tasks,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._endpoints = endpoints
        self._log = log
        self._tasks = tasks
        self._clock = clock

    async def add(self, caller: Caller, asked: Subscribe, site: str) -> str:
        """From now on, this browser too; its id. Of more than ten the oldest makes room.

        `site` is the origin under which the person uses Parley. Raises Invalid, Forbidden.
        """
        if caller.session is None:
            raise Forbidden("Only a browser that is signed in can be notified this way.")
        check_keys(asked.keys)
        await self._endpoints.admit(asked.endpoint)
        subscription = Subscription(
            id=subscription_id(asked.endpoint),
            user=caller.user.id,
            session=caller.session,
            endpoint=asked.endpoint,
            keys=asked.keys,
            site=site,
            created=self._clock(),
            rev=await self._start(caller.user.id, asked.endpoint),
        )
        await self._store.put(subscription)
        await self._bound(caller.user.id)
        return subscription.id

    async def _start(self, user_id: str, endpoint: str) -> int:
        """What is there already was seen elsewhere; what this browser has missed it still gets."""
        known = await self._store.get(subscription_id(endpoint))
        if known is not None and known.user == user_id:
            return known.rev
        return await self._log.head(inbox_of(user_id))

    async def _bound(self, user_id: str) -> None:
        await self._remove_all((await self._store.of([user_id]))[OF_ONE_PERSON:])

    async def of(self, user_id: str) -> list[dict[str, Any]]:
        """This person's browsers, the newest first."""
        return [shown(each) for each in await self._store.of([user_id])]

    async def end(self, user_id: str, endpoint: str) -> None:
        """No more to this browser, if it is this person's."""
        known = await self._store.get(subscription_id(endpoint))
        if known is not None and known.user == user_id:
            await self.remove([known.id])

    async def remove(self, ids: Sequence[str]) -> None:
        """Forget these browsers and what still waits for them."""
        if ids:
            await self._store.delete(ids)
            await self._jobs.drop(ids)

    async def _remove_all(self, subscriptions: Sequence[Subscription]) -> None:
        await self.remove([each.id for each in subscriptions])

    async def forget(self, user: User) -> None:
        """This person deleted their account."""
        await self._remove_all(await self._store.of([user.id]))

    def revoked(self, revoked: Revoked) -> None:
        """A session ended, or all of a person: a listener of the accounts' revocations.

        Only tidiness: delivery looks at the session each time, whether anybody listened or not.
        """
        if revoked.session is not None or revoked.user is not None:
            self._tasks.spawn(self._end(revoked), "end of a push subscription")

    async def _end(self, revoked: Revoked) -> None:
        try:
            if revoked.session is not None:
                await self._remove_all(await self._store.of_session(revoked.session))
            if revoked.user is not None:
                await self._remove_all(await self._store.of([revoked.user]))
        except DatabaseError as error:
            logger.warning("a subscription stays for now", reason=type(error).__name__)
