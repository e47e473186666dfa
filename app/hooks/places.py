"""Rooms and topics as webhooks show them: by name to those who may know it, and their content."""

from collections.abc import Collection, Iterable
from typing import Any

from msgspec import Struct

from app.accounts.models import User
from app.chat.access import Access
from app.chat.serializer import Serializer
from app.hooks.models import Hook, IncomingHook, Place
from app.streams.models import Item
from app.topics.serializer import event_of


class Line(Struct, frozen=True):
    """A hook's place in a list: its name, and whether the reader may use the hook themselves."""

    label: str
    may_use: bool


class Places:
    """Reads rooms and topics; who may do what with them is asked of `Rights`."""

    def __init__(self, access: Access, serializer: Serializer) -> None:
        self._access = access
        self._serializer = serializer

    async def lines(self, admin: User, hooks: Collection[Hook]) -> dict[str, Line]:
        """For each of the hooks, by id. A private room has no name for those who are not in it."""
        rooms = {hook.place.id for hook in hooks if hook.place.kind == "room"}
        known = await self._access.visible(admin, rooms)
        lines = {}
        for hook in hooks:
            visible = known.get(hook.place.id)
            if hook.place.kind == "topic":
                lines[hook.id] = Line(f"topic {hook.place.id}", may_use=True)
            elif visible is None:
                lines[hook.id] = Line("a private room", may_use=False)
            else:
                may_use = visible.is_member or not isinstance(hook, IncomingHook)
                lines[hook.id] = Line(f"#{visible.room.slug}", may_use)
        return lines

    async def shown(self, place: Place, items: Iterable[Item]) -> list[dict[str, Any]]:
        """The items as messages or events of the protocol."""
        found = list(items)
        if place.kind == "topic":
            return [event_of(item) for item in found]
        await self._serializer.warm(found)
        return [self._serializer.message(item) for item in found]
