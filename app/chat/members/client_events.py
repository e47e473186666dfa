"""The client events about members; the docstring of each is its line in docs/PROTOCOL.md."""

from collections.abc import Mapping
from typing import Any, cast

from app.chat.access import Access, must_be_readable
from app.chat.members.member_pages import MemberPages
from app.chat.members.models import ListMembers, ListReaders, WatchPresence
from app.chat.models import RoomNotFound
from app.chat.presence_events import PresenceEvents
from app.chat.subscribers import Subscribers
from app.realtime.connections import Connection
from app.realtime.dispatch import Answer, ClientEvent, ClientEvents

Payload = Mapping[str, Any]


class MemberEvents:
    """The handlers."""

    def __init__(
        self,
        pages: MemberPages,
        access: Access,
        subscribers: Subscribers,
        presence: PresenceEvents,
    ) -> None:
        self._pages = pages
        self._access = access
        self._subscribers = subscribers
        self._presence = presence

    async def members(self, connection: Connection, request: ListMembers) -> Answer:
        """The members of a room by username, page by page: `{items, more}`. `after` is the last one
        that I have; `query` is a part of a name or username in any script, `users` are the ids of
        those whom I want to know.
        """
        view, answer = await self._pages.page(connection.caller.user, request)
        return Answer(cast(Payload, answer), stream=view.room.id, revoked=RoomNotFound)

    async def readers(self, connection: Connection, request: ListReaders) -> Answer:
        """The members who have read the message with this `seq`: `{count, users, names}`, with the
        ids of up to 100 of them, and their names by id.
        """
        view, answer = await self._pages.readers(connection.caller.user, request)
        return Answer(cast(Payload, answer), stream=view.room.id, revoked=RoomNotFound)

    async def watch(self, connection: Connection, request: WatchPresence) -> Answer:
        """In a room of over 100 members, hear of the presence of these members, in place of those
        before: `{users: [{id, name, state}], online}`, as it is now. At first these are those in
        the answer to `room:join`.
        """
        user = connection.caller.user
        view = await self._access.readable(user, request.room)
        subscriber = self._subscribers.by(connection)
        has_joined = subscriber is not None and view.room.id in subscriber.rooms
        to = subscriber if has_joined else None
        answer = await self._presence.watch(view, to, request.users)
        must_be_readable(view, user)
        return Answer(cast(Payload, answer), stream=view.room.id, revoked=RoomNotFound)


EVENTS: ClientEvents = {
    "room:members": ClientEvent(ListMembers, MemberEvents.members),
    "room:readers": ClientEvent(ListReaders, MemberEvents.readers),
    "presence:watch": ClientEvent(WatchPresence, MemberEvents.watch),
}
