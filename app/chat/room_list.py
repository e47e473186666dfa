"""The list of one person's rooms, with the unread counts, and the open rooms they could join."""

from collections.abc import Mapping
from typing import cast

from app.accounts.models import User
from app.accounts.users import Users
from app.chat.ephemeral_events import EphemeralEvents
from app.chat.models import Reading
from app.chat.payload_types import OpenRoom, RoomEntry, RoomOverview
from app.chat.presence import Presence
from app.chat.room_names import HALLWAY
from app.chat.room_view import RoomView
from app.chat.room_views import RoomViews
from app.chat.rooms import Rooms
from app.chat.serializer import Serializer, room_document, user_document
from app.chat.single_flight import SingleFlightCache
from app.chat.store import ChatStore
from app.errors import NotFound
from app.times import rfc3339

OPEN_ROOMS = 500
GLANCED_ROOMS = 100_000


class RoomList:
    """Makes the entries of room lists."""

    def __init__(
        self,
        store: ChatStore,
        views: RoomViews,
        users: Users,
        rooms: Rooms,
        serializer: Serializer,
        presence: Presence,
        ephemeral: EphemeralEvents,
    ) -> None:
        self._store = store
        self._views = views
        self._users = users
        self._rooms = rooms
        self._serializer = serializer
        self._presence = presence
        self._ephemeral = ephemeral
        self._glances: SingleFlightCache[tuple[str, int], dict[str, Reading | None]] = (
            SingleFlightCache(GLANCED_ROOMS, len)
        )

    async def mine(self, user: User) -> list[RoomView]:
        """The rooms that this person is in. A new person joins the first room by it."""
        return await self._among(await self._store.readings(user.id), user)

    async def _among(self, known: Mapping[str, Reading | None], user: User) -> list[RoomView]:
        readings = {room_id: r for room_id, r in known.items() if r is not None}
        views = await self._views.get_all(readings)
        for view, reading in zip(views, readings.values(), strict=True):
            # Another node may have heard of reading that this one has not.
            view.take_reading(user.id, reading)
        if not any(v.room.slug == HALLWAY for v in views) and await self._is_new(known):
            await self._rooms.welcome(user)
            views.append(await self._views.get(HALLWAY))
        return [view for view in views if view.has(user.id)]

    async def _is_new(self, known: Mapping[str, Reading | None]) -> bool:
        try:
            return (await self._views.get(HALLWAY)).room.id not in known
        except NotFound:
            return True

    async def listed(self, user: User) -> list[RoomEntry]:
        """The entries for `welcome`; direct rooms have the name of the other person."""
        return [await self.entry(view, user) for view in await self.mine(user)]

    async def glanced(self, user: User) -> list[RoomEntry]:
        """Like `listed`, for a page: changes that other nodes made within the last two seconds may
        be missing; the welcome that follows has them."""
        key = (user.id, self._ephemeral.membership_changes)
        known = await self._glances.get(key, lambda: self._store.readings(user.id))
        return [await self.entry(view, user) for view in await self._among(known, user)]

    async def entry(self, view: RoomView, user: User) -> RoomEntry:
        """The entry of one room."""
        unread, mentions = await self.unread(view, user)
        overview: RoomOverview = {
            **room_document(view.room),
            "member": view.has(user.id),
            "rev": view.rev,
            "unread": unread,
            "mentions": mentions,
            "last_read": view.read_seq(user.id),
        }
        entry = cast(RoomEntry, overview)
        if view.active_at is not None:
            entry["active_at"] = rfc3339(view.active_at)
        if view.room.kind == "direct":
            other_id = next((u for u in view.members if u != user.id), user.id)
            other = self._users.known(other_id) or await self._users.get(other_id)
            entry["name"] = self._serializer.name(other.id, other.name)
            entry["with"] = {
                **user_document(other),
                "name": entry["name"],
                "state": self._presence.of(other.id),
            }
        return entry

    async def unread(self, view: RoomView, user: User) -> tuple[int, int]:
        """`(unread, mentions)`."""
        return await self._views.unread(view, user.id)

    async def browse(self, user: User) -> list[OpenRoom]:
        """Up to 500 open rooms that this person is not in, by name."""
        mine = await self._store.readings(user.id)
        rooms = [r for r in await self._store.open_rooms(OPEN_ROOMS) if mine.get(r.id) is None]
        counts = await self._store.member_counts([r.id for r in rooms])
        return [{**room_document(r), "member_count": counts.get(r.id, 0)} for r in rooms]
