"""Makes, lists, adopts, switches and deletes webhooks."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from msgspec import Struct

from app.accounts import names
from app.accounts.models import Caller, User
from app.accounts.rights import must_be_admin, must_be_in_person
from app.accounts.secrets import mint
from app.accounts.users import Users
from app.audit.trail import AuditTrail
from app.chat.access import Access
from app.errors import Conflict, NotFound, ParleyError
from app.hooks.models import (
    IN_ALL,
    OF_A_MEMBER,
    OF_AN_ADMIN,
    Direction,
    Hook,
    IncomingHook,
    NewHook,
    OutgoingHook,
    Place,
    check_parts,
    direction_of,
)
from app.hooks.rights import Rights
from app.hooks.store import IncomingStore, OutgoingStore
from app.outbound.endpoints import Endpoints
from app.streams.log import Log
from app.times import Clock


class Made(Struct, frozen=True):
    """A new hook and its secret, which is shown only this once."""

    hook: Hook
    secret: str


class Registry:
    """`changed` is called when outgoing hooks may be others than before."""

    def __init__(
        self,
        incoming: IncomingStore,
        outgoing: OutgoingStore,
        rights: Rights,
        access: Access,
        users: Users,
        endpoints: Endpoints,
        log: Log,
        new_id: Callable[[], str],
        clock: Clock,
        changed: Callable[[], None],
        audit: AuditTrail,
    ) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._rights = rights
        self._access = access
        self._users = users
        self._endpoints = endpoints
        self._log = log
        self._new_id = new_id
        self._clock = clock
        self._changed = changed
        self._audit = audit
        # Counts and inserts one hook at a time: parallel requests can't exceed the quota.
        self._making = asyncio.Lock()

    async def must_be_admin(self, caller: Caller, kind: str) -> None:
        """Raises Forbidden, and counts it as a refusal of `kind`, for the pages of admins."""
        async with self._audit.refusals(kind, caller):
            must_be_admin(caller)

    async def make(self, caller: Caller, asked: NewHook) -> Made:
        """Raises Invalid, Forbidden, NotFound, and Conflict where there are too many."""
        async with self._audit.action("hook_made", caller, asked.name):
            must_be_in_person(caller)
            return await self._make(caller.user, asked)

    async def _make(self, user: User, asked: NewHook) -> Made:
        check_parts(asked)
        name = names.display_name(asked.name)
        await self._rights.place_for(user, asked)
        if asked.url is not None:
            await self._endpoints.admit(asked.url)
        async with self._making:
            # The name lookup took a while; ask for the right again.
            user = await self._users.get(user.id)
            place = await self._rights.place_for(user, asked)
            await self._must_have_room(user, asked.direction)
            return await self._insert(user, name, place, asked.url)

    async def _insert(self, user: User, name: str, place: Place, url: str | None) -> Made:
        secret, hook_id, now = mint(), self._new_id(), self._clock()
        if url is None:
            made = IncomingHook(id=hook_id, name=name, place=place, by=user.id, created=now)
            await self._incoming.insert(made, secret)
            return Made(made, secret)
        hook = OutgoingHook(
            id=hook_id,
            name=name,
            place=place,
            by=user.id,
            created=now,
            url=url,
            secret=secret,
            # A new hook starts at the head; it does not deliver older entries.
            cursor=await self._log.head(place.stream),
        )
        await self._outgoing.insert(hook)
        self._changed()
        return Made(hook, secret)

    async def _must_have_room(self, user: User, direction: Direction) -> None:
        """Raises Conflict at the quota of this person, and at the server's."""
        store = self._incoming if direction == "incoming" else self._outgoing
        own, total = await store.counts(user.id)
        at_most = OF_AN_ADMIN if user.is_admin else OF_A_MEMBER
        if own >= at_most:
            raise Conflict(
                f"You have made {at_most} {direction} webhooks, and can't have more. "
                "Delete one first."
            )
        if total >= (IN_ALL if user.is_admin else IN_ALL - OF_AN_ADMIN):
            raise Conflict(
                f"This server has as many {direction} webhooks as it takes. "
                "An admin can delete some."
            )

    async def adopt(self, caller: Caller, hook_id: str) -> None:
        """Become the maker of a hook that has stopped; it goes on with this person's rights.

        Raises NotFound, Forbidden or Invalid where they could not make it, Conflict where it has
        not stopped, or they have made too many.
        """
        async with self._action("hook_adopted", caller, hook_id) as hook:
            await self._adopt(caller.user, hook)

    async def _adopt(self, user: User, hook: Hook) -> None:
        async with self._making:
            user = await self._users.get(user.id)
            await self._rights.must_be_able_to_make(user, hook)
            if hook.by != user.id:
                await self._must_have_room(user, direction_of(hook))
            if not await self._store_of(hook).adopt(hook.id, user.id):
                raise Conflict("This webhook has not stopped, so it needs nobody to adopt it.")
        self._changed()

    async def adopt_all(self, caller: Caller) -> int:
        """Adopt all that have stopped and that this person could make; how many those are."""
        adopted = 0
        for hook in await self.listed(caller.user):
            if hook.stopped is not None:
                try:
                    await self._adopt(caller.user, hook)
                except ParleyError:
                    continue  # It stays stopped.
                await self._audit.done("hook_adopted", caller, hook.id)
                adopted += 1
        return adopted

    async def listed(self, user: User) -> list[Hook]:
        """All of them for an admin; for others the incoming ones of rooms that they own."""
        if user.is_admin:
            return [*await self._incoming.all(), *await self._outgoing.all()]
        rooms = await self._access.room_ids(user)
        hooks = await self._incoming.of_rooms(rooms)
        return [hook for hook in hooks if await self._rights.decides(user, hook)]

    async def find(self, user: User, hook_id: str) -> Hook:
        """One of those. Raises NotFound."""
        hook: Hook | None = await self._incoming.get(hook_id)
        if user.is_admin:
            hook = hook or await self._outgoing.get(hook_id)
        elif isinstance(hook, IncomingHook) and not await self._rights.decides(user, hook):
            hook = None
        if hook is None:
            raise NotFound("There is no such webhook.")
        return hook

    async def delete(self, caller: Caller, hook_id: str) -> None:
        """It ends now. Raises NotFound."""
        async with self._action("hook_deleted", caller, hook_id) as hook:
            await self._store_of(hook).delete(hook.id)
            self._changed()

    async def switch(self, caller: Caller, hook_id: str, *, off: bool) -> None:
        """Off or on; an outgoing one goes on where it stopped. Raises NotFound, and Conflict for
        turning on one that waits to be adopted."""
        async with self._action("hook_switched", caller, hook_id) as hook:
            if hook.stopped is not None and not off:
                raise Conflict("This webhook has stopped. Adopt it first.")
            await self._store_of(hook).switch(hook.id, off=off)
            self._changed()

    @asynccontextmanager
    async def _action(self, kind: str, caller: Caller, hook_id: str) -> AsyncIterator[Hook]:
        """An audited action on one of the caller's hooks. Raises Unauthenticated, NotFound.

        An id that is no hook's is not stored: programs send the secret in its place.
        """
        async with self._audit.action(kind, caller) as action:
            must_be_in_person(caller)
            hook = await self.find(caller.user, hook_id)
            action.about = hook.id
            yield hook

    def _store_of(self, hook: Hook) -> IncomingStore | OutgoingStore:
        return self._incoming if isinstance(hook, IncomingHook) else self._outgoing
