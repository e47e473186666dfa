"""The task that writes what the intake has counted, four times a second."""

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

import structlog

from app.analytics.active_visitors import ActiveVisitors
from app.analytics.flush import Flush, Flusher
from app.analytics.intake import Intake
from app.analytics.tally import Tally

EVERY_S = 0.25
# Gauges of a node are believed for five seconds, so they are renewed before.
GAUGES_EVERY = 8
# What waits is to be on disk within a second: while one flush is written the next one gathers.
AHEAD_S = 0.4
# Fewer tell nothing of how fast writing is, and so many can always wait.
TELLING = 500
AT_LEAST = 2_000

log = structlog.get_logger("analytics")


class Writer:
    """`run` once; `finish` when nothing more comes."""

    def __init__(
        self,
        intake: Intake,
        active: ActiveVisitors,
        flusher: Flusher,
        clock: Callable[[], datetime],
    ) -> None:
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
        """Write until `finish`, and then what is left."""
        try:
            while not self._stop.is_set():
                began = time.monotonic()
                await self._round()
                with suppress(TimeoutError):
                    async with asyncio.timeout(EVERY_S - (time.monotonic() - began)):
                        await self._stop.wait()
            await self._round()
        finally:
            self._intake.is_closed = True
            self._done.set()

    async def finish(self, within_s: float) -> None:
        """Take nothing more and wait until everything accepted is written."""
        self._intake.is_closed = True
        self._stop.set()
        try:
            async with asyncio.timeout(within_s):
                await self._done.wait()
        except TimeoutError:
            log.warning("events lost", count=self._intake.waiting)

    async def flush(self) -> None:
        """Write what there is, now."""
        gauges, arrivals = self._intake.gauges(), self._active.take()
        tallies = self._intake.swap()
        minute = int(self._clock().timestamp()) // 60
        for series, value in gauges.items():
            tallies[0].show(series, minute, value)
        for tally in tallies:
            await self._write(tally, arrivals, gauges)
            arrivals = {}

    async def _write(
        self, tally: Tally, arrivals: Mapping[int, int], gauges: Mapping[str, int]
    ) -> None:
        self._seq += 1
        began = time.monotonic()
        await self._flusher.write(
            Flush(seq=self._seq, at=self._clock(), tally=tally, arrivals=arrivals, gauges=gauges)
        )
        self._measure(len(tally.raw), time.monotonic() - began)
        self._intake.written(tally, self._at_once)

    def _measure(self, count: int, took_s: float) -> None:
        """How many can wait follows how fast they are written (Little's law)."""
        if count >= TELLING:
            self._at_once = max(AT_LEAST, int(count / took_s * AHEAD_S))

    async def _round(self) -> None:
        self._rounds += 1
        is_due = self._rounds % GAUGES_EVERY == 0 and bool(self._intake.gauges())
        if not self._intake.is_empty or is_due:
            await self.flush()
