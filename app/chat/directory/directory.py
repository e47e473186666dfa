"""Finds people and open rooms by any part of their names, for one person.

Everybody who is signed in may know of all people and all open rooms; private rooms and direct
conversations are never among the answers.
"""

from typing import cast

from app.accounts.models import User
from app.accounts.users import Users
from app.chat.access import Access
from app.chat.directory.models import (
    FindPeople,
    FindRooms,
    FoundPeople,
    FoundPerson,
    FoundRoom,
    FoundRooms,
    Profile,
)
from app.chat.models import Room
from app.chat.payload_types import PresentUser
from app.chat.presence import Presence
from app.chat.room_view import RoomView
from app.chat.room_views import RoomViews
from app.chat.serializer import room_document, user_document
from app.chat.store import ChatStore

# The members of a room up to this size are looked at first; in a larger one the best matches of
# all people come first.
MEMBERS_FIRST = 1_000


class Directory:
    """Searches people and open rooms."""

    def __init__(
        self, users: Users, store: ChatStore, views: RoomViews, access: Access, presence: Presence
    ) -> None:
        self._users = users
        self._store = store
        self._views = views
        self._access = access
        self._presence = presence

    async def people(self, user: User, asked: FindPeople) -> FoundPeople:
        """People with an open account, bots too; the members of `room` first, then the best
        matches. Raises NotFound for a room that `user` may not read."""
        view = await self._access.readable(user, asked.room) if asked.room is not None else None
        first = list(view.members) if view and len(view.members) <= MEMBERS_FIRST else []
        found, more = await self._users.search(asked.query, asked.limit, asked.offset, first)
        return {"items": [self._person(each, view) for each in found], "more": more}

    def _person(self, user: User, view: RoomView | None) -> FoundPerson:
        present: PresentUser = {**user_document(user), "state": self._presence.of(user.id)}
        if view is None:
            return cast(FoundPerson, present)
        return {**present, "member": view.has(user.id)}

    async def person(self, reference: str) -> Profile:
        """The profile of a person or a bot, by id or username. Raises NotFound, also for a deleted
        account."""
        user = await self._users.find(reference)
        present: PresentUser = {**user_document(user), "state": self._presence.of(user.id)}
        profile = cast(Profile, {**present, "role": user.role})
        if user.time_zone:
            profile["time_zone"] = user.time_zone
        if user.is_disabled:
            profile["disabled"] = True
        return profile

    async def rooms(self, user: User, asked: FindRooms) -> FoundRooms:
        """Open rooms, those that `user` is in too; either archived ones or the others. Without a
        query these are all, by name."""
        at_most = asked.limit + 1
        if asked.query.strip():
            rooms = await self._store.search_open_rooms(
                asked.query, asked.archived, asked.offset + at_most
            )
            rooms = rooms[asked.offset :]
        else:
            rooms = await self._store.open_rooms_page(asked.archived, asked.offset, at_most)
        shown = rooms[: asked.limit]
        mine = await self._store.readings(user.id)
        counts = await self._member_counts(shown)
        items: list[FoundRoom] = [
            {
                **room_document(room),
                "member_count": counts[room.id],
                "member": mine.get(room.id) is not None,
            }
            for room in shown
        ]
        return {"items": items, "more": len(rooms) > asked.limit}

    async def _member_counts(self, rooms: list[Room]) -> dict[str, int]:
        loaded = self._views.member_counts(room.id for room in rooms)
        missing = [room.id for room in rooms if room.id not in loaded]
        read = await self._store.member_counts(missing) if missing else {}
        return {room.id: loaded.get(room.id, read.get(room.id, 0)) for room in rooms}
