"""Spreads bursts of work over many turns of the event loop.

A proxy that restarts closes 10,000 connections in one turn of the loop, and 10,000 clients connect
again together. Done at once, that would delay everything else. A `Pace` does a portion in each
turn; the rest waits for later turns, and other work comes in between.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from time import perf_counter

import structlog

# The time that a turn may take decides how many frames of clients it reads, unless they are small.
FRAMES_A_TURN = 500
# To decode a megabyte of JSON can take 30 ms: so much of a frame counts as a small one, and a turn
# takes one of the largest.
BYTES_A_PIECE = 2_048

log = structlog.get_logger("pace")


class Pace:
    """Lets through at most `at_once` pieces of work a turn, and none after `within_s` of it.

    First come, first served. Where the turn has room nothing waits. Long work, which its caller
    does after `turn`, counts as several pieces. Each event loop needs its own.
    """

    def __init__(self, *, at_once: int, within_s: float = 0.01) -> None:
        self._at_once = at_once
        self._within_s = within_s
        self._waiting: deque[tuple[int, Callable[[], None]]] = deque()
        self._is_turn_known = False
        self._done = 0
        self._ends = 0.0

    def __len__(self) -> int:
        """The number of pieces of work that wait."""
        return len(self._waiting)

    def run(self, work: Callable[[], None]) -> None:
        """Do `work` now or in a later turn. An error is logged, and other work goes on."""
        if self._may_go():
            self._do(1, work)
        else:
            self._waiting.append((1, work))

    async def turn(self, pieces: int = 1) -> None:
        """Return when the caller may do work that counts as `pieces`: now or in a later turn."""
        # Hot path: every frame that a client sends passes here.
        if self._may_go():
            self._done += pieces
            return
        release = asyncio.get_running_loop().create_future()
        self._waiting.append((pieces, partial(_resolve, release)))
        await release

    def _may_go(self) -> bool:
        if not self._is_turn_known:
            self._begin_turn()
        return not self._waiting and self._has_room()

    def _begin_turn(self) -> None:
        self._is_turn_known = True
        self._done = 0
        self._ends = perf_counter() + self._within_s
        asyncio.get_running_loop().call_soon(self._next_turn)

    def _has_room(self) -> bool:
        return self._done < self._at_once and perf_counter() < self._ends

    def _next_turn(self) -> None:
        self._is_turn_known = False
        if self._waiting:
            self._begin_turn()
            while self._waiting and self._has_room():
                self._do(*self._waiting.popleft())

    def _do(self, pieces: int, work: Callable[[], None]) -> None:
        self._done += pieces
        try:
            work()
        except Exception:
            log.exception("paced work failed")


def reading_pace() -> Pace:
    """The pace at which the frames of all clients of one transport are read: a burst of one client,
    or of a crowd, must not keep others from being heard."""
    return Pace(at_once=FRAMES_A_TURN)


def pieces_of(frame: object) -> int:
    """As how many small frames `frame` counts, which is decoded next."""
    return 1 + len(frame) // BYTES_A_PIECE if isinstance(frame, str | bytes) else 1


def _resolve(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
