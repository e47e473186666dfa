"""What waits to be written to one client: bounded, and what somebody may no longer see taken back.

Stands in the place of Engine.IO's own queue, which knows no limit.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from engineio import packet as engine

QUEUE_PACKETS = 2_000
QUEUE_CHARACTERS = 16 * 1_048_576
# What is taken for writing can't be taken back any more, so it is about what a transport buffers.
TAKEN_CHARACTERS = 65_536


class Outgoing(engine.Packet):  # type: ignore[misc]  # engineio has no types
    """A packet that may belong to a `topic`; `instead` makes what is said where it is revoked."""

    def __init__(
        self,
        text: str,
        topic: str | None = None,
        instead: Callable[[], "Outgoing"] | None = None,
    ) -> None:
        super().__init__(engine.MESSAGE, text)
        self.topic = topic
        self.instead = instead


class Outbox(asyncio.Queue[Any]):
    """Packets in the order in which they were sent; None ends the writing."""

    _queue: deque[Any]

    def __init__(self) -> None:
        super().__init__()
        self.characters = 0
        self._taken = 0

    @property
    def is_overflowing(self) -> bool:
        """Whether this client is too slow to be waited for."""
        return self.qsize() > QUEUE_PACKETS or self.characters > QUEUE_CHARACTERS

    @property
    def size_bytes(self) -> int:
        """What waits, as it goes over the wire; counted anew, so not for every write."""
        return sum(size_bytes(packet) for packet in self._queue)

    def clear(self) -> None:
        """Forget everything that waits, but not that it ends."""
        is_ended = None in self._queue
        self._empty()
        if is_ended:
            self.put_nowait(None)

    def _empty(self) -> None:
        self._queue.clear()
        self.characters = 0

    def drop(self, topic: str) -> None:
        """Take back the live events of `topic`; answers stay, they were asked for."""
        self._replace(topic, lambda packet: packet if packet.instead else None)

    def revoke(self, topic: str) -> None:
        """Take back all that holds something of `topic`; a question gets another answer."""
        self._replace(topic, lambda packet: packet.instead() if packet.instead else None)

    def _replace(self, topic: str, another: Callable[[Outgoing], Outgoing | None]) -> None:
        if not any(getattr(packet, "topic", None) == topic for packet in self._queue):
            return
        waiting = list(self._queue)
        self._empty()
        for packet in waiting:
            is_of_topic = getattr(packet, "topic", None) == topic
            kept = another(packet) if is_of_topic else packet
            if kept is not None or packet is None:
                self._put(kept)

    def _put(self, item: Any) -> None:
        super()._put(item)
        self.characters += characters(item)

    def _get(self) -> Any:
        item = super()._get()
        self.characters -= characters(item)
        self._taken += characters(item)
        return item

    def get_nowait(self) -> Any:
        """The next packet; as if there were none where enough was taken for one turn."""
        if self.empty() or self._taken >= TAKEN_CHARACTERS:
            self._taken = 0
            raise asyncio.QueueEmpty
        return super().get_nowait()

    async def several(self) -> list[Any]:
        """What goes out in one turn; waits for the first packet. Empty at the end."""
        packets = []
        packet = await self.get()
        while packet is not None:
            packets.append(packet)
            try:
                packet = self.get_nowait()
            except asyncio.QueueEmpty:
                return packets
        self.put_nowait(None)
        return packets


def size_bytes(packet: Any) -> int:
    """The length of what a packet says, in bytes."""
    data = getattr(packet, "data", None)
    return len(data.encode()) if isinstance(data, str) else characters(packet)


def characters(packet: Any) -> int:
    """The length of what a packet says, as far as it counts."""
    data = getattr(packet, "data", None)
    return len(data) if isinstance(data, str | bytes) else 0
