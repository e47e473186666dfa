"""The table of client events of notifications: each decodes its struct, calls one service."""

from collections.abc import Mapping
from typing import Any

from app.errors import Forbidden
from app.notifications.inbox import Inbox
from app.notifications.inboxes import Inboxes
from app.notifications.models import (
    Archive,
    ListInbox,
    MarkRead,
    Nothing,
    Preferences,
    SyncInbox,
)
from app.notifications.preferences import PreferenceBook, shown
from app.realtime.connections import Connection
from app.realtime.dispatch import Dispatcher
from app.realtime.events import Event

Payload = Mapping[str, Any]

# What people are told of is what happens in chat; whoever may use that may read it.
SCOPE = "chat"


class NotificationEvents:
    """What a connection can ask of its person's inbox."""

    def __init__(self, inbox: Inbox, inboxes: Inboxes, book: PreferenceBook) -> None:
        self._inbox = inbox
        self._inboxes = inboxes
        self._book = book

    def register(self, dispatcher: Dispatcher) -> None:
        """Put every event into the table that all transports share."""
        dispatcher.add("inbox:sync", SyncInbox, self.sync)
        dispatcher.add("inbox:list", ListInbox, self.list)
        dispatcher.add("notification:read", MarkRead, self.read)
        dispatcher.add("notification:archive", Archive, self.archive)
        dispatcher.add("preferences:get", Nothing, self.get_preferences)
        dispatcher.add("preferences:set", Preferences, self.set_preferences)

    async def arrive(self, connection: Connection) -> None:
        """A device is there: its inbox, then what comes."""
        if not connection.caller.may(SCOPE):
            raise Forbidden("This token may not read notifications.")
        await self._inboxes.attach(connection)

    async def depart(self, connection: Connection) -> None:
        """A device is gone."""
        self._inboxes.detach(connection)

    async def sync(self, connection: Connection, request: SyncInbox) -> Payload:
        return await self._inbox.sync(connection.user_id, request.cursor)

    async def list(self, connection: Connection, request: ListInbox) -> Payload:
        return await self._inbox.list(connection.user_id, request)

    async def read(self, connection: Connection, request: MarkRead) -> Payload:
        return await self._inbox.read(connection.user_id, request)

    async def archive(self, connection: Connection, request: Archive) -> Payload:
        return await self._inbox.archive(connection.user_id, request.ids)

    async def get_preferences(self, connection: Connection, _: Nothing) -> Payload:
        return {"preferences": shown(await self._book.of(connection.user_id))}

    async def set_preferences(self, connection: Connection, request: Preferences) -> Payload:
        """Replace them; the person's other devices hear of it."""
        preferences = shown(await self._book.set(connection.user_id, request))
        self._inboxes.tell(connection.user_id, Event("preferences", {"preferences": preferences}))
        return {"preferences": preferences}
