"""Events that are not stored: activity, presence, typing, read positions, changes of rooms.

They are coalesced: every 150 ms a room gets at most one event of each kind.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog

from app.accounts.models import User
from app.chat.audience import Audience
from app.chat.payload_types import RoomEntry
from app.chat.presence_events import PresenceEvents
from app.chat.room_view import RoomObserver, RoomView
from app.chat.room_views import RoomViews
from app.chat.subscribers import Subscriber, Subscribers
from app.chat.typing_events import TypingEvents
from app.errors import ParleyError
from app.realtime.server_event import Event
from app.signals import Signal
from app.storage.errors import DatabaseError
from app.streams.hub import Hub

TICK_S = 0.15

log = structlog.get_logger("ephemeral_events")

Entry = Callable[[RoomView, User], Awaitable[RoomEntry]]


class EphemeralEvents(RoomObserver):
    """Collects what changes in rooms and tells those who are connected.

    The signals `read_here` and `unread_here` tell of read positions that people of this node move,
    `added` of each new member of a room in memory. Each of `ticking` is awaited every 150 ms.
    """

    def __init__(
        self,
        views: RoomViews,
        hub: Hub,
        subscribers: Subscribers,
        audience: Audience,
        presence: PresenceEvents,
        typing: TypingEvents,
    ) -> None:
        self._views = views
        self._hub = hub
        self._subscribers = subscribers
        self._audience = audience
        self._presence = presence
        self._typing = typing
        self.ticking: list[Callable[[], Awaitable[None]]] = []
        self.added: Signal[tuple[RoomView, str]] = Signal("member added")
        self.read_here: Signal[tuple[RoomView, str]] = Signal("read")
        self.unread_here: Signal[tuple[RoomView, str]] = Signal("marked unread")
        # How many memberships began or ended since the start.
        self.membership_changes = 0
        self._changed_entries: dict[tuple[str, str], RoomView] = {}
        self._changed_messages: dict[str, RoomView] = {}
        self._changed_activity: dict[str, tuple[RoomView, set[str]]] = {}
        self._changed_reads: dict[str, tuple[RoomView, set[str]]] = {}
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
        self._presence.changed(view, user_id)

    def member_removed(self, view: RoomView, user_id: str) -> None:
        """Stop everything of this room to this person, also what is queued."""
        self.membership_changes += 1
        for subscriber in self._subscribers.of(user_id):
            self._hub.unfollow(view.room.stream, subscriber)
            subscriber.lose(view.room.id)
        if view.is_large:
            self._presence.changed(view, user_id)

    def room_changed(self, view: RoomView) -> None:
        """Show the change in the lists of all members."""
        for user_id in self._subscribers.online(view.members):
            self._changed_entries[view.room.id, user_id] = view

    # Reported by the services.

    def presence_changed(self, view: RoomView, user_id: str) -> None:
        """This person's presence has to be told in this room."""
        self._presence.changed(view, user_id)

    def presence_changed_elsewhere(self, user_ids: Iterable[str]) -> None:
        """The presence of these people, who are on other nodes, has to be told in their rooms."""
        self._presence.changed_elsewhere(user_ids)

    def entry_changed(self, view: RoomView, user_id: str) -> None:
        """This person's entry for this room has to be told on all their connections."""
        self._changed_entries[view.room.id, user_id] = view

    def read(self, view: RoomView, user_id: str, *, devices: int = 1) -> None:
        """This person has read further in this room; of their connections here `devices` know."""
        self._note_read(view, user_id, devices)
        self.read_here.tell((view, user_id))

    def unread(self, view: RoomView, user_id: str) -> None:
        """This person has marked messages of this room as unread."""
        self.entry_changed(view, user_id)
        self.unread_here.tell((view, user_id))

    def note_read(self, view: RoomView, user_id: str) -> None:
        """The same where another node has said so."""
        self._note_read(view, user_id, 0)

    def _note_read(self, view: RoomView, user_id: str, devices: int) -> None:
        self._changed_reads.setdefault(view.room.id, (view, set()))[1].add(user_id)
        if view.is_large and len(self._subscribers.of(user_id)) > devices:
            # The others of a large room ask; the person's own devices are told.
            self._changed_entries[view.room.id, user_id] = view

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
        await self._presence.tell()
        await self._typing.tell()
        await self._tell_reads()
        await self._tell_activity()
        for tick in self.ticking:
            await tick()

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

    async def _tell_reads(self) -> None:
        read, self._changed_reads = self._changed_reads, {}
        for view, users in read.values():
            if not view.is_large:
                reads = {u: view.read_seq(u) for u in users if view.has(u)}
                payload: dict[str, object] = {"room": view.room.id, "reads": reads}
                await self._audience.tell_room(view, "room:reads", payload)
            self._activity_of(view).update(users)

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
        await self._audience.tell(view, self._elsewhere(view, user_id), event)

    def _elsewhere(self, view: RoomView, user_id: str) -> list[Subscriber]:
        """The subscribers of a member that don't have this room open."""
        if not view.has(user_id):
            return []
        return [r for r in self._subscribers.of(user_id) if view.room.id not in r.rooms]
