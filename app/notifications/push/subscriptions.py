"""The browsers of people that get push messages: add, list, remove."""

from collections.abc import Sequence

import structlog

from app.accounts.models import Caller, Revoked, User
from app.errors import Forbidden
from app.notifications.models import inbox_of
from app.notifications.push.models import (
    Subscribe,
    Subscription,
    check_keys,
    subscription_id,
    to_wire,
)
from app.notifications.push.store import JobStore, SubscriptionStore
from app.outbound.endpoints import Endpoints
from app.storage.errors import DatabaseError
from app.streams.log import Log
from app.telemetry.tasks import Tasks
from app.times import Clock

OF_ONE_PERSON = 10

logger = structlog.get_logger("push")


class Subscriptions:
    """A subscription belongs to the session that made it, and ends with that session."""

    def __init__(
        self,
        store: SubscriptionStore,
        jobs: JobStore,
        endpoints: Endpoints,
        log: Log,
        tasks: Tasks,
        clock: Clock,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._endpoints = endpoints
        self._log = log
        self._tasks = tasks
        self._clock = clock

    async def add(self, caller: Caller, asked: Subscribe, site: str) -> str:
        """Add a browser and return its id. The oldest of more than ten is removed.

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
        """The rev to start from: the head, or for a known browser of this person where it was."""
        known = await self._store.get(subscription_id(endpoint))
        if known is not None and known.user == user_id:
            return known.rev
        return await self._log.head(inbox_of(user_id))

    async def _bound(self, user_id: str) -> None:
        await self._remove_all((await self._store.of([user_id]))[OF_ONE_PERSON:])

    async def of(self, user_id: str) -> list[dict[str, str]]:
        """The wire forms of this person's browsers, the newest first."""
        return [to_wire(each) for each in await self._store.of([user_id])]

    async def end(self, user_id: str, endpoint: str) -> None:
        """Remove a browser, if it is this person's."""
        known = await self._store.get(subscription_id(endpoint))
        if known is not None and known.user == user_id:
            await self.remove([known.id])

    async def remove(self, ids: Sequence[str]) -> None:
        """Remove the browsers of these ids and their jobs."""
        if ids:
            await self._store.delete(ids)
            await self._jobs.drop(ids)

    async def _remove_all(self, subscriptions: Sequence[Subscription]) -> None:
        await self.remove([each.id for each in subscriptions])

    async def forget(self, user: User) -> None:
        """Remove the browsers of a person who deleted their account."""
        await self._remove_all(await self._store.of([user.id]))

    def revoked(self, revoked: Revoked) -> None:
        """Remove the browsers of an ended session or person: a listener of revocations.

        It only tidies up: `JobQueue.prepare` asks for the session before each message.
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
