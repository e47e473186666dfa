"""Coming and going: the welcome of a connection, and who is seen to be here."""

from app.chat.audience import Audience
from app.chat.lobby import Lobby
from app.chat.models import Room, stream_of
from app.chat.presence import Presence
from app.chat.present import person
from app.chat.reader import Reader, Readers
from app.chat.typing import Typing
from app.chat.views import Views
from app.realtime.connections import Connection
from app.realtime.events import Event
from app.streams.hub import Hub
from app.times import now, rfc3339


class Attendance:
    """Keeps readers and presence in step with the connections."""

    def __init__(
        self,
        lobby: Lobby,
        readers: Readers,
        presence: Presence,
        typing: Typing,
        audience: Audience,
        views: Views,
        hub: Hub,
    ) -> None:
        self._lobby = lobby
        self._readers = readers
        self._presence = presence
        self._typing = typing
        self._audience = audience
        self._views = views
        self._hub = hub

    async def arrive(self, connection: Connection) -> None:
        """A connection is there: welcome it and show that the person is here."""
        reader = self._readers.add(connection)
        user = connection.caller.user
        rooms = await self._lobby.listed(user)
        if reader.is_gone:
            return
        reader.listed |= {room["id"] for room in rooms}
        welcome = {
            "message": f"Welcome to chat, {user.name}!",
            "user": {**person(user), "role": user.role},
            "server_time": rfc3339(now()),
            "rooms": rooms,
        }
        reader.welcome(Event("welcome", welcome))
        await self.show(reader, self._presence.set(connection, "online"))

    async def depart(self, connection: Connection) -> None:
        """A connection is gone."""
        reader = self._readers.remove(connection)
        if reader is None:
            return
        for room_id in reader.rooms:
            self._hub.unfollow(stream_of(room_id), reader)
        is_news = self._presence.leave(connection)
        if not self._readers.has(connection.user_id):
            for room_id in self._typing.stop_all(connection.user_id):
                self._audience.typed(await self._views.get(room_id))
        await self.show(reader, is_news)

    async def opened(self, connection: Connection) -> list[Room]:
        """The rooms that this connection has open; none for one that is not chat's."""
        reader = self._readers.by(connection)
        rooms = list(reader.rooms) if reader else []
        return [(await self._views.get(room_id)).room for room_id in rooms]

    async def show(self, reader: Reader, is_news: bool) -> None:
        """Tell the rooms of this person how present they are, where that is news."""
        if is_news:
            for room_id in list(reader.listed):
                self._audience.appeared(await self._views.get(room_id), reader.connection.user_id)
