"""Tells people who is present in their rooms.

In a room of up to 100 members everybody hears of everybody, every 150 ms. In a larger one a
connection hears of the people whom it watches, and how many are there, as often as `Pauses` allow.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from cachetools import LRUCache

from app.accounts.models import User
from app.chat.audience import Audience
from app.chat.large_rooms import REMEMBERED_ROOMS, Pauses
from app.chat.member_lists import MemberLists
from app.chat.payload_types import WatchedPresence
from app.chat.presence import Presence
from app.chat.room_view import RoomView
from app.chat.room_views import RoomViews
from app.chat.serializer import Serializer
from app.chat.subscribers import Subscriber
from app.realtime.server_event import Event

Changed = dict[str, tuple[RoomView, set[str]]]


class PresenceEvents:
    """Collects whose presence or name has changed, by room."""

    def __init__(
        self,
        views: RoomViews,
        audience: Audience,
        presence: Presence,
        serializer: Serializer,
        member_lists: MemberLists,
        pauses: Pauses,
    ) -> None:
        self._views = views
        self._audience = audience
        self._presence = presence
        self._serializer = serializer
        self._member_lists = member_lists
        self._pauses = pauses
        self._changed: Changed = {}
        self._elsewhere: set[str] = set()
        self._renamed: dict[str, str] = {}
        # How many were online as a large room was last told. One that is forgotten is told again.
        self._online: LRUCache[str, int] = LRUCache(REMEMBERED_ROOMS)

    def changed(self, view: RoomView, user_id: str) -> None:
        """This person's presence has to be told in this room."""
        self._changed.setdefault(view.room.id, (view, set()))[1].add(user_id)

    def changed_elsewhere(self, user_ids: Iterable[str]) -> None:
        """The presence of these people, who are on other nodes, has to be told in their rooms."""
        self._elsewhere.update(user_ids)

    def renamed(self, user: User) -> None:
        """This person has a new display name."""
        self._renamed[user.id] = user.name

    async def watch(
        self, view: RoomView, subscriber: Subscriber | None, user_ids: Iterable[str]
    ) -> WatchedPresence:
        """Tell these of the members from now on, in place of those before, and how they are now.

        `subscriber` is None where the connection has not joined the room: then it hears nothing.
        """
        watched = {user_id: view.members[user_id].user for user_id in user_ids if view.has(user_id)}
        if subscriber is not None:
            subscriber.watched[view.room.id] = frozenset(watched.values())
        people = await self._serializer.people(watched)
        return {"users": people, "online": self._member_lists.of(view).online}

    async def tell(self) -> None:
        """Tell what was collected, but for large rooms that have heard of presence just now."""
        await self._find_changed_elsewhere()
        renamed, self._renamed = self._renamed, {}
        for view in self._views.loaded() if renamed else ():
            for user_id in filter(view.has, renamed):
                self.changed(view, user_id)
        changed, self._changed = self._changed, {}
        for view, users in changed.values():
            if not view.is_large:
                await self._tell_all(view, users, renamed)
                continue
            if names := {u: name for u, name in renamed.items() if view.has(u)}:
                # Messages show it to all, whomever they watch.
                await self._tell_all(view, names.keys(), names)
            if self._pauses.begin(view.room.id, len(view.members)):
                await self._tell_watching(view, users)
            else:
                self._changed.setdefault(view.room.id, (view, set()))[1].update(users)

    async def _find_changed_elsewhere(self) -> None:
        """Find the rooms here in which somebody sees those who changed on other nodes. A room
        costs as much as it has members, or as many as have changed, whichever is less."""
        changed, self._elsewhere = self._elsewhere, set()
        for view in self._views.loaded() if changed else ():
            await self._audience.pace.turn()
            if view.room.kind == "direct" or self._audience.of(view):
                for user_id in changed & view.members.keys():
                    self.changed(view, user_id)

    async def _tell_all(
        self, view: RoomView, users: Iterable[str], renamed: Mapping[str, str]
    ) -> None:
        states = self._states(users)
        for state in states if renamed else ():
            if name := renamed.get(state["id"]):
                state["name"] = name
        event = Event("presence", {"room": view.room.id, "users": states}, stream=view.room.id)
        await self._audience.tell(view, self._audience.of_presence(view), event)

    def _states(self, users: Iterable[str]) -> list[dict[str, str]]:
        return [{"id": user_id, "state": self._presence.of(user_id)} for user_id in users]

    async def _tell_watching(self, view: RoomView, users: AbstractSet[str]) -> None:
        """One event for all who watch the same people; none where it would say nothing new."""
        members = self._member_lists.of(view)
        online, room_id = members.online, view.room.id
        is_news = online != self._online.get(room_id)
        self._online[room_id] = online
        first: frozenset[str] | None = None
        watching: dict[frozenset[str], list[Subscriber]] = {}
        for subscriber in self._audience.of(view):
            if room_id not in subscriber.watched:
                # It joined while the room was small.
                first = first or (await members.shown()).ids
                subscriber.watched[room_id] = first
            watching.setdefault(subscriber.watched[room_id], []).append(subscriber)
        for watched, subscribers in watching.items():
            await self._audience.pace.turn()
            states = self._states(filter(view.has, users & watched))
            if states or is_news:
                payload = {"room": room_id, "users": states, "online": online}
                event = Event("presence", payload, stream=room_id)
                await self._audience.tell(view, subscribers, event)
