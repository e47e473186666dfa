"""What waits to be written to one client: bounded, and what somebody may no longer see taken back.

Stands in the place of Engine.IO's own queue, which knows no limit.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import cached_property
from typing import Any

from aiohttp import WSMsgType
from engineio import packet as engine

from app.realtime.line.direct_writer import framed

QUEUE_PACKETS = 2_000
QUEUE_CHARACTERS = 16 * 1_048_576
# What is taken for writing can't be taken back any more, so it is about what a transport buffers.
TAKEN_CHARACTERS = 65_536


class Outgoing(engine.Packet):  # type: ignore[misc]  # engineio has no types
    """A packet that may belong to a `topic`; `instead` makes what is said where it is revoked.

    One for many is one object, so it is encoded once.
    """

    def __init__(
        self,
        text: str,
        topic: str | None = None,
        instead: Callable[[], "Outgoing"] | None = None,
        kind: int = engine.MESSAGE,
    ) -> None:
        super().__init__(kind, text)
        self.topic = topic
        self.instead = instead

    @cached_property
    def frame(self) -> bytes:
        """All that a WebSocket carries of it."""
        # Not by `encode`, which would keep a third copy.
        return framed(WSMsgType.TEXT, f"{self.packet_type}{self.data}".encode())

    @property
    def size(self) -> int:
        """How much it counts, in characters."""
        return len(self.data)


PING = Outgoing("", kind=engine.PING)

# Shared by all who wait for nothing, which is nearly everybody: an empty one of its own takes 760
# bytes. Never put into.
NOTHING: deque[Any] = deque(maxlen=0)


class Outbox:
    """Packets in the order in which they were sent; None ends the writing."""

    __slots__ = ("_arrival", "_packets", "characters")

    def __init__(self) -> None:
        self.characters = 0
        self._packets = NOTHING
        self._arrival: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self._packets)

    @property
    def is_overflowing(self) -> bool:
        """Whether this client is too slow to be waited for."""
        return len(self._packets) > QUEUE_PACKETS or self.characters > QUEUE_CHARACTERS

    @property
    def size_bytes(self) -> int:
        """What waits, as it goes over the wire; counted anew, so not for every write."""
        return sum(size_bytes(packet) for packet in self._packets)

    def put(self, packet: Any) -> None:
        """Queue a packet. The caller looks whether the client keeps up."""
        if self._packets is NOTHING:
            self._packets = deque()
        self._packets.append(packet)
        self.characters += characters(packet)
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    def turn(self) -> list[Any]:
        """What goes out in one turn, of what waits; empty at the end, which stays."""
        packets: list[Any] = []
        taken = 0
        while self._packets and self._packets[0] is not None and taken < TAKEN_CHARACTERS:
            packets.append(packet := self._packets.popleft())
            taken += characters(packet)
        if not self._packets:
            self._packets = NOTHING
        self.characters -= taken
        return packets

    async def several(self) -> list[Any]:
        """A turn; waits for something to go out. For one who asks, not for two at once."""
        if not self._packets:
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        return self.turn()

    def clear(self) -> None:
        """Forget everything that waits, but not that it ends."""
        is_ended = None in self._packets
        self._packets = NOTHING
        self.characters = 0
        if is_ended:
            self.put(None)

    def drop(self, topic: str) -> None:
        """Take back the live events of `topic`; answers stay, they were asked for."""
        self._replace(topic, lambda packet: packet if packet.instead else None)

    def revoke(self, topic: str) -> None:
        """Take back all that holds something of `topic`; a question gets another answer."""
        self._replace(topic, lambda packet: packet.instead() if packet.instead else None)

    def _replace(self, topic: str, another: Callable[[Outgoing], Outgoing | None]) -> None:
        if not any(getattr(packet, "topic", None) == topic for packet in self._packets):
            return
        waiting, self._packets = self._packets, NOTHING
        self.characters = 0
        for packet in waiting:
            is_of_topic = getattr(packet, "topic", None) == topic
            kept = another(packet) if is_of_topic else packet
            if kept is not None or packet is None:
                self.put(kept)


def size_bytes(packet: Any) -> int:
    """The length of what a packet says, in bytes."""
    data = getattr(packet, "data", None)
    return len(data.encode()) if isinstance(data, str) else characters(packet)


def characters(packet: Any) -> int:
    """The length of what a packet says, as far as it counts."""
    size: int | None = getattr(packet, "size", None)
    if size is not None:
        return size
    data = getattr(packet, "data", None)
    return len(data) if isinstance(data, str | bytes) else 0
