"""The table of chat's client events: each decodes its struct, calls one service, answers."""

from collections.abc import Mapping
from typing import Any

from app.chat.access import Access
from app.chat.connection_lifecycle import ConnectionLifecycle
from app.chat.memberships import Memberships
from app.chat.message_context import MessageContext
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
    ReadContext,
    ReadHistory,
    RoomNotFound,
    SendMessage,
    SetPresence,
    SyncRoom,
    UpdateRoom,
)
from app.chat.room_list import RoomList
from app.chat.rooms import Rooms
from app.chat.subscribers import Subscriber, Subscribers
from app.chat.timeline import Timeline
from app.chat.typing import Typing
from app.errors import Unavailable
from app.realtime.connections import Connection
from app.realtime.dispatch import Answer, ClientEvent, ClientEvents
from app.realtime.namespace import MessageType
from app.streams.hub import Hub

Payload = Mapping[str, Any]
JOINED_ROOMS = 500


class ChatEvents:
    """The handlers of chat's events; their docstrings are lines of docs/PROTOCOL.md."""

    def __init__(
        self,
        *,
        access: Access,
        rooms: Rooms,
        memberships: Memberships,
        room_list: RoomList,
        timeline: Timeline,
        context: MessageContext,
        messages: Messages,
        subscribers: Subscribers,
        typing: Typing,
        lifecycle: ConnectionLifecycle,
        hub: Hub,
    ) -> None:
        self._access = access
        self._rooms = rooms
        self._memberships = memberships
        self._room_list = room_list
        self._timeline = timeline
        self._context = context
        self._messages = messages
        self._subscribers = subscribers
        self._typing = typing
        self._lifecycle = lifecycle
        self._hub = hub

    async def join(self, connection: Connection, request: JoinRoom) -> Answer:
        """Follow a room: the sync answer with `room`, `members` (at most 200), `member_count`,
        `members_rev`, `reads`, `last_read` and `pins` (the ids of the pinned messages), of a large
        room with `online`; without a cursor the newest 50 messages and whether there are `older`
        ones. No `members` where `members_rev` is still the one that the caller names. An open room
        takes the caller in as a member.
        """
        subscriber, user = self._subscriber(connection), connection.caller.user
        view = await self._access.readable(user, request.room)
        if len(subscriber.rooms - {view.room.id}) >= JOINED_ROOMS:
            raise Unavailable("Too many rooms are open here; leave one first.", retry_after=1)
        answer, release = await self._timeline.join(user, view, subscriber, request)
        return Answer(answer, release, view.room.id, RoomNotFound)

    def _subscriber(self, connection: Connection) -> Subscriber:
        subscriber = self._subscribers.by(connection)
        if subscriber is None:
            raise Unavailable("The connection is not ready; please try again.", retry_after=1)
        return subscriber

    async def leave(self, connection: Connection, request: InRoom) -> None:
        """No more live batches on this connection; the membership stays."""
        view = await self._access.readable(connection.caller.user, request.room)
        subscriber = self._subscriber(connection)
        self._hub.unfollow(view.room.stream, subscriber)
        subscriber.leave(view.room.id)
        connection.drop(view.room.id)

    async def sync(self, connection: Connection, request: SyncRoom) -> Answer:
        """The changes after `cursor`: `{rev, items, more, reset}`."""
        user = connection.caller.user
        view = await self._access.readable(user, request.room)
        answer = await self._timeline.sync(user, view, request.cursor)
        return Answer(answer, stream=view.room.id, revoked=RoomNotFound)

    async def history(self, connection: Connection, request: ReadHistory) -> Answer:
        """`{items, more}`: messages with a seq between `before` and `after`, the newest last."""
        user = connection.caller.user
        view = await self._access.readable(user, request.room)
        answer = await self._timeline.history(
            user, view, request.limit, before=request.before, after=request.after
        )
        return Answer(answer, stream=view.room.id, revoked=RoomNotFound)

    async def context(self, connection: Connection, request: ReadContext) -> Answer:
        """The messages around one, for a jump: `{items, older, newer, seq}`. One of `id`, `seq` and
        `at` names it; `at` means the first one since then. `items` is a contiguous part of the
        history, `older` and `newer` say whether there is more on either side.
        """
        view, answer = await self._context.around(connection.caller.user, request)
        return Answer(answer, stream=view.room.id, revoked=RoomNotFound)

    async def read(self, connection: Connection, request: MarkRead) -> Payload:
        """Everything up to `seq` is read, on every device: `{unread}`."""
        user = connection.caller.user
        return {"unread": await self._timeline.mark_read(user, request.room, request.seq)}

    async def mark_unread(self, connection: Connection, request: MarkRead) -> Payload:
        """The message at `seq` and all later ones are unread again, on every device: `{unread}`. My
        connections get `room:updated` with the lower `last_read`.
        """
        user = connection.caller.user
        return {"unread": await self._timeline.mark_unread(user, request.room, request.seq)}

    async def create(self, connection: Connection, request: CreateRoom) -> Payload:
        """A new room with the caller as its owner: `{room}`. A name that is taken is a
        `conflict`.
        """
        user = connection.caller.user
        view = await self._rooms.create(request.name, request.kind, user, request.members)
        return {"room": await self._room_list.entry(view, user)}

    async def direct(self, connection: Connection, request: OpenDirect) -> Payload:
        """The conversation with one other person, begun where there is none: `{room}`."""
        user = connection.caller.user
        view = await self._rooms.direct(user, request.user)
        return {"room": await self._room_list.entry(view, user)}

    async def update(self, connection: Connection, request: UpdateRoom) -> Payload:
        """Rename a room or set its topic: `{rev}`. For its owner, or an admin in it."""
        name, topic = request.name, request.topic
        return {"rev": await self._rooms.update(connection.caller, request.room, name, topic)}

    async def archive(self, connection: Connection, request: InRoom) -> Payload:
        """Close a room, to be read only: `{rev}`. For its owner, or an admin in it."""
        return {"rev": await self._rooms.archive(connection.caller, request.room)}

    async def unarchive(self, connection: Connection, request: InRoom) -> Payload:
        """Open an archived room again: `{rev}`. For its owner, or an admin who may read it. A room
        that isn't archived is a `conflict`.
        """
        return {"rev": await self._rooms.unarchive(connection.caller, request.room)}

    async def invite(self, connection: Connection, request: OfMember) -> Payload:
        """Make someone a member: `{rev}`. Any member may."""
        user = connection.caller.user
        return {"rev": await self._memberships.invite(user, request.room, request.user)}

    async def remove(self, connection: Connection, request: OfMember) -> Payload:
        """End someone's membership: `{rev}`. For the owner, or an admin in the room. After the
        answer that person gets nothing more of it.
        """
        removed = await self._memberships.remove(connection.caller, request.room, request.user)
        return {"rev": removed}

    async def quit(self, connection: Connection, request: InRoom) -> Payload:
        """End my own membership: `{rev}`."""
        return {"rev": await self._memberships.leave(connection.caller.user, request.room)}

    async def list_rooms(self, connection: Connection, _: Nothing) -> Payload:
        """My rooms: `{rooms}`, as in `welcome`."""
        return {"rooms": await self._room_list.listed(connection.caller.user)}

    async def browse(self, connection: Connection, _: Nothing) -> Payload:
        """The open rooms that I am not in: `{rooms}`, each with its `member_count`."""
        return {"rooms": await self._room_list.browse(connection.caller.user)}

    async def send(self, connection: Connection, request: SendMessage) -> Payload:
        """`{id, seq, rev}` once the message is on disk; the same for a repeat of `client_id`.
        With other content it is a `conflict`.
        """
        done = await self._messages.send(connection.caller.user, request)
        return {"id": done.id, "seq": done.seq, "rev": done.rev}

    async def edit(self, connection: Connection, request: EditMessage) -> Payload:
        """A new text: `{rev}`. For its author, or an admin."""
        return {"rev": (await self._messages.edit(connection.caller, request)).rev}

    async def delete(self, connection: Connection, request: DeleteMessage) -> Payload:
        """Leave a tombstone without content: `{rev}`. For its author, or an admin."""
        return {"rev": (await self._messages.delete(connection.caller, request)).rev}

    async def add_reaction(self, connection: Connection, request: React) -> Payload:
        """React with one emoji: `{rev}`. A repeated reaction changes nothing."""
        done = await self._messages.react(connection.caller.user, request, add=True)
        return {"rev": done.rev}

    async def remove_reaction(self, connection: Connection, request: React) -> Payload:
        """Take my reaction back: `{rev}`."""
        done = await self._messages.react(connection.caller.user, request, add=False)
        return {"rev": done.rev}

    async def start_typing(self, connection: Connection, request: InRoom) -> None:
        """I am writing. It ends after six seconds unless it is said again, or with my message."""
        view = await self._access.writable(connection.caller.user, request.room)
        self._typing.start(view.room.id, connection.user_id)

    async def stop_typing(self, connection: Connection, request: InRoom) -> None:
        """I stopped writing."""
        view = await self._access.readable(connection.caller.user, request.room)
        self._typing.stop(view.room.id, connection.user_id)

    async def set_presence(self, connection: Connection, request: SetPresence) -> None:
        """How present I am on this connection; the most present one counts."""
        subscriber = self._subscriber(connection)
        self._subscribers.watch(subscriber, None)
        if request.room is not None and request.state == "online":
            view = await self._access.joined(connection.caller.user, request.room)
            self._subscribers.watch(subscriber, view.room.id)
        await self._lifecycle.set_presence(subscriber, request.state)


# The names of server events on `/ws`, where they are others than on Socket.IO.
MESSAGE_TYPES = {
    "messages": MessageType("chat"),
    "room:activity": MessageType("activity"),
}

# The docstring of each handler is its line in docs/PROTOCOL.md.
EVENTS: ClientEvents = {
    "room:join": ClientEvent(JoinRoom, ChatEvents.join),
    "room:leave": ClientEvent(InRoom, ChatEvents.leave),
    "room:sync": ClientEvent(SyncRoom, ChatEvents.sync),
    "room:history": ClientEvent(ReadHistory, ChatEvents.history),
    "message:context": ClientEvent(ReadContext, ChatEvents.context),
    "room:read": ClientEvent(MarkRead, ChatEvents.read),
    "room:mark_unread": ClientEvent(MarkRead, ChatEvents.mark_unread),
    "room:create": ClientEvent(CreateRoom, ChatEvents.create),
    "room:update": ClientEvent(UpdateRoom, ChatEvents.update),
    "room:archive": ClientEvent(InRoom, ChatEvents.archive),
    "room:unarchive": ClientEvent(InRoom, ChatEvents.unarchive),
    "room:invite": ClientEvent(OfMember, ChatEvents.invite),
    "room:remove": ClientEvent(OfMember, ChatEvents.remove),
    "room:quit": ClientEvent(InRoom, ChatEvents.quit),
    "rooms:list": ClientEvent(Nothing, ChatEvents.list_rooms),
    "rooms:browse": ClientEvent(Nothing, ChatEvents.browse),
    "direct:open": ClientEvent(OpenDirect, ChatEvents.direct),
    "message:send": ClientEvent(SendMessage, ChatEvents.send, has_own_limit=True),
    "message:edit": ClientEvent(EditMessage, ChatEvents.edit, has_own_limit=True),
    "message:delete": ClientEvent(DeleteMessage, ChatEvents.delete),
    "reaction:add": ClientEvent(React, ChatEvents.add_reaction, has_own_limit=True),
    "reaction:remove": ClientEvent(React, ChatEvents.remove_reaction, has_own_limit=True),
    "typing:start": ClientEvent(InRoom, ChatEvents.start_typing),
    "typing:stop": ClientEvent(InRoom, ChatEvents.stop_typing),
    "presence:set": ClientEvent(SetPresence, ChatEvents.set_presence),
}
