"""Publish and subscribe within this process: subscribers are called at once, nothing is kept.

Features publish here what others in the process may want to know, such as notifications.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog
from msgspec import Struct

from app.times import now

log = structlog.get_logger("local_events")


class LocalEvent(Struct, frozen=True, kw_only=True):
    """One event, as subscribers in this process get it."""

    topic: str
    data: Mapping[str, Any]
    sender: str
    timestamp: datetime


Subscriber = Callable[[LocalEvent], None]


class LocalEvents:
    """The subscribers by topic. `clock` gives events their time."""

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self._clock = clock
        self._subscribers: dict[str, list[Subscriber]] = {}

    def subscribe(self, topic: str, callback: Subscriber) -> Callable[[], None]:
        """Call `callback` with every event of `topic`; returns a function that ends that."""
        self._subscribers.setdefault(topic, []).append(callback)

        def unsubscribe() -> None:
            mine = self._subscribers.get(topic, [])
            if callback in mine:
                mine.remove(callback)
            if not mine:
                self._subscribers.pop(topic, None)

        return unsubscribe

    def publish(self, topic: str, data: Mapping[str, Any], sender: str) -> int:
        """Call the subscribers of `topic`, and return their number. They must not block."""
        callbacks = list(self._subscribers.get(topic, ()))
        if callbacks:
            event = LocalEvent(topic=topic, data=data, sender=sender, timestamp=self._clock())
            for callback in callbacks:
                _tell(callback, event)
        return len(callbacks)

    def has_subscribers(self, topic: str) -> bool:
        """Whether anyone subscribes to `topic`: else the caller need not make an event."""
        return topic in self._subscribers


def _tell(callback: Subscriber, event: LocalEvent) -> None:
    try:
        callback(event)
    except Exception:
        # One subscriber's failure must not reach the publisher or the others.
        log.exception("a subscriber failed", topic=event.topic)
