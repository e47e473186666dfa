"""Says to one WebSocket what its outbox is given: at once where nothing waits, else in turns."""

import asyncio
from typing import Any, Protocol

from app.realtime.fanout import DirectWriter
from app.realtime.outbox import Outbox


class Packet(Protocol):
    """What is written, and all that a WebSocket carries of it."""

    @property
    def frame(self) -> bytes: ...


class Wire(Protocol):
    """The WebSocket under it."""

    async def carry(self, packet: Any) -> None:
        """Write a packet; waits while the network takes nothing. Raises OSError."""

    async def part(self) -> None:
        """Say goodbye, the last thing that is said."""

    def abort(self) -> None:
        """End without a word; whoever reads hears of it."""


class Writer:
    """The one who writes to `wire`. A task runs only while something waits: most of the time there
    is none."""

    __slots__ = ("_direct", "_outbox", "_task", "_wire")

    def __init__(self, outbox: Outbox, wire: Wire, direct: DirectWriter | None) -> None:
        self._outbox = outbox
        self._wire = wire
        self._direct = direct
        self._task: asyncio.Task[None] | None = None
        self.wake()

    def write(self, packet: Packet) -> bool:
        """Say it, after all that was said before; whether it waits now."""
        if self._task is None and self._direct is not None and self._direct.write(packet.frame):
            return False
        self._outbox.put(packet)
        self.wake()
        return True

    def wake(self) -> None:
        """Look at the outbox: something was put into it."""
        if self._task is None and self._outbox:
            self._task = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._outbox:
                packets = self._outbox.turn()
                if not packets:
                    await self._wire.part()
                    return
                for packet in packets:
                    await self._wire.carry(packet)
        except OSError:
            self._wire.abort()
        except Exception:
            # As the wire ends so does its handler, which waits for this task and shows the error.
            self._wire.abort()
            raise
        else:
            self._task = None

    async def finished(self) -> None:
        """Wait until nothing waits any more, or nothing can be said any more."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def stop(self) -> None:
        """Write no more: there is nobody to write to."""
        if self._task is not None:
            self._task.cancel()

    async def end(self) -> None:
        """Like `finished`; raises what nobody foresaw."""
        await self.finished()
        if self._task is not None and not self._task.cancelled():
            self._task.result()
