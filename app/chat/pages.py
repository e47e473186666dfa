"""The page of a room."""

from typing import Any

import msgspec
from aiohttp import web

from app.accounts.models import User
from app.chat.opening_snapshot import OpeningSnapshot
from app.chat.room_list import RoomList
from app.chat.routes import chat_user
from app.errors import NotFound
from app.security.headers import shell_policy
from app.times import now, rfc3339
from app.web.routing import Route
from app.web.server_title import server_title
from app.web.templates import inert, render, render_cached

# The page's script puts the name of the person in whose copies it shows.
NOBODY = User(id="", username="", name="")


class ChatPages:
    """Renders the page of a room, and leads from `/` to the first one."""

    def __init__(self, room_list: RoomList, opening: OpeningSnapshot) -> None:
        self._room_list = room_list
        self._opening = opening

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/", self.home),
            Route("GET", "/rooms/{room}", self.room_page),
            Route("GET", "/offline", shell),
        ]

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
            "app_name": server_title(request),
        }
        status = 200
        if reference is not None:
            try:
                snapshot |= await self._opening.of(user, reference)
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


async def shell(request: web.Request) -> web.Response:
    """The page without anything of a person: what the service worker keeps and shows offline.

    It names every script of the page, also those that are loaded when something is opened. The
    worker asks without cookies, so `?language=` says which language the person has chosen.
    """
    title = server_title(request)
    snapshot = {"offline": True, "socketio_path": "/socket.io/", "app_name": title}
    page = await render(
        request,
        "chat/room.html",
        chosen_language=request.query.get("language", ""),
        is_shell=True,
        me=NOBODY,
        room_title=title,
        snapshot_json=inert(msgspec.json.encode(snapshot)).decode(),
    )
    page.headers["Content-Security-Policy"] = shell_policy(request.host)
    return page
