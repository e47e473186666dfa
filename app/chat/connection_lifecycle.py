"""Connecting to chat and disconnecting: the welcome, subscribers and presence."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from app.chat.ephemeral_events import EphemeralEvents
from app.chat.models import Room, stream_of
from app.chat.presence import Presence, rooms_in, told
from app.chat.room_list import RoomList
from app.chat.room_views import RoomViews
from app.chat.serializer import user_document
from app.chat.subscribers import Subscriber, Subscribers
from app.chat.typing import Typing
from app.nodes.feature import Nodes
from app.realtime.connections import Connection
from app.realtime.draining import Draining
from app.realtime.server_event import Event
from app.streams.hub import Hub
from app.telemetry.tasks import Tasks
from app.times import now, rfc3339

# As long as the lease of a node that died.
ARRIVES_WITHIN_S = 5.0


class ConnectionLifecycle:
    """Welcomes connections, forgets them, and shows their people's presence in their rooms."""

    def __init__(
        self,
        room_list: RoomList,
        subscribers: Subscribers,
        presence: Presence,
        typing: Typing,
        ephemeral: EphemeralEvents,
        views: RoomViews,
        hub: Hub,
        nodes: Nodes,
        draining: Draining,
        tasks: Tasks,
    ) -> None:
        self._room_list = room_list
        self._subscribers = subscribers
        self._presence = presence
        self._typing = typing
        self._ephemeral = ephemeral
        self._views = views
        self._hub = hub
        self._node = nodes.id
        self._people = nodes.people
        self._people.others.changed.listen(self.changed_elsewhere)
        self._draining = draining
        self._tasks = tasks

    async def arrive(self, connection: Connection) -> None:
        """Welcome a new connection and show its person as online."""
        subscriber = self._subscribers.add(connection)
        user = connection.caller.user
        rooms = await self._room_list.listed(user)
        if subscriber.is_gone:
            return
        subscriber.listed |= {room["id"] for room in rooms}
        welcome = {
            "message": f"Welcome to chat, {user.name}!",
            "user": {**user_document(user), "role": user.role},
            "server_time": rfc3339(now()),
            "node": self._node,
            "rooms": rooms,
        }
        subscriber.welcome(Event("welcome", welcome))
        await self.set_presence(subscriber, "online")

    async def depart(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        subscriber = self._subscribers.remove(connection)
        if subscriber is None:
            return
        for room_id in subscriber.rooms:
            self._hub.unfollow(stream_of(room_id), subscriber)
        if not self._subscribers.has(connection.user_id):
            self._typing.stop_all(connection.user_id)
        if self._draining.is_draining:
            # This node sends its clients to others: until they are there they are still present.
            loop = asyncio.get_running_loop()
            loop.call_later(ARRIVES_WITHIN_S, self._left_for_another, subscriber)
        else:
            await self._announce(subscriber, self._presence.leave(connection))

    def _left_for_another(self, subscriber: Subscriber) -> None:
        announcing = self._announce(subscriber, self._presence.leave(subscriber.connection))
        with suppress(RuntimeError):  # The process ends anyway.
            self._tasks.spawn(announcing, "presence of one who left")

    async def opened(self, connection: Connection) -> list[Room]:
        """The rooms that this connection has joined; none for a connection of another feature."""
        subscriber = self._subscribers.by(connection)
        rooms = list(subscriber.rooms) if subscriber else []
        return [(await self._views.get(room_id)).room for room_id in rooms]

    async def set_presence(self, subscriber: Subscriber, state: str) -> None:
        """Set the state of a connection, and tell this person's rooms where theirs has changed."""
        await self._announce(subscriber, self._presence.set(subscriber.connection, state))

    def changed_elsewhere(self, before: Mapping[str, tuple[str, ...]]) -> None:
        """Other nodes have told something of these people; their values there were `before`."""
        for user_id, values in before.items():
            now = rooms_in(self._people.others.of(user_id))
            self._subscribers.changed_elsewhere(user_id, rooms_in(values), now)
        self._ephemeral.presence_changed_elsewhere(self._presence.changed_elsewhere(before))

    async def _announce(self, subscriber: Subscriber, is_news: bool) -> None:
        user_id = subscriber.connection.user_id
        state = self._presence.here(user_id)
        rooms = self._subscribers.in_front_of(user_id)
        self._people.note(user_id, None if state == "offline" else told(state, rooms))
        if is_news:
            for room_id in list(subscriber.listed):
                self._ephemeral.presence_changed(await self._views.get(room_id), user_id)
