"""Detects a blocked event loop, and logs its stack.

A timer on the loop notes each beat. A thread checks the beats and, when one is late, samples the
stack of the loop's thread: file, line and function, no values. The next beat knows how long the
loop was blocked; it logs one line and raises two counters.
"""

import asyncio
import gc
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Self

import structlog

from app.telemetry.metrics import Metrics

BLOCKED_S = 0.2
BEAT_S = 0.05
LOOK_S = 0.05
# Earlier than BLOCKED_S, so that a block which just reaches it has been sampled.
SAMPLE_AFTER_S = 0.1
# A long block is logged before it ends: it may never end.
STILL_AFTER_S = 5.0
LINES_A_MINUTE = 20
FRAMES_AT_MOST = 30
ROOT = Path(__file__).resolve().parents[2]

log = structlog.get_logger("loop")


class LoopWatch:
    """`async with LoopWatch(metrics):` watches the running loop for as long as the block."""

    def __init__(self, metrics: Metrics) -> None:
        self._blocks = metrics.counter(
            "loop_blocked", "Times that the event loop stood still for more than 200 ms."
        )
        self._seconds = metrics.counter(
            "loop_blocked_seconds", "Seconds that the event loop stood still in these."
        )
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="loop watch", daemon=True)
        self._watched = 0
        self._clock = 0
        self._beat_at = self._looked_at = 0.0
        self._cpu_at = self._collecting_s = self._collects_since = 0.0
        self._sample: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        self._minute = self._lines = 0

    async def __aenter__(self) -> Self:
        self._watched = threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._watched)
        gc.callbacks.append(self._collects)
        self._begin_beat()
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        gc.callbacks.remove(self._collects)
        self._over.set()
        await asyncio.to_thread(self._thread.join)

    # On the loop.

    def _begin_beat(self) -> None:
        self._beat_at = time.monotonic()
        self._cpu_at = time.clock_gettime(self._clock)
        self._collecting_s = 0.0
        self._sample = []
        self._timer = asyncio.get_running_loop().call_later(BEAT_S, self._beat)

    def _beat(self) -> None:
        blocked_s = time.monotonic() - self._beat_at - BEAT_S / 2
        if blocked_s > BLOCKED_S:
            self._blocks.inc()
            self._seconds.inc(blocked_s)
            self._tell("loop_blocked", blocked_s)
        self._begin_beat()

    def _collects(self, phase: str, _: Mapping[str, int]) -> None:
        now = time.monotonic()
        if phase == "start":
            self._collects_since = now
        else:
            self._collecting_s += now - self._collects_since

    # Also in the thread.

    def _tell(self, event: str, blocked_s: float) -> None:
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._lines = minute, 0
        self._lines += 1
        if self._lines > LINES_A_MINUTE:
            return
        busy_s = time.clock_gettime(self._clock) - self._cpu_at
        log.warning(
            event,
            ms=round(blocked_s * 1000),
            # Far less than `ms` where the loop's thread waited or got no processor time.
            cpu_ms=round(busy_s * 1000),
            collecting_ms=round(self._collecting_s * 1000),
            stopped=busy_s < blocked_s / 10 and self._looked_at < self._beat_at + LOOK_S,
            stack=self._sample,
        )

    # In the thread.

    def _look(self) -> None:
        told_at = 0.0
        while not self._over.wait(LOOK_S):
            now, beat_at = time.monotonic(), self._beat_at
            self._looked_at = now
            late_s = now - beat_at - BEAT_S
            if late_s > SAMPLE_AFTER_S and not self._sample:
                self._sample = stack_of(sys._current_frames().get(self._watched))  # noqa: SLF001
            if late_s > STILL_AFTER_S and told_at != beat_at:
                told_at = beat_at
                self._tell("loop_still_blocked", late_s)


def stack_of(frame: FrameType | None) -> list[str]:
    """`file:line function` of each call, the innermost first."""
    found: list[str] = []
    while frame is not None and len(found) < FRAMES_AT_MOST:
        found.append(f"{_shown(frame.f_code.co_filename)}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    return found


def _shown(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
        return str(path.relative_to(ROOT))
    return "/".join(path.parts[-2:])
