"""The table of client events of notifications: each decodes its struct, calls one service."""

from collections.abc import Mapping
from typing import Any

from app.notifications.inbox import Inbox
from app.notifications.models import (
    Archive,
    ListInbox,
    MarkRead,
    Nothing,
    Preferences,
    SetRoomLevel,
    SyncInbox,
)
from app.notifications.open_inboxes import OpenInboxes
from app.notifications.preferences import PreferenceBook, to_wire
from app.realtime.connections import Connection
from app.realtime.dispatch import ClientEvent, ClientEvents
from app.realtime.namespace import MessageType

Payload = Mapping[str, Any]

# Notifications are mostly about chat, so the same scope gives access to them.
SCOPE = "chat"


class NotificationEvents:
    """The client events for the inbox of a connection's user."""

    def __init__(self, inbox: Inbox, open_inboxes: OpenInboxes, book: PreferenceBook) -> None:
        self._inbox = inbox
        self._open_inboxes = open_inboxes
        self._book = book

    async def arrive(self, connection: Connection) -> None:
        """Send a new connection its inbox, then every change of it."""
        await self._open_inboxes.attach(connection)

    async def depart(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        self._open_inboxes.detach(connection)

    async def sync(self, connection: Connection, request: SyncInbox) -> Payload:
        """A sync answer of my inbox, with `unread`."""
        return await self._inbox.sync(connection.user_id, request.cursor)

    async def list(self, connection: Connection, request: ListInbox) -> Payload:
        """The backlog by `seq`, archived ones only when asked for: `{ok, items, more, unread}`."""
        return await self._inbox.list(connection.user_id, request)

    async def read(self, connection: Connection, request: MarkRead) -> Payload:
        """Mark as read on all my devices: `{ok, unread}`."""
        return await self._inbox.read(connection.user_id, request)

    async def archive(self, connection: Connection, request: Archive) -> Payload:
        """Put away, which also marks as read: `{ok, unread}`."""
        return await self._inbox.archive(connection.user_id, request.ids)

    async def get_preferences(self, connection: Connection, _: Nothing) -> Payload:
        """My preferences: `{ok, preferences}`."""
        return {"preferences": to_wire(await self._book.of(connection.user_id))}

    async def set_preferences(self, connection: Connection, request: Preferences) -> Payload:
        """Replace my preferences; my other devices are told: `{ok, preferences}`."""
        return {"preferences": await self._book.set(connection.user_id, request)}

    async def set_room_level(self, connection: Connection, request: SetRoomLevel) -> Payload:
        """Choose what I hear of one room; my other devices are told: `{ok, preferences}`."""
        chosen = await self._book.set_room(connection.user_id, request.room, request.level)
        return {"preferences": chosen}


# The docstring of each is its line in docs/PROTOCOL.md.
# The names of server events on `/ws`, where they are others than on Socket.IO.
MESSAGE_TYPES = {
    "notifications": MessageType("notification"),
    "inbox": MessageType("notification", {"inbox": True}),
}

EVENTS: ClientEvents = {
    "inbox:sync": ClientEvent(SyncInbox, NotificationEvents.sync),
    "inbox:list": ClientEvent(ListInbox, NotificationEvents.list),
    "notification:read": ClientEvent(MarkRead, NotificationEvents.read),
    "notification:archive": ClientEvent(Archive, NotificationEvents.archive),
    "preferences:get": ClientEvent(Nothing, NotificationEvents.get_preferences),
    "preferences:set": ClientEvent(Preferences, NotificationEvents.set_preferences),
    "preferences:room": ClientEvent(SetRoomLevel, NotificationEvents.set_room_level),
}
