"""The webhooks of this server: made, listed, turned off and on, deleted."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from app.accounts import names
from app.accounts.models import User
from app.accounts.secrets import mint
from app.errors import Conflict, NotFound
from app.hooks.models import AT_MOST, Hook, IncomingHook, NewHook, OutgoingHook, check_parts
from app.hooks.places import Places
from app.hooks.store import IncomingStore, OutgoingStore
from app.outward.endpoints import Endpoints
from app.streams.log import Log


class Made(Struct, frozen=True):
    """A new hook, and its secret, which is not shown again."""

    hook: Hook
    secret: str


class Registry:
    """`changed` is called when outgoing hooks may be others than before."""

    def __init__(
        self,
        incoming: IncomingStore,
        outgoing: OutgoingStore,
        places: Places,
        endpoints: Endpoints,
        reads: Log,
        new_id: Callable[[], str],
        clock: Callable[[], datetime],
        changed: Callable[[], None],
    ) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._places = places
        self._endpoints = endpoints
        self._reads = reads
        self._new_id = new_id
        self._clock = clock
        self._changed = changed

    async def make(self, user: User, asked: NewHook) -> Made:
        """Raises Invalid, Forbidden, NotFound, and Conflict where there are too many."""
        check_parts(asked)
        name = names.display_name(asked.name)
        place = await self._places.chosen(user, asked)
        secret = mint()
        hook: Hook
        if asked.direction == "incoming":
            _must_have_room(await self._incoming.count())
            hook = IncomingHook(
                id=self._new_id(), name=name, place=place, by=user.id, created=self._clock()
            )
            await self._incoming.insert(hook, secret)
        else:
            url = asked.url or ""
            await self._endpoints.admit(url)
            _must_have_room(await self._outgoing.count())
            hook = OutgoingHook(
                id=self._new_id(),
                name=name,
                place=place,
                by=user.id,
                created=self._clock(),
                url=url,
                secret=secret,
                # What was said before nobody has asked for.
                cursor=await self._reads.head(place.stream),
            )
            await self._outgoing.insert(hook)
            self._changed()
        return Made(hook, secret)

    async def listed(self, user: User) -> list[Hook]:
        """All of them for an admin; for others the incoming ones of rooms that they own."""
        incoming = await self._incoming.all()
        if user.is_admin:
            return [*incoming, *await self._outgoing.all()]
        return [hook for hook in incoming if await self._places.decides(user, hook)]

    async def find(self, user: User, hook_id: str) -> Hook:
        """One of those. Raises NotFound."""
        hook: Hook | None = await self._incoming.get(hook_id)
        if user.is_admin:
            hook = hook or await self._outgoing.get(hook_id)
        elif isinstance(hook, IncomingHook) and not await self._places.decides(user, hook):
            hook = None
        if hook is None:
            raise NotFound("There is no such webhook.")
        return hook

    async def delete(self, user: User, hook_id: str) -> None:
        """It ends now. Raises NotFound."""
        hook = await self.find(user, hook_id)
        await self._store_of(hook).delete(hook.id)
        self._changed()

    async def switch(self, user: User, hook_id: str, *, off: bool) -> None:
        """Off or on; an outgoing one goes on where it stopped. Raises NotFound."""
        hook = await self.find(user, hook_id)
        await self._store_of(hook).switch(hook.id, off=off)
        self._changed()

    def _store_of(self, hook: Hook) -> IncomingStore | OutgoingStore:
        return self._incoming if isinstance(hook, IncomingHook) else self._outgoing


def _must_have_room(count: int) -> None:
    if count >= AT_MOST:
        raise Conflict(f"There are {AT_MOST} webhooks of this kind already. Delete one first.")
