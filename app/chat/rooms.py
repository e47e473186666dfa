"""Creating rooms, renaming them, setting their topic and archiving them.

Each change is a system message in the room's stream, committed together with the room's document.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable

from msgspec.structs import replace

from app.accounts.models import Caller, User
from app.accounts.users import Users
from app.audit.trail import AuditTrail
from app.chat.memberships import Memberships
from app.chat.message_notifier import MessageNotifier
from app.chat.models import Kind, Room
from app.chat.ordered_lock import OrderedLocks
from app.chat.room_names import HALLWAY, RoomNames
from app.chat.room_quotas import RoomQuotas
from app.chat.room_view import RoomView
from app.chat.room_views import RoomViews
from app.chat.store import (
    ChatStore,
    adds_member,
    adds_room,
    changes_room,
    renames_room,
)
from app.chat.stream_changes import RestrictedChanges, StreamChanges
from app.chat.system_messages import System
from app.errors import Conflict, Invalid, NotFound, Unavailable

LOOKS, LOOKS_EVERY_S = 100, 0.05


class Rooms:
    """Creates rooms and changes their settings."""

    def __init__(
        self,
        store: ChatStore,
        users: Users,
        views: RoomViews,
        memberships: Memberships,
        restricted: RestrictedChanges,
        changes: StreamChanges,
        notifier: MessageNotifier,
        names: RoomNames,
        quotas: RoomQuotas,
        audit: AuditTrail,
    ) -> None:
        self._store = store
        self._users = users
        self._views = views
        self._memberships = memberships
        self._restricted = restricted
        self._changes = changes
        self._notifier = notifier
        self._names = names
        self._quotas = quotas
        self._audit = audit
        self._locks = OrderedLocks()

    async def create(
        self, name: str, kind: Kind, owner: User, members: Iterable[str] = ()
    ) -> RoomView:
        """Create a room with `owner` and `members` (ids or usernames).

        Raises Conflict, Invalid, NotFound, RateLimited.
        """
        name, references = self._names.name(name), list(members)
        self._quotas.begin(owner, len(references))
        people = {owner.id: owner}
        for reference in references:
            user = await self._users.find(reference)
            people[user.id] = user
        # One at a time: two requests would both find the name and the quota free.
        async with self._locks.hold((owner.id, "create")):
            await self._names.must_be_free(name, owner)
            await self._quotas.create(owner, people.values())
            return await self._created(name, kind, owner, people.values())

    async def make(self, name: str, kind: Kind, owner: User) -> RoomView:
        """Create a room for somebody, from the command line, with an entry in the audit trail.

        Raises Conflict, Invalid, RateLimited.
        """
        async with self._audit.action("room_made", None) as action:
            view = await self.create(name, kind, owner)
            action.about = view.room.id
        return view

    async def _created(
        self, name: str, kind: Kind, owner: User, people: Collection[User]
    ) -> RoomView:
        for _ in range(LOOKS):
            room_id = self._changes.new_id()
            slug = await self._names.slug(name, kind, room_id)
            room = Room(id=room_id, slug=slug, name=name, kind=kind, owner=owner.id)
            try:
                await self._begin(room, owner, people)
            except Conflict:
                # Another request took the name, or only the slug, and may not be committed yet.
                await self._names.must_be_free(name, owner)
                await asyncio.sleep(LOOKS_EVERY_S)
            else:
                return await self._views.get(room_id)
        raise Unavailable("Rooms are being made; please try again.", retry_after=1)

    async def _begin(
        self, room: Room, owner: User, people: Collection[User], direct_key: str | None = None
    ) -> None:
        at = self._changes.now()
        writes = [adds_room(room, at, direct_key)]
        for user in people:
            by = owner.id if user.id != owner.id else None
            writes.append(adds_member(room.id, user.id, at, by=by))
        created = System(kind="created", user=owner.id, direct=room.kind == "direct")
        change = self._changes.system(room, owner, created, *writes)
        notified = await self._notifier.of_invitation(room, owner, [user.id for user in people])
        await self._changes.commit(replace(change, along=notified.changes))
        (await self._views.get(room.id)).announce()

    async def direct(self, caller: User, reference: str) -> RoomView:
        """The direct room of these two people, created where there is none.

        Raises Invalid, NotFound, Conflict, RateLimited.
        """
        other = await self._users.find(reference)
        if other.id == caller.id:
            raise Invalid("Choose someone else to talk to.", field="user")
        key = ":".join(sorted((caller.id, other.id)))
        # Both may ask at once: one request creates the room, the other waits for it.
        async with self._locks.hold(key):
            room = await self._store.direct(key)
            if room is None:
                room = await self._first_words(caller, other, key)
        return await self._views.get(room.id)

    async def _first_words(self, caller: User, other: User, key: str) -> Room:
        await self._quotas.enter(caller)
        await self._quotas.put_in(caller, other)
        room_id = self._changes.new_id()
        name = f"{caller.username}, {other.username}"
        room = Room(id=room_id, slug=f"d-{room_id}", name=name, kind="direct", owner=caller.id)
        try:
            await self._begin(room, caller, (caller, other), key)
        except Conflict:
            # Another node creates it; it can be read once it is committed.
            return await self._seen_soon(lambda: self._store.direct(key))
        return room

    async def _seen_soon(self, look: Callable[[], Awaitable[Room | None]]) -> Room:
        for _ in range(LOOKS):
            if found := await look():
                return found
            await asyncio.sleep(LOOKS_EVERY_S)
        raise Unavailable("The room is being made.", retry_after=1)

    async def update(
        self, caller: Caller, reference: str, name: str | None, topic: str | None
    ) -> int:
        """Rename a room, set its topic, or both; the rev of the last entry.

        Raises NotFound, Forbidden, Invalid, Conflict.
        """
        view = await self._restricted.room(caller, reference)
        rev = view.rev
        # Both are checked before the first is done.
        if name is not None:
            name = self._names.name(name)
        if topic is not None:
            topic = self._names.topic(topic)
        if name is not None:
            rev = await self._rename(view, caller, name)
        if topic is not None:
            rev = await self._set(view, caller, "topic", topic=topic)
        return rev

    async def _rename(self, view: RoomView, caller: Caller, name: str) -> int:
        await self._names.must_be_free(name, caller.user, besides=view.room.id)
        system = System(kind="renamed", fields={"name": name})
        return await self._restricted.change(view, caller, system, renames_room(view.room.id, name))

    async def archive(self, caller: Caller, reference: str) -> int:
        """Close a room; it can still be read. Returns the rev of the entry.

        Raises NotFound, Forbidden.
        """
        view = await self._restricted.room(caller, reference)
        return await self._set(view, caller, "archived", archived=True)

    async def unarchive(self, caller: Caller, reference: str) -> int:
        """Open an archived room again; the rev of the entry.

        Raises NotFound, Forbidden, Conflict.
        """
        view = await self._restricted.archived_room(caller, reference)
        await self._quotas.reopen(view.room.owner)
        system = System(kind="unarchived", fields={"archived": False})
        write = changes_room(view.room.id, archived=False)
        return await self._restricted.reopen(view, caller, system, write)

    async def _set(self, view: RoomView, caller: Caller, kind: str, **fields: str | bool) -> int:
        system = System(kind=kind, fields=fields)
        return await self._restricted.change(
            view, caller, system, changes_room(view.room.id, **fields)
        )

    async def welcome(self, user: User) -> None:
        """Make a new person a member of the hallway, which is created for the first person."""
        hallway = await self._hallway(user)
        if not hallway.room.archived:
            await self._memberships.join(hallway, user)

    async def _hallway(self, first: User) -> RoomView:
        # Many may be the first at once: one request creates it, the others wait.
        async with self._locks.hold(HALLWAY):
            try:
                return await self._views.get(HALLWAY)
            except NotFound:
                return await self._first_room(first)

    async def _first_room(self, first: User) -> RoomView:
        room = Room(
            id=self._changes.new_id(), slug=HALLWAY, name=HALLWAY, kind="open", owner=first.id
        )
        try:
            await self._begin(room, first, [first])
        except Conflict:
            # Another node creates it; it can be read once it is committed.
            room = await self._seen_soon(lambda: self._store.room(HALLWAY))
        return await self._views.get(room.id)
