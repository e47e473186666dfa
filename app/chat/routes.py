"""Rooms and messages over HTTP, and the page of a room."""

from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from app.accounts.models import User
from app.chat.access import Access
from app.chat.messages import Messages
from app.chat.models import ClientId, CreateRoom, Limit, Reference, Rev, SendMessage
from app.chat.room_list import RoomList
from app.chat.rooms import Rooms
from app.chat.serializer import Serializer
from app.chat.timeline import Timeline
from app.errors import Forbidden, NotFound
from app.lengths import Written
from app.times import now, rfc3339
from app.web.http import caller, decode, query, reply
from app.web.idempotency import client_id
from app.web.routing import Route
from app.web.templates import inert, render_cached


class NewMessage(Struct, kw_only=True):
    text: Written
    client_id: ClientId | None = None
    reply_to: Reference | None = None


class PageOfMessages(Struct, kw_only=True):
    before: Rev | None = None
    after: Rev | None = None
    limit: Limit = 50


class ChatRoutes:
    """Handlers; each calls one service method."""

    def __init__(
        self,
        access: Access,
        rooms: Rooms,
        room_list: RoomList,
        timeline: Timeline,
        messages: Messages,
        serializer: Serializer,
    ) -> None:
        self._access = access
        self._rooms = rooms
        self._room_list = room_list
        self._timeline = timeline
        self._messages = messages
        self._serializer = serializer

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/api/rooms", self.list_rooms, "Rooms of mine and open ones"),
            Route(
                "POST", "/api/rooms", self.create_room, "Make a room", body=CreateRoom, status=201
            ),
            Route("GET", "/api/rooms/{room}", self.show_room, "One room"),
            Route(
                "GET",
                "/api/rooms/{room}/messages",
                self.list_messages,
                "A page of messages",
                query=PageOfMessages,
            ),
            Route(
                "POST",
                "/api/rooms/{room}/messages",
                self.send_message,
                "Send a message",
                body=NewMessage,
                status=201,
                own_limit="person",
            ),
            Route("GET", "/", self.home),
            Route("GET", "/rooms/{room}", self.room_page),
        ]

    async def list_rooms(self, request: web.Request) -> web.Response:
        return reply({"items": await self._room_list.listed(chatter(request)), "more": False})

    async def create_room(self, request: web.Request) -> web.Response:
        user = chatter(request)
        asked = await decode(request, CreateRoom)
        view = await self._rooms.create(asked.name, asked.kind, user, asked.members)
        return reply(await self._room_list.entry(view, user), status=201)

    async def show_room(self, request: web.Request) -> web.Response:
        user = chatter(request)
        view = await self._access.readable(user, request.match_info["room"])
        return reply(await self._room_list.entry(view, user))

    async def list_messages(self, request: web.Request) -> web.Response:
        user, asked = chatter(request), query(request, PageOfMessages)
        view = await self._access.readable(user, request.match_info["room"])
        return reply(
            await self._timeline.history(
                user, view, asked.limit, before=asked.before, after=asked.after
            )
        )

    async def send_message(self, request: web.Request) -> web.Response:
        user, room = chatter(request), request.match_info["room"]
        asked = await decode(request, NewMessage)
        done, item = await self._messages.send_with_item(
            user,
            SendMessage(
                room=room,
                text=asked.text,
                client_id=client_id(request, asked.client_id),
                reply_to=asked.reply_to,
            ),
        )
        if item is not None:
            return reply(self._serializer.message(item), status=201)
        return reply(await self._timeline.message(user, room, done.id))

    async def home(self, request: web.Request) -> web.Response:
        user = chatter(request)
        rooms = await self._room_list.listed(user)
        if not rooms:
            return await self._page(request, user, None)
        first = next((r for r in rooms if r["slug"] == "hallway"), rooms[0])
        raise web.HTTPSeeOther(f"/rooms/{first['slug']}")

    async def room_page(self, request: web.Request) -> web.Response:
        return await self._page(request, chatter(request), request.match_info["room"])

    async def _page(self, request: web.Request, user: User, reference: str | None) -> web.Response:
        """The shell with a snapshot, so that first paint needs no further request."""
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


def chatter(request: web.Request) -> User:
    """The caller, where they may use chat. Raises Unauthenticated, Forbidden."""
    found = caller(request)
    if not found.may("chat"):
        raise Forbidden("This token may not use chat.")
    return found.user
