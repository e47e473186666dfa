"""The rights of people in rooms. Every request finds its room here, with the right it needs."""

from collections.abc import Collection

from msgspec import Struct

from app.accounts.models import User
from app.chat.models import Room, RoomNotFound
from app.chat.ordered_lock import OrderedLocks
from app.chat.room_view import RoomView
from app.chat.room_views import RoomViews
from app.errors import Conflict, Forbidden
from app.streams.models import Guard


class VisibleRoom(Struct, frozen=True):
    """A room that a person may know of, and whether they are a member."""

    room: Room
    is_member: bool


class Access:
    """Finds rooms for one person: an id or slug, and the right that the request needs."""

    def __init__(self, views: RoomViews) -> None:
        self._views = views
        # By room and person: a membership changes in one request at a time.
        self.membership_locks = OrderedLocks()

    async def readable(self, user: User, reference: str) -> RoomView:
        """A room that this person may read: an open one, or one of theirs. Raises NotFound."""
        view = await self._views.get(reference)
        if view.room.kind != "open" and not view.has(user.id):
            await self._views.catch_up(view)
            must_be_readable(view, user)
        return view

    async def joined(self, user: User, reference: str) -> RoomView:
        """A room that this person is a member of. Raises NotFound, or Forbidden for an open one."""
        view = await self.readable(user, reference)
        if not view.has(user.id):
            # They may be joining at this moment, in another request.
            async with self.membership_locks.hold((view.room.id, user.id)):
                await self._views.catch_up(view)
            must_be_member(view, user)
        return view

    async def writable(self, user: User, reference: str) -> RoomView:
        """A room that this person may write in. Raises NotFound, or Forbidden for an archived one
        and for an open one that they have not joined."""
        view = await self.joined(user, reference)
        must_be_live(view)
        return view

    async def managed(self, user: User, reference: str) -> RoomView:
        """A room whose settings and members this person may change. Raises NotFound, Forbidden."""
        view = await self.writable(user, reference)
        must_manage(view, user)
        return view

    async def reopenable(self, user: User, reference: str) -> RoomView:
        """An archived room that this person may open again; they need not be a member of an open
        one, which nobody can join meanwhile. Raises NotFound, Forbidden, Conflict."""
        view = await self.readable(user, reference)
        must_reopen(view, user)
        return view

    async def visible(self, user: User, room_ids: Collection[str]) -> dict[str, VisibleRoom]:
        """Those of these rooms that this person may know of, by id; two queries."""
        mine, rooms = await self._views.read_of(user.id, room_ids)
        return {
            room.id: VisibleRoom(room, room.id in mine)
            for room in rooms
            if room.kind == "open" or room.id in mine
        }

    async def room_ids(self, user: User) -> frozenset[str]:
        """The ids of the rooms that this person is in."""
        return (await self._views.read_of(user.id, ()))[0]


def must_be_readable(view: RoomView, user: User) -> None:
    """Raises NotFound. To be checked again after each await: a membership may end meanwhile."""
    if view.room.kind != "open" and not view.has(user.id):
        raise RoomNotFound


def must_be_member(view: RoomView, user: User) -> None:
    """Raises Forbidden for an open room, NotFound for another one."""
    if view.has(user.id):
        return
    must_be_readable(view, user)
    raise Forbidden("Join this room first; then you can write in it.")


def must_be_live(view: RoomView) -> None:
    """Raises Forbidden for an archived room."""
    if view.room.archived:
        raise Forbidden("This room is archived: it can be read, but nothing can be added.")


def must_manage(view: RoomView, user: User) -> None:
    """Raises Forbidden unless this is the owner or an admin; `user` is known to be a member."""
    if view.room.kind == "direct":
        raise Forbidden("A direct conversation has no settings and always the same two people.")
    if view.room.owner != user.id and not user.is_admin:
        raise Forbidden("Only the room's owner or an admin can do this.")


def must_reopen(view: RoomView, user: User) -> None:
    """Raises Forbidden unless this is the owner or an admin, Conflict unless it is archived."""
    must_be_readable(view, user)
    must_manage(view, user)
    if not view.room.archived:
        raise Conflict("This room is open already.")


def membership_guard(view: RoomView, user: User) -> Guard:
    """A check for the moment at which a change is numbered: may this person still write here?"""

    def check() -> None:
        must_be_member(view, user)
        must_be_live(view)

    return check
