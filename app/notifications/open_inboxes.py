"""The inboxes that are open on this node: one view per person, however many devices."""

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakSet

from app.notifications.inbox import Inbox
from app.notifications.inbox_view import InboxView
from app.notifications.preferences import WirePreferences
from app.notifications.serializer import Serializer
from app.realtime.connections import Connection
from app.realtime.server_event import Event
from app.streams.hub import Hub
from app.telemetry.tasks import Tasks


class OpenInboxes:
    """Opens a person's view with their first device and closes it with the last."""

    def __init__(self, inbox: Inbox, hub: Hub, serializer: Serializer, tasks: Tasks) -> None:
        self._inbox = inbox
        self._hub = hub
        self._serializer = serializer
        self._tasks = tasks
        self._views: dict[str, tuple[InboxView, asyncio.Task[None]]] = {}
        self._gone: WeakSet[Connection] = WeakSet()

    def __len__(self) -> int:
        return len(self._views)

    async def attach(self, connection: Connection) -> None:
        """Send `connection` its inbox, then everything that comes. Raises DatabaseError.

        A connection that was detached before gets nothing.
        """
        if connection in self._gone:
            return
        await self._view(connection.user_id).attach(connection)

    def _view(self, user_id: str) -> InboxView:
        if user_id not in self._views:
            view = InboxView(user_id, self._inbox, self._hub, self._serializer)
            task = self._tasks.spawn(view.run(), f"inbox {user_id}")
            self._views[user_id] = (view, task)
        return self._views[user_id][0]

    def detach(self, connection: Connection) -> None:
        """Send nothing more to `connection`."""
        self._gone.add(connection)
        if connection.user_id not in self._views:
            return
        view, task = self._views[connection.user_id]
        view.detach(connection)
        if view.is_empty:
            del self._views[connection.user_id]
            self._hub.unfollow(view.stream, view)
            task.cancel()

    def tell_preferences(self, user_id: str, preferences: WirePreferences) -> None:
        """Send new preferences to every device of one person on this node."""
        if user_id in self._views:
            event = Event("preferences", {"preferences": preferences})
            self._views[user_id][0].tell(event)

    def tell_personal_preferences(self, user_id: str, preferences: Mapping[str, Any]) -> None:
        """Send how Parley looks and behaves for a person to their devices on this node."""
        if user_id in self._views:
            event = Event("person:preferences", {"preferences": preferences})
            self._views[user_id][0].tell(event)
