"""Ephemeral topics: events reach their subscribers at once; only the newest value is kept.

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
    """The listeners on this node by topic, and the newest event of each.

    The signal `published` tells of every event that is published on this node, `wanted` and
    `unwanted` of topics that get their first listener here, and lose their last one.
    """

    def __init__(self) -> None:
        self.published: Signal[Item] = Signal("ephemeral event")
        self.wanted: Signal[str] = Signal("ephemeral topic wanted")
        self.unwanted: Signal[str] = Signal("ephemeral topic unwanted")
        self._listeners: dict[str, dict[Listener, None]] = {}
        self._newest: dict[str, Item] = {}

    def follow(self, topic: str, listener: Listener) -> None:
        """Pass every event from now on to `listener`."""
        if topic not in self._listeners:
            self.wanted.tell(topic)
        self._listeners.setdefault(topic, {})[listener] = None

    def unfollow(self, topic: str, listener: Listener) -> None:
        """Pass nothing more to `listener`; does nothing where it did not follow."""
        mine = self._listeners.get(topic)
        if mine is None:
            return
        mine.pop(listener, None)
        if not mine:
            del self._listeners[topic]
            self.unwanted.tell(topic)

    def count(self, topic: str) -> int:
        """The number of listeners on this node."""
        return len(self._listeners.get(topic, ()))

    def all_newest(self) -> list[Item]:
        """The newest event of each topic, those that came last at the end."""
        return list(self._newest.values())

    def newest(self, topic: str) -> Item | None:
        """The newest event of `topic`, or None."""
        return self._newest.get(topic)

    def forget(self, topic: str) -> None:
        """Drop the newest value of a topic that was deleted."""
        self._newest.pop(topic, None)

    def publish(self, item: Item) -> None:
        """Publish `item` on this node: pass it on, and keep it as the newest value."""
        self.keep(item)
        self._pass_on(item)
        self.published.tell(item)

    def hear(self, item: Item, *, is_copy: bool = False) -> None:
        """Take in an event of another node. A copy of its newest value is passed on only where the
        event itself has not come."""
        known = self._newest.get(name_of(item.stream))
        is_news = known is None or (item.at, item.id) > (known.at, known.id)
        if is_news:
            self.keep(item)
        if is_news or not is_copy:
            self._pass_on(item)

    def keep(self, item: Item) -> None:
        """Keep `item` as the newest value of its topic."""
        topic = name_of(item.stream)
        self._newest.pop(topic, None)
        self._newest[topic] = item

    def _pass_on(self, item: Item) -> None:
        """Pass `item` to all listeners, encoded once."""
        topic = name_of(item.stream)
        event = passing(item)
        for listener in list(self._listeners.get(topic, ())):
            listener.hear(topic, event)
