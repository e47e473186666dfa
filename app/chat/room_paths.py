"""Says which rooms the addresses of pages belong to, without telling names of private rooms."""

from collections.abc import Collection, Mapping
from typing import Any

from cachetools import TTLCache

from app.accounts.models import User
from app.accounts.users import Users
from app.chat.access import Access
from app.chat.models import Room
from app.chat.store import ChatStore

PREFIX = "/rooms/"
LONGEST = 200
REMEMBERED = 5_000
REMEMBERED_S = 60.0


class RoomPaths:
    """Reads `/rooms/<slug or id>`; other paths are left alone."""

    def __init__(self, store: ChatStore, access: Access, users: Users) -> None:
        self._store = store
        self._access = access
        self._users = users
        self._known: TTLCache[str, str] = TTLCache(REMEMBERED, REMEMBERED_S)

    async def concealed(self, paths: Collection[str]) -> Mapping[str, str]:
        """Those of `paths` that have the slug of a private room, each with the id instead of it.

        The slug is made from the room's name, which only its members may know.
        """
        asked = {_reference(path) for path in paths if path.startswith(PREFIX)}
        fresh = [each for each in asked if len(each) <= LONGEST and each not in self._known]
        if fresh:
            found = {room.slug: room for room in await self._store.rooms_at(fresh)}
            self._known.update({each: _neutral(found.get(each), each) for each in fresh})
        return {
            path: path.replace(reference, neutral, 1)
            for path in paths
            if path.startswith(PREFIX)
            and (neutral := self._known.get(reference := _reference(path), reference)) != reference
        }

    async def names(self, user: User, paths: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
        """`{path: {kind, name}}` of those paths that are of rooms.

        `name` is None where `user` may not know the room; a direct room has both people's names.
        """
        by_path = {path: _reference(path) for path in paths if path.startswith(PREFIX)}
        rooms = await self._store.rooms_at(list(by_path.values()))
        at = {key: room for room in rooms for key in (room.id, room.slug)}
        visible = await self._access.visible(user, [room.id for room in rooms])
        return {
            path: {"kind": room.kind, "name": await self._name(room, room.id in visible)}
            for path, reference in by_path.items()
            if (room := at.get(reference)) is not None
        }

    async def _name(self, room: Room, is_visible: bool) -> str | None:
        if not is_visible:
            return None
        if room.kind != "direct":
            return room.name
        members = (await self._store.members([room.id]))[room.id]
        people = await self._users.many(member.user for member in members)
        return ", ".join(sorted(person.name for person in people.values()))


def _reference(path: str) -> str:
    return path.removeprefix(PREFIX).partition("/")[0].partition("?")[0].partition("#")[0]


def _neutral(room: Room | None, reference: str) -> str:
    return room.id if room is not None and room.kind == "private" else reference
