"""Ephemeral topics over several nodes: events as they come, and copies of the newest values.

An event goes at once to the nodes where somebody listens. The newest values are copied to all
nodes a moment later, so that a subscriber finds them wherever it connects; a node that starts asks
the others for theirs.
"""

import asyncio
from collections.abc import Collection, Iterable

from msgspec import Struct

from app.bus.bus import EVERY_NODE, Bus
from app.streams.models import Item
from app.topics.directory import Directory
from app.topics.ephemeral import EphemeralTopics
from app.topics.models import name_of, stream_of

EVENT, COPIES, WANTED = "topic_event", "topic_copies", "topic_copies_wanted"
COPIED_AFTER_S = 0.25
# A hint has a bound of its own; a node that starts gets the newest values that fit into this.
COPIES_BYTES = 96 * 1024
ALL_COPIES_BYTES = 1024 * 1024
ANSWERS_EVERY_S = 2.0


class Copies(Struct, frozen=True):
    """The newest events of some topics."""

    items: list[Item]


class CopiesWanted(Struct, frozen=True):
    """A node has started, or could not hear for a while."""


class RemoteTopics:
    """Publishes what is published here, and passes on what comes from other nodes."""

    def __init__(self, bus: Bus, ephemeral: EphemeralTopics, directory: Directory) -> None:
        self._bus = bus
        self._ephemeral = ephemeral
        self._directory = directory
        self._changed: dict[str, Item] = {}
        self._answered_at = float("-inf")
        bus.listen(EVENT, Item, self._heard)
        bus.listen(COPIES, Copies, self._heard_copies)
        bus.listen(WANTED, CopiesWanted, self._answer)
        bus.subscribed.listen(self._ask)
        ephemeral.published.listen(self._share)
        ephemeral.wanted.listen(lambda topic: bus.follow(stream_of(topic)))
        ephemeral.unwanted.listen(lambda topic: bus.unfollow(stream_of(topic)))

    def _share(self, item: Item) -> None:
        if self._bus.is_alone:
            return
        self._bus.publish(item.stream, EVENT, item)
        if not self._changed:
            asyncio.get_running_loop().call_later(COPIED_AFTER_S, self._share_copies)
        self._changed[item.stream] = item

    def _share_copies(self) -> None:
        changed, self._changed = self._changed, {}
        self._publish(changed.values())

    def _publish(self, items: Iterable[Item], at_most: int | None = None) -> None:
        """Publish copies, as many in a hint as are about COPIES_BYTES long."""
        portion, length, sent = list[Item](), 0, 0
        for item in items:
            size = len(item.body["data"])
            if at_most is not None and (sent := sent + size) > at_most:
                break
            if portion and length + size > COPIES_BYTES:
                self._bus.publish(EVERY_NODE, COPIES, Copies(portion))
                portion, length = [], 0
            portion.append(item)
            length += size
        if portion:
            self._bus.publish(EVERY_NODE, COPIES, Copies(portion))

    def _heard(self, _stream: str, item: Item) -> None:
        self._ephemeral.hear(item)

    def _heard_copies(self, _topic: str, copies: Copies) -> None:
        for item in copies.items:
            known = self._directory.known(name_of(item.stream))
            # A topic that was deleted meanwhile, and one that this node has not heard of yet.
            if known is not None and known.ephemeral:
                self._ephemeral.hear(item, is_copy=True)

    def _ask(self, topics: Collection[str]) -> None:
        if EVERY_NODE in topics:
            self._bus.publish(EVERY_NODE, WANTED, CopiesWanted())

    def _answer(self, _topic: str, _wanted: CopiesWanted) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._answered_at >= ANSWERS_EVERY_S:
            self._answered_at = now
            self._publish(reversed(self._ephemeral.all_newest()), ALL_COPIES_BYTES)
