"""Connecting to chat and disconnecting: the welcome, subscribers and presence."""

from app.chat.ephemeral_events import EphemeralEvents
from app.chat.models import Room, stream_of
from app.chat.presence import Presence
from app.chat.room_list import RoomList
from app.chat.room_views import RoomViews
from app.chat.serializer import user_document
from app.chat.subscribers import Subscriber, Subscribers
from app.chat.typing import Typing
from app.realtime.connections import Connection
from app.realtime.server_event import Event
from app.streams.hub import Hub
from app.times import now, rfc3339


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
    ) -> None:
        self._room_list = room_list
        self._subscribers = subscribers
        self._presence = presence
        self._typing = typing
        self._ephemeral = ephemeral
        self._views = views
        self._hub = hub

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
            "rooms": rooms,
        }
        subscriber.welcome(Event("welcome", welcome))
        await self.announce_presence(subscriber, self._presence.set(connection, "online"))

    async def depart(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        subscriber = self._subscribers.remove(connection)
        if subscriber is None:
            return
        for room_id in subscriber.rooms:
            self._hub.unfollow(stream_of(room_id), subscriber)
        is_news = self._presence.leave(connection)
        if not self._subscribers.has(connection.user_id):
            self._typing.stop_all(connection.user_id)
        await self.announce_presence(subscriber, is_news)

    async def opened(self, connection: Connection) -> list[Room]:
        """The rooms that this connection has joined; none for a connection of another feature."""
        subscriber = self._subscribers.by(connection)
        rooms = list(subscriber.rooms) if subscriber else []
        return [(await self._views.get(room_id)).room for room_id in rooms]

    async def announce_presence(self, subscriber: Subscriber, is_news: bool) -> None:
        """Tell this person's rooms of their presence, where it has changed."""
        if is_news:
            for room_id in list(subscriber.listed):
                self._ephemeral.presence_changed(
                    await self._views.get(room_id), subscriber.connection.user_id
                )
