"""The line to one client: what waits for it, who writes it and when, and how it ends.

A frame goes to the socket at once where nothing waits before it. Everything else passes through
the outbox: before there is a wire (polling takes it from there), while an earlier frame waits, and
while the network takes nothing. So each client keeps one order.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from app.ids import new_id
from app.loop_pacing import Pace
from app.realtime.line.direct_writer import DirectWriter
from app.realtime.line.frame import Frame
from app.realtime.line.heartbeat import Heartbeat
from app.realtime.line.outbox import Outbox

# How long the last frames may take to a client that does not read.
CLOSES_WITHIN_S = 5.0

log = structlog.get_logger("line")


class Wire(Protocol):
    """The connection under a line."""

    async def carry(self, frames: Sequence[Frame]) -> None:
        """Write frames; waits while the network takes nothing. Raises OSError."""

    async def part(self) -> None:
        """Close it in order. Raises OSError."""

    def abort(self) -> None:
        """Cut it, also under a writer that waits. Harmless where it has ended."""

    @property
    def is_gone(self) -> bool:
        """Whether the other side has left, so that nothing can be written any more."""

    @property
    def buffered_bytes(self) -> int:
        """How much was written that the network has not taken yet."""


class Owner(Protocol):
    """The transport's part of a line."""

    def gives_up_slow(self) -> None:
        """The client doesn't keep up: end the line. Its outbox is empty already."""

    def gives_up_silent(self) -> None:
        """The client was silent for too long: end the line."""


class Line:
    """Writes to one client, in order.

    `ping` is written every `interval_s`; a client that was silent for `timeout_s` is given up.
    `id` names the line to admins; one can't use the line with it.
    """

    __slots__ = (
        "_cutting",
        "_direct",
        "_is_muted",
        "_owner",
        "_ping",
        "_task",
        "_wire",
        "heartbeat",
        "id",
        "is_ending",
        "outbox",
    )

    def __init__(
        self,
        owner: Owner,
        ping: Frame,
        interval_s: float,
        timeout_s: float,
        beats: Pace,
        outbox: Outbox | None = None,
    ) -> None:
        self.id = new_id()
        self.outbox = Outbox() if outbox is None else outbox
        self.heartbeat = Heartbeat(self, interval_s, timeout_s, beats)
        self.is_ending = False
        self._owner = owner
        self._ping = ping
        self._wire: Wire | None = None
        self._direct: DirectWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self._cutting: asyncio.TimerHandle | None = None
        self._is_muted = False

    @property
    def buffered_bytes(self) -> int:
        """How much waits for the client: here, and in the network's buffer."""
        return self.outbox.size + (self._wire.buffered_bytes if self._wire else 0)

    def begin(self, wire: Wire, direct: DirectWriter | None) -> None:
        """Write to `wire` from now on, first of all what waits; straight where there is a way."""
        self._wire = wire
        self._direct = None if self._is_muted else direct
        self._wake()

    def write(self, frame: Frame) -> None:
        """Send the frame, or queue it behind earlier ones; does nothing once the line ends."""
        # Hot path: every delivery passes here.
        if self._task is None and self._direct is not None and self._direct.write(frame.wire):
            return
        if not self._is_muted:
            self._queue(frame)

    def _queue(self, frame: Frame) -> None:
        self.outbox.put(frame)
        if self.outbox.is_overflowing:
            log.info("slow reader", line=self.id, frames=len(self.outbox), bytes=self.outbox.size)
            self.outbox.clear()
            self.mute()
            self._owner.gives_up_slow()
        else:
            self._wake()

    def replace(self, frame: Frame) -> None:
        """Say it instead of what still waits of the same stream."""
        if frame.stream is not None:
            self.outbox.drop(frame.stream)
        self.write(frame)

    def ping(self) -> None:
        """Ask the client whether it is there."""
        self.write(self._ping)

    def give_up(self) -> None:
        """End it: the client was silent for too long."""
        log.info("silent client", line=self.id)
        self._owner.gives_up_silent()

    def mute(self) -> None:
        """Ignore every later `write`. Frames that wait already are still written."""
        self._is_muted = True
        self._direct = None

    def end(self, *last: Frame, keeps_waiting: bool = False, within_s: float | None = None) -> None:
        """Write what waits, where it `keeps_waiting`, then `last`, and close the wire.

        Cuts it after `within_s`, whatever the client does.
        """
        if self.is_ending:
            return
        self.is_ending = True
        self.mute()
        self.heartbeat.stop()
        if not keeps_waiting:
            self.outbox.clear()
        for frame in last:
            self.outbox.put(frame)
        self.outbox.end()
        if self._wire is not None and self._wire.is_gone:
            self._wire.abort()
        elif self._wire is not None:
            self._wake()
            within_s = CLOSES_WITHIN_S if within_s is None else within_s
            self._cutting = asyncio.get_running_loop().call_later(within_s, self.abort)

    def abort(self) -> None:
        """End it without a word."""
        self.mute()
        if self._wire is not None:
            self._wire.abort()

    def _wake(self) -> None:
        if self._wire is not None and self._task is None and self.outbox:
            self._task = asyncio.get_running_loop().create_task(self._write(self._wire))

    async def _write(self, wire: Wire) -> None:
        """Write what waits; after the end, or where nothing can be written, the task stays."""
        try:
            while self.outbox:
                if not (frames := self.outbox.turn()):
                    await wire.part()
                    return
                await wire.carry(frames)
        except OSError:
            wire.abort()
        except Exception:
            # The wire's reader ends with it, waits for this task, and shows the error.
            wire.abort()
            raise
        else:
            self._task = None

    async def drained(self) -> None:
        """Wait until nothing waits any more, or nothing can be written any more."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def close(self) -> None:
        """The client has left, or was told the last: write nothing more, and wait for that.

        Raises what went wrong in writing, unless it was an OSError.
        """
        self.heartbeat.stop()
        if not self.is_ending and self._task is not None:
            self._task.cancel()
        await self.drained()
        self.mute()
        if self._cutting is not None:
            self._cutting.cancel()
        if self._task is not None and not self._task.cancelled():
            self._task.result()
