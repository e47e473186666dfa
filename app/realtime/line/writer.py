"""Says to one WebSocket what its outbox is given: at once where nothing waits, else in turns."""

import asyncio
from typing import Any, Protocol

from app.realtime.line.direct_writer import DirectWriter
from app.realtime.line.outbox import Outbox


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
    """The one who writes to a client. Before there is a WebSocket everything waits in the outbox,
    where polling finds it; then a task runs only while something waits, and mostly nothing does."""

    __slots__ = ("_direct", "_is_silent", "_outbox", "_task", "_wire")

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._wire: Wire | None = None
        self._direct: DirectWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_silent = False

    def begin(self, wire: Wire, direct: DirectWriter | None) -> None:
        """Write to `wire` from now on, first of all what waits."""
        self._wire, self._direct = wire, direct
        self.wake()

    def write(self, packet: Packet) -> bool:
        """Say it, after all that was said before; whether it waits now."""
        # On this way every delivery goes.
        if self._task is None and self._direct is not None and self._direct.write(packet.frame):
            return False
        if self._is_silent:
            return False
        self.put(packet)
        return True

    def silence(self) -> None:
        """From now on `write` says nothing: it ends, and only what is `put` goes out."""
        self._is_silent = True
        self._direct = None

    def put(self, packet: Any) -> None:
        """Say it in its turn; None is the end."""
        self._outbox.put(packet)
        self.wake()

    def wake(self) -> None:
        """Look at the outbox: something waits in it."""
        if self._wire is not None and self._task is None and self._outbox:
            self._task = asyncio.get_running_loop().create_task(self._write(self._wire))

    async def _write(self, wire: Wire) -> None:
        try:
            while self._outbox:
                packets = self._outbox.turn()
                if not packets:
                    await wire.part()
                    return
                for packet in packets:
                    await wire.carry(packet)
        except OSError:
            wire.abort()
        except Exception:
            # As the wire ends so does its handler, which waits for this task and shows the error.
            wire.abort()
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
