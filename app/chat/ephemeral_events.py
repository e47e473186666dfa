"""Events that are not stored: activity, presence, typing, read positions, changes of rooms.

They are coalesced: every 150 ms a room gets at most one event of each kind.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

import structlog

from app.accounts.models import User
from app.chat.payload_types import RoomEntry
from app.chat.presence import Presence
from app.chat.room_view import RoomObserver, RoomView
from app.chat.room_views import RoomViews
from app.chat.subscribers import Subscriber, Subscribers
from app.chat.typing import Typing
from app.errors import ParleyError
from app.loop_pacing import Pace
from app.realtime.server_event import Event
from app.signals import Signal
from app.storage.errors import DatabaseError
from app.streams.hub import Hub

TICK_S = 0.15
SUBSCRIBERS_PER_TURN = 200

log = structlog.get_logger("ephemeral_events")

Entry = Callable[[RoomView, User], Awaitable[RoomEntry]]


class EphemeralEvents(RoomObserver):
    """Collects what changes in rooms and tells those who are connected.

    The signals `read_here` and `unread_here` tell of read positions that people of this node move,
    `added` of each new member of a room in memory.
    """

    def __init__(
        self,
        views: RoomViews,
        hub: Hub,
        subscribers: Subscribers,
        presence: Presence,
        typing: Typing,
    ) -> None:
        self._views = views
        self._hub = hub
        self._subscribers = subscribers
        self._presence = presence
        self._typing = typing
        self.added: Signal[tuple[RoomView, str]] = Signal("member added")
        self.read_here: Signal[tuple[RoomView, str]] = Signal("read")
        self.unread_here: Signal[tuple[RoomView, str]] = Signal("marked unread")
        # How many memberships began or ended since the start.
        self.membership_changes = 0
        self._changed_entries: dict[tuple[str, str], RoomView] = {}
        self._changed_messages: dict[str, RoomView] = {}
        self._changed_activity: dict[str, tuple[RoomView, set[str]]] = {}
        self._renamed: dict[str, str] = {}
        self._changed_presence: dict[str, tuple[RoomView, set[str]]] = {}
        self._changed_elsewhere: set[str] = set()
        self._changed_reads: dict[str, tuple[RoomView, set[str]]] = {}
        self._pace = Pace(at_once=SUBSCRIBERS_PER_TURN)
        views.observer = self

    # Reported by the views of rooms.

    def messages_changed(self, view: RoomView) -> None:
        """Count what is unread anew for those who look at other rooms."""
        self._changed_messages[view.room.id] = view

    def member_added(self, view: RoomView, user_id: str) -> None:
        """Show the room in this person's list, and their presence in the room."""
        self.membership_changes += 1
        self.show_room(view, user_id)
        self.added.tell((view, user_id))

    def show_room(self, view: RoomView, user_id: str) -> None:
        """The same without having the other nodes told."""
        for subscriber in self._subscribers.of(user_id):
            subscriber.listed.add(view.room.id)
        self._changed_entries[view.room.id, user_id] = view
        self.presence_changed(view, user_id)

    def member_removed(self, view: RoomView, user_id: str) -> None:
        """Stop everything of this room to this person, also what is queued."""
        self.membership_changes += 1
        for subscriber in self._subscribers.of(user_id):
            self._hub.unfollow(view.room.stream, subscriber)
            subscriber.lose(view.room.id)

    def room_changed(self, view: RoomView) -> None:
        """Show the change in the lists of all members."""
        for user_id in self._subscribers.online(view.members):
            self._changed_entries[view.room.id, user_id] = view

    # Reported by the services.

    def presence_changed(self, view: RoomView, user_id: str) -> None:
        """This person's presence has to be told in this room."""
        self._changed_presence.setdefault(view.room.id, (view, set()))[1].add(user_id)

    def presence_changed_elsewhere(self, user_ids: Iterable[str]) -> None:
        """The presence of these people, who are on other nodes, has to be told in their rooms."""
        self._changed_elsewhere.update(user_ids)

    def renamed(self, user: User) -> None:
        """This person has a new display name."""
        self._renamed[user.id] = user.name

    def entry_changed(self, view: RoomView, user_id: str) -> None:
        """This person's entry for this room has to be told on all their connections."""
        self._changed_entries[view.room.id, user_id] = view

    def read(self, view: RoomView, user_id: str) -> None:
        """This person has read further in this room."""
        self.note_read(view, user_id)
        self.read_here.tell((view, user_id))

    def unread(self, view: RoomView, user_id: str) -> None:
        """This person has marked messages of this room as unread."""
        self.entry_changed(view, user_id)
        self.unread_here.tell((view, user_id))

    def note_read(self, view: RoomView, user_id: str) -> None:
        """The same where another node has said so."""
        self._changed_reads.setdefault(view.room.id, (view, set()))[1].add(user_id)

    async def run(self, entry: Entry) -> None:
        """Tell what was collected, every 150 ms for ever. `entry` makes an entry of a room list."""
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self._tick(entry)
            except (DatabaseError, ParleyError) as error:
                log.warning("activity waits", reason=type(error).__name__)

    async def _tick(self, entry: Entry) -> None:
        await self._tell_changed(entry)
        await self._tell_present()
        await self._tell_typing()
        await self._tell_reads()
        await self._tell_activity()

    async def _tell_changed(self, entry: Entry) -> None:
        while self._changed_entries:
            (room_id, user_id), view = next(iter(self._changed_entries.items()))
            subscribers = self._subscribers.of(user_id)
            # Kept until it is told: the database may be away.
            room = await entry(view, subscribers[0].connection.caller.user) if subscribers else None
            self._changed_entries.pop((room_id, user_id), None)
            if room is not None and view.has(user_id):
                event = Event("room:updated", {"room": room}, stream=room_id)
                for subscriber in subscribers:
                    subscriber.tell(event)

    async def _find_changed_elsewhere(self) -> None:
        """Find the rooms here in which somebody sees those who changed on other nodes. A room
        costs as much as it has members, or as many as have changed, whichever is less."""
        changed, self._changed_elsewhere = self._changed_elsewhere, set()
        for view in self._views.loaded() if changed else ():
            await self._pace.turn()
            if view.room.kind == "direct" or self._room_subscribers(view):
                for user_id in changed & view.members.keys():
                    self.presence_changed(view, user_id)

    async def _tell_present(self) -> None:
        await self._find_changed_elsewhere()
        renamed, self._renamed = self._renamed, {}
        for view in self._views.loaded() if renamed else ():
            for user_id in filter(view.has, renamed):
                self.presence_changed(view, user_id)
        present, self._changed_presence = self._changed_presence, {}
        for view, users in present.values():
            states = [{"id": u, "state": self._presence.of(u)} for u in users]
            for state in states if renamed else ():
                if name := renamed.get(state["id"]):
                    state["name"] = name
            event = Event("presence", {"room": view.room.id, "users": states}, stream=view.room.id)
            await self._tell_all(view, self._presence_subscribers(view), event)

    def _presence_subscribers(self, view: RoomView) -> list[Subscriber]:
        """Those who see presence: all who have the room open; of a direct room both people, whose
        lists show it."""
        if view.room.kind == "direct":
            return [r for user_id in view.members for r in self._subscribers.of(user_id)]
        return self._room_subscribers(view)

    def _room_subscribers(self, view: RoomView) -> list[Subscriber]:
        """Those who have the room open."""
        followers = self._hub.followers(view.room.stream)
        return [follower for follower in followers if isinstance(follower, Subscriber)]

    async def _tell_typing(self) -> None:
        for room_id in self._typing.take_changed():
            view = await self._views.get(room_id)
            users = [u for u in self._typing.among(room_id) if view.has(u)]
            await self._to_subscribers(view, "typing", {"room": room_id, "users": users})

    async def _tell_reads(self) -> None:
        read, self._changed_reads = self._changed_reads, {}
        for view, users in read.values():
            reads = {u: view.read_seq(u) for u in users if view.has(u)}
            await self._to_subscribers(view, "room:reads", {"room": view.room.id, "reads": reads})
            self._activity_of(view).update(users)

    async def _to_subscribers(
        self, view: RoomView, name: str, payload: Mapping[str, object]
    ) -> None:
        event = Event(name, payload, stream=view.room.id)
        await self._tell_all(view, self._room_subscribers(view), event)

    async def _tell_all(self, view: RoomView, subscribers: list[Subscriber], event: Event) -> None:
        """Send an event over as many turns of the loop as it takes, to those still in the room."""
        for subscriber in subscribers:
            await self._pace.turn()
            if view.has(subscriber.connection.user_id) and not subscriber.is_gone:
                subscriber.tell(event)

    def _activity_of(self, view: RoomView) -> set[str]:
        """The ids of those whose unread counts in this room have to be told."""
        return self._changed_activity.setdefault(view.room.id, (view, set()))[1]

    async def _tell_activity(self) -> None:
        changed, self._changed_messages = self._changed_messages, {}
        for view in changed.values():
            # Those who look at this room know already: nearly everybody in a busy room.
            self._activity_of(view).update(self._subscribers.elsewhere(view.members, view.room.id))
        while self._changed_activity:
            room_id, (view, users) = next(iter(self._changed_activity.items()))
            while users:
                user_id = next(iter(users))
                await self._tell_active(view, user_id)
                users.discard(user_id)
            del self._changed_activity[room_id]

    async def _tell_active(self, view: RoomView, user_id: str) -> None:
        if not self._elsewhere(view, user_id):
            return
        unread, mentions = await self._views.unread(view, user_id)
        activity = {"room": view.room.id, "rev": view.rev, "unread": unread, "mentions": mentions}
        event = Event("room:activity", activity, stream=view.room.id)
        await self._tell_all(view, self._elsewhere(view, user_id), event)

    def _elsewhere(self, view: RoomView, user_id: str) -> list[Subscriber]:
        """The subscribers of a member that don't have this room open."""
        if not view.has(user_id):
            return []
        return [r for r in self._subscribers.of(user_id) if view.room.id not in r.rooms]
