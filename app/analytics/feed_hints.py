"""Tells a node on which somebody follows the live feed that another one has written events.

A node with followers says so every ten seconds; until then nobody publishes anything.
"""

import asyncio
from collections.abc import Callable

from msgspec import Struct

from app.bus.bus import EVERY_NODE, Bus

TOPIC = "feed"
ASKS_EVERY_S = 10.0
# Two reminders may be lost.
ASKED_FOR_S = 25.0
# A node that hears looks seldom without a hint, one that does not hear each second.
LOOKS_EVERY_S, UNHEARD_LOOKS_EVERY_S = 10.0, 1.0


class FeedAsked(Struct, frozen=True):
    """Somebody follows the feed on the node that says this."""


class FeedWritten(Struct, frozen=True):
    """The node that says this has written events."""


class FeedHints:
    """`news` is set when another node has written events, while somebody follows here."""

    def __init__(self, bus: Bus, monotonic: Callable[[], float]) -> None:
        self.news = asyncio.Event()
        self._bus = bus
        self._monotonic = monotonic
        self._asks_at = self._looked_at = 0.0
        self._is_asked_until = 0.0
        self._is_behind = False
        bus.listen("feed_asked", FeedAsked, self._hear_question)
        bus.listen("feed_written", FeedWritten, self._hear)

    # Where somebody follows.

    def begin(self) -> None:
        """Hear from now on, until `end`."""
        self._bus.follow(TOPIC)
        self._asks_at = 0.0
        self.remind()

    def end(self) -> None:
        """Hear no more."""
        self._bus.unfollow(TOPIC)

    def remind(self) -> None:
        """Tell the others that somebody follows, where that is due."""
        now = self._monotonic()
        if now >= self._asks_at:
            self._asks_at = now + ASKS_EVERY_S
            self._bus.publish(EVERY_NODE, "feed_asked", FeedAsked())

    @property
    def patience_s(self) -> float:
        """How long to wait for a hint before looking without one."""
        hears = self._bus.is_hearing or self._bus.is_alone
        return LOOKS_EVERY_S if hears else UNHEARD_LOOKS_EVERY_S

    def take_due(self) -> bool:
        """Whether to look now for what others have written, as after a hint; asked once a look."""
        now = self._monotonic()
        if not self._is_behind and now < self._looked_at + self.patience_s:
            return False
        self._looked_at, self._is_behind = now, False
        return True

    def look_soon(self) -> None:
        """Another node has written events, or the last look has failed."""
        self._is_behind = True
        self.news.set()

    # Where events are written.

    def written(self) -> None:
        """Events were written here."""
        if self._monotonic() < self._is_asked_until:
            self._bus.publish(TOPIC, "feed_written", FeedWritten())

    def _hear(self, _topic: str, _hint: FeedWritten) -> None:
        self.look_soon()

    def _hear_question(self, _topic: str, _hint: FeedAsked) -> None:
        self._is_asked_until = self._monotonic() + ASKED_FOR_S
