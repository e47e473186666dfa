"""Ephemeral topics: whoever is there hears it, nothing is stored but each topic's newest value.

For signals that are worth nothing a moment later, such as cursors and sensor values. They stay on
the node where they are published.
"""

from typing import Protocol

from app.realtime.events import Event
from app.streams.models import Item
from app.telemetry.signals import Signal
from app.topics.models import name_of
from app.topics.serializer import passing


class Listener(Protocol):
    """Who listens: a connection's subscriber, or a reader of a feature."""

    def hear(self, topic: str, event: Event) -> None:
        """Take an event at once; must not block."""


class EphemeralTopics:
    """Hearers by topic. `published` tells of every event."""

    def __init__(self) -> None:
        self.published: Signal[Item] = Signal("ephemeral event")
        self._hearers: dict[str, dict[Listener, None]] = {}
        self._newest: dict[str, Item] = {}

    def follow(self, topic: str, hearer: Listener) -> None:
        """Tell `hearer` every event from now on."""
        self._hearers.setdefault(topic, {})[hearer] = None

    def unfollow(self, topic: str, hearer: Listener) -> None:
        """Nothing more to `hearer`; harmless where it did not follow."""
        mine = self._hearers.get(topic, {})
        mine.pop(hearer, None)
        if not mine:
            self._hearers.pop(topic, None)

    def count(self, topic: str) -> int:
        """How many follow on this node."""
        return len(self._hearers.get(topic, ()))

    def newest(self, topic: str) -> Item | None:
        """The value that holds now."""
        return self._newest.get(topic)

    def forget(self, topic: str) -> None:
        """There is no such topic any more: its value holds no more."""
        self._newest.pop(topic, None)

    def publish(self, item: Item) -> None:
        """Tell everyone who is there; encoded once."""
        topic = name_of(item.stream)
        self._newest[topic] = item
        event = passing(item)
        for hearer in list(self._hearers.get(topic, ())):
            hearer.hear(topic, event)
        self.published.tell(item)
