"""Events for all connections of one person, on whichever node they are."""

from typing import Any

from msgspec import Struct

from app.bus.bus import Bus
from app.chat.subscribers import Subscribers
from app.realtime.connections import Connection
from app.realtime.server_event import Event

KIND = "own_event"


class OwnEvent(Struct, frozen=True):
    """An event for one person; `room` is the room that it is about."""

    user: str
    name: str
    payload: dict[str, Any]
    room: str | None = None


class OwnDevices:
    """Each node hears of the people who are connected to it."""

    def __init__(self, bus: Bus, subscribers: Subscribers) -> None:
        self._bus = bus
        self._subscribers = subscribers
        bus.listen(KIND, OwnEvent, self._heard)
        subscribers.came.listen(lambda user_id: bus.follow(topic_of(user_id)))
        subscribers.left.listen(lambda user_id: bus.unfollow(topic_of(user_id)))

    def tell(self, user_id: str, event: Event, *, but: Connection | None = None) -> None:
        """Send an event to all connections of this person, except `but`."""
        for subscriber in self._subscribers.of(user_id):
            if subscriber.connection is not but:
                subscriber.tell(event)
        told = OwnEvent(user_id, event.name, event.payload, event.stream)
        self._bus.publish(topic_of(user_id), KIND, told)

    def _heard(self, _topic: str, told: OwnEvent) -> None:
        event = Event(told.name, told.payload, told.room)
        for subscriber in self._subscribers.of(told.user):
            subscriber.tell(event)


def topic_of(user_id: str) -> str:
    """The topic of the bus for what concerns this person's connections."""
    return f"person:{user_id}"
