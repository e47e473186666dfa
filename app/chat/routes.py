"""Rooms and messages over HTTP as JSON."""

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
from app.errors import Forbidden
from app.lengths import Written
from app.web.idempotency import client_id
from app.web.route_helpers import caller, decode, query, reply
from app.web.routing import Route


class PostMessage(Struct, kw_only=True):
    """The body of a request that sends a message."""

    text: Written
    client_id: ClientId | None = None
    reply_to: Reference | None = None


class ReadUpTo(Struct, kw_only=True):
    """The body of a request that marks messages as read, up to the one with this seq."""

    seq: Rev


class MessagesQuery(Struct, kw_only=True):
    """The query of a request for messages: those between two exclusive seqs."""

    before: Rev | None = None
    after: Rev | None = None
    limit: Limit = 50


class ChatRoutes:
    """The handlers; each calls one service method."""

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
                query=MessagesQuery,
            ),
            Route(
                "POST",
                "/api/rooms/{room}/messages",
                self.send_message,
                "Send a message",
                body=PostMessage,
                status=201,
                own_limit="person",
            ),
            Route(
                "POST",
                "/api/rooms/{room}/read",
                self.mark_read,
                "Mark messages as read",
                body=ReadUpTo,
            ),
        ]

    async def list_rooms(self, request: web.Request) -> web.Response:
        return reply({"items": await self._room_list.listed(chat_user(request)), "more": False})

    async def create_room(self, request: web.Request) -> web.Response:
        user = chat_user(request)
        asked = await decode(request, CreateRoom)
        view = await self._rooms.create(asked.name, asked.kind, user, asked.members)
        return reply(await self._room_list.entry(view, user), status=201)

    async def show_room(self, request: web.Request) -> web.Response:
        user = chat_user(request)
        view = await self._access.readable(user, request.match_info["room"])
        return reply(await self._room_list.entry(view, user))

    async def list_messages(self, request: web.Request) -> web.Response:
        user, asked = chat_user(request), query(request, MessagesQuery)
        view = await self._access.readable(user, request.match_info["room"])
        return reply(
            await self._timeline.history(
                user, view, asked.limit, before=asked.before, after=asked.after
            )
        )

    async def send_message(self, request: web.Request) -> web.Response:
        user, room = chat_user(request), request.match_info["room"]
        asked = await decode(request, PostMessage)
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

    async def mark_read(self, request: web.Request) -> web.Response:
        user, room = chat_user(request), request.match_info["room"]
        asked = await decode(request, ReadUpTo)
        return reply({"unread": await self._timeline.mark_read(user, room, asked.seq, devices=0)})


def chat_user(request: web.Request) -> User:
    """The caller, who needs the scope `chat`. Raises Unauthenticated, Forbidden."""
    found = caller(request)
    if not found.may("chat"):
        raise Forbidden("This token may not use chat.")
    return found.user
