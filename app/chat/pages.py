"""The page of a room."""

from typing import Any

import msgspec
from aiohttp import web

from app.accounts.models import User
from app.chat.room_list import RoomList
from app.chat.routes import chat_user
from app.chat.timeline import Timeline
from app.errors import NotFound
from app.times import now, rfc3339
from app.web.routing import Route
from app.web.templates import inert, render_cached


class ChatPages:
    """Renders the page of a room, and leads from `/` to the first one."""

    def __init__(self, room_list: RoomList, timeline: Timeline) -> None:
        self._room_list = room_list
        self._timeline = timeline

    def routes(self) -> list[Route]:
        return [Route("GET", "/", self.home), Route("GET", "/rooms/{room}", self.room_page)]

    async def home(self, request: web.Request) -> web.Response:
        user = chat_user(request)
        rooms = await self._room_list.listed(user)
        if not rooms:
            return await self._page(request, user, None)
        first = next((r for r in rooms if r["slug"] == "hallway"), rooms[0])
        raise web.HTTPSeeOther(f"/rooms/{first['slug']}")

    async def room_page(self, request: web.Request) -> web.Response:
        return await self._page(request, chat_user(request), request.match_info["room"])

    async def _page(self, request: web.Request, user: User, reference: str | None) -> web.Response:
        """The page with a snapshot, so that it is painted without another request."""
        snapshot: dict[str, Any] = {
            "me": user.profile,
            "server_time": rfc3339(now()),
            "rooms": await self._room_list.glanced(user),
            "room": None,
            "socketio_path": "/socket.io/",
            "app_name": "Parley",
        }
        status = 200
        if reference is not None:
            try:
                snapshot |= await self._timeline.snapshot(user, reference)
            except NotFound:
                snapshot["missing"] = True
                status = 404
        title = snapshot["room"]["name"] if snapshot["room"] else "Rooms"
        return await render_cached(
            request,
            "chat/room.html",
            {"snapshot_json": inert(msgspec.json.encode(snapshot))},
            status=status,
            room_title=title,
        )
