"""Tells rooms who is writing in them: at most five by name, and whether there are more."""

from app.chat.audience import Audience
from app.chat.large_rooms import Pauses
from app.chat.room_view import RoomView
from app.chat.room_views import RoomViews
from app.chat.serializer import Serializer
from app.chat.typing import Typing

NAMED = 5


class TypingEvents:
    """A large room gets names too, since clients don't have all of its members."""

    def __init__(
        self,
        views: RoomViews,
        audience: Audience,
        typing: Typing,
        serializer: Serializer,
        pauses: Pauses,
    ) -> None:
        self._views = views
        self._audience = audience
        self._typing = typing
        self._pauses = pauses
        self._serializer = serializer
        self._waiting: set[str] = set()
        self._told: dict[str, tuple[list[str], bool]] = {}

    async def tell(self) -> None:
        """Tell the rooms in which it is news, but for large ones that have heard just now."""
        rooms, self._waiting = self._typing.take_changed() | self._waiting, set()
        for room_id in rooms:
            view = await self._views.get(room_id)
            news = self._now(view)
            if news == self._told.get(room_id, ([], False)):
                continue
            if view.is_large and not self._pauses.begin(room_id, len(view.members)):
                self._waiting.add(room_id)
                continue
            await self._tell(view, *news)

    def _now(self, view: RoomView) -> tuple[list[str], bool]:
        users = [u for u in self._typing.among(view.room.id) if view.has(u)]
        return users[:NAMED], len(users) > NAMED

    async def _tell(self, view: RoomView, users: list[str], more: bool) -> None:
        room_id = view.room.id
        if users:
            self._told[room_id] = users, more
        else:
            self._told.pop(room_id, None)
        payload: dict[str, object] = {"room": room_id, "users": users, "more": more}
        if view.is_large:
            payload["names"] = {user_id: self._serializer.name(user_id, "") for user_id in users}
        await self._audience.tell_room(view, "typing", payload)
