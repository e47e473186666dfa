"""Ephemeral topics: events reach the subscribers of this node; only the newest value is kept.

For signals that are worth nothing a moment later, such as cursors and sensor values.
"""

from typing import Protocol

from app.realtime.server_event import Event
from app.signals import Signal
from app.streams.models import Item
from app.topics.models import name_of
from app.topics.serializer import passing


class Listener(Protocol):
    """A connection's subscriber, or an event source."""

    def hear(self, topic: str, event: Event) -> None:
        """Take an event; must not block."""


class EphemeralTopics:
    """The listeners by topic. The signal `published` tells of every event."""

    def __init__(self) -> None:
        self.published: Signal[Item] = Signal("ephemeral event")
        self._listeners: dict[str, dict[Listener, None]] = {}
        self._newest: dict[str, Item] = {}

    def follow(self, topic: str, listener: Listener) -> None:
        """Pass every event from now on to `listener`."""
        self._listeners.setdefault(topic, {})[listener] = None

    def unfollow(self, topic: str, listener: Listener) -> None:
        """Pass nothing more to `listener`; does nothing where it did not follow."""
        mine = self._listeners.get(topic, {})
        mine.pop(listener, None)
        if not mine:
            self._listeners.pop(topic, None)

    def count(self, topic: str) -> int:
        """The number of listeners on this node."""
        return len(self._listeners.get(topic, ()))

    def newest(self, topic: str) -> Item | None:
        """The newest event of `topic`, or None."""
        return self._newest.get(topic)

    def forget(self, topic: str) -> None:
        """Drop the newest value of a topic that was deleted."""
        self._newest.pop(topic, None)

    def publish(self, item: Item) -> None:
        """Pass `item` to all listeners, encoded once, and keep it as the newest value."""
        topic = name_of(item.stream)
        self._newest[topic] = item
        event = passing(item)
        for listener in list(self._listeners.get(topic, ())):
            listener.hear(topic, event)
        self.published.tell(item)
