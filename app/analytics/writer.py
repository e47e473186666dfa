"""The task that writes the intake's tallies, twice a second."""

import asyncio
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

import structlog

from app.analytics.active_visitors import ActiveVisitors
from app.analytics.flush import Flush, Flusher
from app.analytics.intake import Intake
from app.analytics.tally import Tally
from app.signals import Signal
from app.times import Clock

# Each flush is a transaction, and those of several nodes are in each other's way. With AHEAD_S
# events are on disk within a second.
EVERY_S = 0.5
# Gauges and durations alone wait for a fourth round: the gauges of a node count for five seconds.
GAUGES_EVERY = 4
# Events are to be on disk within a second, and wait for the flush before theirs.
AHEAD_S = 0.4
# Flushes of fewer events say nothing about the speed of writing; AT_LEAST can always wait.
TELLING = 500
AT_LEAST = 2_000

log = structlog.get_logger("analytics")


class Writer:
    """Run `run` as a task; call `finish` when no more events come. `written` tells of events that
    are on disk."""

    def __init__(
        self,
        intake: Intake,
        active: ActiveVisitors,
        flusher: Flusher,
        clock: Clock,
    ) -> None:
        self.written: Signal[None] = Signal("events written")
        self._intake = intake
        self._active = active
        self._flusher = flusher
        self._clock = clock
        self._seq = 0
        self._at_once = sys.maxsize
        self._rounds = 0
        self._stop = asyncio.Event()
        self._done = asyncio.Event()

    async def run(self) -> None:
        """Write until `finish`, then write what is left."""
        try:
            while not self._stop.is_set():
                began = time.monotonic()
                await self._round()
                with suppress(TimeoutError):
                    async with asyncio.timeout(EVERY_S - (time.monotonic() - began)):
                        await self._stop.wait()
            await self._round(is_last=True)
        finally:
            self._intake.is_closed = True
            self._done.set()

    async def finish(self, within_s: float) -> None:
        """Close the intake and wait until all accepted events are written."""
        self._intake.is_closed = True
        self._stop.set()
        try:
            async with asyncio.timeout(within_s):
                await self._done.wait()
        except TimeoutError:
            log.warning("events lost", count=self._intake.waiting)

    async def flush(self) -> None:
        """Write all tallies now."""
        gauges, arrivals = self._intake.gauges(), self._active.take()
        signed_in = self._active.take_signed_in()
        tallies = self._intake.swap()
        minute = int(self._clock().timestamp()) // 60
        for series, value in gauges.items():
            tallies[0].show(series, minute, value)
        for tally in tallies:
            await self._write(tally, arrivals, signed_in, gauges)
            arrivals = signed_in = {}

    async def _write(
        self,
        tally: Tally,
        arrivals: Mapping[int, int],
        signed_in: Mapping[int, int],
        gauges: Mapping[str, int],
    ) -> None:
        self._seq += 1
        began = time.monotonic()
        await self._flusher.write(
            Flush(
                seq=self._seq,
                at=self._clock(),
                tally=tally,
                arrivals=arrivals,
                signed_in=signed_in,
                gauges=gauges,
            )
        )
        self._measure(len(tally.raw), time.monotonic() - began)
        if tally.raw:
            self.written.tell(None)
        self._intake.written(tally, self._at_once)

    def _measure(self, count: int, took_s: float) -> None:
        """Let as many events wait as are written in AHEAD_S at the present speed (Little's law)."""
        if count >= TELLING:
            self._at_once = max(AT_LEAST, int(count / took_s * AHEAD_S))

    async def _round(self, *, is_last: bool = False) -> None:
        self._rounds += 1
        intake, is_due = self._intake, self._rounds % GAUGES_EVERY == 0
        if (
            intake.has_counts
            or (not intake.is_empty and (is_due or is_last))
            or (is_due and intake.gauges())
        ):
            await self.flush()
