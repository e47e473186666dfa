"""The connections of chat: the rooms each has joined, and the events that reach it."""

from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet

from app.chat.presence import NoOtherNodes, OtherNodes
from app.chat.serializer import LIVE
from app.realtime.connections import Connection
from app.realtime.server_event import Event
from app.realtime.user_index import UserIndex
from app.signals import Signal
from app.streams.models import Batch

EARLY_EVENTS = 1_000
# Connections of one person, for what other nodes are told.
LOOKED_AT = 20

EventsOf = Callable[[Batch], list[Event]]


class Subscriber:
    """Follows rooms for one connection. `rooms` are the ids of those it has joined, `listed` of all
    that the person is in; `watched` has the people whose presence it is told of in large rooms."""

    __slots__ = ("_early", "_events", "connection", "is_gone", "listed", "rooms", "watched")

    def __init__(self, connection: Connection, events: EventsOf) -> None:
        self.connection = connection
        self._events = events
        self.rooms: set[str] = set()
        self.listed: set[str] = set()
        self.watched: dict[str, frozenset[str]] = {}
        self.is_gone = False
        self._early: list[Event] | None = []

    def welcome(self, event: Event) -> None:
        """Send the welcome, then what was told before it."""
        early, self._early = self._early or [], None
        for each in (event, *early):
            self.connection.send(each)

    def tell(self, event: Event) -> None:
        """Send an event, but not before the welcome."""
        if self._early is None:
            self.connection.send(event)
        elif len(self._early) < EARLY_EVENTS:
            self._early.append(event)

    def leave(self, room_id: str) -> None:
        """No more live events of a room that it has joined."""
        self.rooms.discard(room_id)
        self.watched.pop(room_id, None)

    def lose(self, room_id: str) -> None:
        """Stop everything of a room, also what is queued, and tell the client so."""
        self.leave(room_id)
        self.listed.discard(room_id)
        self.connection.revoke(room_id)
        if self._early is not None:
            self._early = [event for event in self._early if event.stream != room_id]
        self.tell(Event("room:removed", {"room": room_id}))

    def deliver(self, batch: Batch) -> None:
        """Send a live batch of a joined room."""
        # Hot path: every delivery passes here.
        for event in batch.encoded(LIVE, self._events):
            self.connection.send(event)


class Subscribers:
    """The subscribers on this node, by connection, by person, and by the room that they watch.

    The signals `came` and `left` tell the id of a person with the first connection here, and with
    the last one. `events` makes the live events of a room's batch.
    """

    def __init__(self, events: EventsOf, others: OtherNodes | None = None) -> None:
        self.came: Signal[str] = Signal("person came")
        self.left: Signal[str] = Signal("person left")
        self._events = events
        self._others = NoOtherNodes() if others is None else others
        self._by_connection: dict[Connection, Subscriber] = {}
        self._by_user: UserIndex[Subscriber] = UserIndex()
        self._watched: dict[str, set[Subscriber]] = {}
        self._watching: dict[Subscriber, str] = {}
        self._watching_elsewhere: dict[str, set[str]] = {}

    def add(self, connection: Connection) -> Subscriber:
        """Make the subscriber of a new connection."""
        subscriber = Subscriber(connection, self._events)
        self._by_connection[connection] = subscriber
        if connection.user_id not in self._by_user:
            self.came.tell(connection.user_id)
        self._by_user.add(connection.user_id, subscriber)
        return subscriber

    def remove(self, connection: Connection) -> Subscriber | None:
        """Forget a connection; returns its subscriber, or None where it has none."""
        subscriber = self._by_connection.pop(connection, None)
        if subscriber is None:
            return None
        subscriber.is_gone = True
        self.watch(subscriber, None)
        self._by_user.remove(connection.user_id, subscriber)
        if connection.user_id not in self._by_user:
            self.left.tell(connection.user_id)
        return subscriber

    def of(self, user_id: str) -> tuple[Subscriber, ...]:
        """This person's subscribers."""
        return self._by_user.of(user_id)

    def has(self, user_id: str) -> bool:
        """Whether this person has a connection here."""
        return user_id in self._by_user

    def by(self, connection: Connection) -> Subscriber | None:
        """The subscriber of `connection` while it lives."""
        return self._by_connection.get(connection)

    def watch(self, subscriber: Subscriber, room_id: str | None) -> None:
        """Note which room a connection has in front of it, None for no room."""
        before = self._watching.pop(subscriber, None)
        if before is not None:
            self._watched[before].discard(subscriber)
            if not self._watched[before]:
                del self._watched[before]
        if room_id is not None and not subscriber.is_gone:
            self._watching[subscriber] = room_id
            self._watched.setdefault(room_id, set()).add(subscriber)

    def in_front_of(self, user_id: str) -> set[str]:
        """The ids of the rooms that this person has in front of them, by some of their
        connections: they have one or two."""
        some = self._by_user.of(user_id)[:LOOKED_AT]
        return {self._watching[each] for each in some if each in self._watching}

    def watching(self, room_id: str) -> frozenset[str]:
        """The ids of the people who have this room in front of them, here or on another node."""
        here = frozenset(r.connection.user_id for r in self._watched.get(room_id, ()))
        elsewhere = self._watching_elsewhere.get(room_id)
        return here | elsewhere if elsewhere else here

    def changed_elsewhere(self, user_id: str, before: set[str], now: set[str]) -> None:
        """On other nodes this person had the rooms `before` in front of them, `now` these."""
        for room_id in before - now:
            people = self._watching_elsewhere[room_id]
            people.discard(user_id)
            if not people:
                del self._watching_elsewhere[room_id]
        for room_id in now - before:
            self._watching_elsewhere.setdefault(room_id, set()).add(user_id)

    def present(self, user_ids: AbstractSet[str]) -> AbstractSet[str]:
        """Those of `user_ids` with a connection here or to another node."""
        return self._others.among(user_ids) | set(self.online(user_ids))

    def online(self, user_ids: Collection[str]) -> list[str]:
        """Those of `user_ids` with a connection here."""
        return self._by_user.among(user_ids)

    def elsewhere(self, user_ids: Collection[str], room_id: str) -> list[str]:
        """Those of `user_ids` with a connection here that doesn't have this room open."""
        subscribers = self._by_user.of_all(user_ids)
        return [r.connection.user_id for r in subscribers if room_id not in r.rooms]
