"""The table of chat's client events: each decodes its struct, calls one service, answers."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from app.chat.access import Access
from app.chat.audience import Audience
from app.chat.lobby import Lobby
from app.chat.messages import Messages
from app.chat.models import (
    CreateRoom,
    DeleteMessage,
    EditMessage,
    InRoom,
    JoinRoom,
    MarkRead,
    Nothing,
    OfMember,
    OpenDirect,
    React,
    ReadHistory,
    SendMessage,
    SetPresence,
    SyncRoom,
    UpdateRoom,
)
from app.chat.presence import Presence
from app.chat.reader import Reader, Readers
from app.chat.rooms import Rooms
from app.chat.timeline import Timeline
from app.chat.typing import Typing
from app.chat.views import Views
from app.errors import NotFound, Unavailable
from app.realtime.connections import Connection
from app.realtime.dispatch import Answer, Dispatcher
from app.realtime.events import Event
from app.streams.hub import Hub
from app.times import now, rfc3339

Payload = Mapping[str, Any]
JOINED_ROOMS = 500


class ChatEvents:
    """What a connection can ask of chat."""

    def __init__(
        self,
        *,
        access: Access,
        rooms: Rooms,
        lobby: Lobby,
        timeline: Timeline,
        messages: Messages,
        readers: Readers,
        presence: Presence,
        typing: Typing,
        audience: Audience,
        views: Views,
        hub: Hub,
    ) -> None:
        self._access = access
        self._rooms = rooms
        self._lobby = lobby
        self._timeline = timeline
        self._messages = messages
        self._readers = readers
        self._presence = presence
        self._typing = typing
        self._audience = audience
        self._views = views
        self._hub = hub

    def register(self, dispatcher: Dispatcher) -> None:
        """Put every event into the table that all transports share."""
        for name, request, handler in (
            ("room:join", JoinRoom, self.join),
            ("room:leave", InRoom, self.leave),
            ("room:sync", SyncRoom, self.sync),
            ("room:history", ReadHistory, self.history),
            ("room:read", MarkRead, self.read),
            ("room:create", CreateRoom, self.create),
            ("room:update", UpdateRoom, self.update),
            ("room:archive", InRoom, self.archive),
            ("room:invite", OfMember, self.invite),
            ("room:remove", OfMember, self.remove),
            ("room:quit", InRoom, self.quit),
            ("rooms:list", Nothing, self.list_rooms),
            ("rooms:browse", Nothing, self.browse),
            ("direct:open", OpenDirect, self.direct),
            ("message:send", SendMessage, self.send),
            ("message:edit", EditMessage, self.edit),
            ("message:delete", DeleteMessage, self.delete),
            ("reaction:add", React, self.add_reaction),
            ("reaction:remove", React, self.remove_reaction),
            ("typing:start", InRoom, self.start_typing),
            ("typing:stop", InRoom, self.stop_typing),
            ("presence:set", SetPresence, self.set_presence),
        ):
            dispatcher.add(name, request, handler)

    async def arrive(self, connection: Connection) -> None:
        """A connection is there: welcome it and show that the person is here."""
        reader = self._readers.add(connection)
        user = connection.caller.user
        rooms = await self._lobby.listed(user)
        if reader.is_gone:
            return
        reader.listed = {room["id"] for room in rooms}
        welcome = {
            "message": f"Welcome to chat, {user.name}!",
            "user": {
                "id": user.id,
                "username": user.username,
                "name": user.name,
                "role": user.role,
            },
            "server_time": rfc3339(now()),
            "rooms": rooms,
        }
        connection.send(Event("welcome", welcome))
        await self._show(reader, self._presence.set(connection, "online"))

    async def depart(self, connection: Connection) -> None:
        """A connection is gone."""
        reader = self._readers.remove(connection)
        if reader is None:
            return
        for room_id in reader.rooms:
            self._hub.unfollow(f"room:{room_id}", reader)
        is_news = self._presence.leave(connection)
        if not self._readers.of(connection.user_id):
            for room_id in self._typing.stop_all(connection.user_id):
                self._audience.typed(await self._views.get(room_id))
        await self._show(reader, is_news)

    async def _show(self, reader: Reader, is_news: bool) -> None:
        if is_news:
            for room_id in list(reader.listed):
                self._audience.appeared(await self._views.get(room_id), reader.connection.user_id)

    async def join(self, connection: Connection, request: JoinRoom) -> Answer:
        reader, user = self._reader(connection), connection.caller.user
        view = await self._access.readable(user, request.room)
        if len(reader.rooms - {view.room.id}) >= JOINED_ROOMS:
            raise Unavailable("Too many rooms are open here; leave one first.", retry_after=1)
        answer, release = await self._timeline.join(user, view, reader, request.cursor)
        return Answer(answer, release, topic=view.room.id)

    def _reader(self, connection: Connection) -> Reader:
        reader = self._readers.by(connection)
        if reader is None:
            raise Unavailable("The connection is not ready; please try again.", retry_after=1)
        return reader

    async def leave(self, connection: Connection, request: InRoom) -> None:
        view = await self._access.readable(connection.caller.user, request.room)
        reader = self._reader(connection)
        self._hub.unfollow(view.room.stream, reader)
        reader.rooms.discard(view.room.id)
        connection.drop(view.room.id)

    async def sync(self, connection: Connection, request: SyncRoom) -> Answer:
        user = connection.caller.user
        view = await self._access.readable(user, request.room)
        answer = await self._timeline.sync(user, view, request.cursor)
        return Answer(answer, topic=view.room.id)

    async def history(self, connection: Connection, request: ReadHistory) -> Answer:
        user = connection.caller.user
        view = await self._access.readable(user, request.room)
        answer = await self._timeline.history(user, view, request.limit, before=request.before)
        return Answer(answer, topic=view.room.id)

    async def read(self, connection: Connection, request: MarkRead) -> Payload:
        user = connection.caller.user
        return {"unread": await self._timeline.mark_read(user, request.room, request.seq)}

    async def create(self, connection: Connection, request: CreateRoom) -> Payload:
        user = connection.caller.user
        view = await self._rooms.create(request.name, request.kind, user, request.members)
        return {"room": await self._lobby.entry(view, user)}

    async def direct(self, connection: Connection, request: OpenDirect) -> Payload:
        user = connection.caller.user
        view = await self._rooms.direct(user, request.user)
        return {"room": await self._lobby.entry(view, user)}

    async def update(self, connection: Connection, request: UpdateRoom) -> Payload:
        user = connection.caller.user
        return {"rev": await self._rooms.update(user, request.room, request.name, request.topic)}

    async def archive(self, connection: Connection, request: InRoom) -> Payload:
        return {"rev": await self._rooms.archive(connection.caller.user, request.room)}

    async def invite(self, connection: Connection, request: OfMember) -> Payload:
        user = connection.caller.user
        return {"rev": await self._rooms.invite(user, request.room, request.user)}

    async def remove(self, connection: Connection, request: OfMember) -> Payload:
        user = connection.caller.user
        return {"rev": await self._rooms.remove(user, request.room, request.user)}

    async def quit(self, connection: Connection, request: InRoom) -> Payload:
        return {"rev": await self._rooms.leave(connection.caller.user, request.room)}

    async def list_rooms(self, connection: Connection, _: Nothing) -> Payload:
        return {"rooms": await self._lobby.listed(connection.caller.user)}

    async def browse(self, connection: Connection, _: Nothing) -> Payload:
        return {"rooms": await self._lobby.browse(connection.caller.user)}

    async def send(self, connection: Connection, request: SendMessage) -> Payload:
        user = connection.caller.user
        done = await self._messages.send(user, request)
        # Whatever became of the membership meanwhile: the message is sent.
        with suppress(NotFound):
            await self.stop_typing(connection, InRoom(room=request.room))
        return {"id": done.id, "seq": done.seq, "rev": done.rev}

    async def edit(self, connection: Connection, request: EditMessage) -> Payload:
        return {"rev": (await self._messages.edit(connection.caller.user, request)).rev}

    async def delete(self, connection: Connection, request: DeleteMessage) -> Payload:
        return {"rev": (await self._messages.delete(connection.caller.user, request)).rev}

    async def add_reaction(self, connection: Connection, request: React) -> Payload:
        done = await self._messages.react(connection.caller.user, request, add=True)
        return {"rev": done.rev}

    async def remove_reaction(self, connection: Connection, request: React) -> Payload:
        done = await self._messages.react(connection.caller.user, request, add=False)
        return {"rev": done.rev}

    async def start_typing(self, connection: Connection, request: InRoom) -> None:
        view = await self._access.writable(connection.caller.user, request.room)
        if self._typing.start(view.room.id, connection.user_id):
            self._audience.typed(view)

    async def stop_typing(self, connection: Connection, request: InRoom) -> None:
        view = await self._access.readable(connection.caller.user, request.room)
        if self._typing.stop(view.room.id, connection.user_id):
            self._audience.typed(view)

    async def set_presence(self, connection: Connection, request: SetPresence) -> None:
        reader = self._reader(connection)
        await self._show(reader, self._presence.set(connection, request.state))
