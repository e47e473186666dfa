"""Writes to one reader what waits for them, and the beats that show that the stream lives."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from app.realtime.sse import encoding
from app.realtime.sse.connection import Outgoing
from app.realtime.sse.outbox import Waiting
from app.times import now, rfc3339

PERIODIC_S = 5.0
FIGURES_EVERY = 2  # beats

Figures = Callable[[], Awaitable[Mapping[str, Any] | None]]


async def no_figures() -> None:
    """For servers without a feature that tells figures along with heartbeats."""


async def write(
    waiting: Waiting, response: web.StreamResponse, *, heartbeat_s: float, patience_s: float
) -> bool:
    """Write until `waiting` is closed and empty: True, or False where the reader went away or took
    nothing for `patience_s`."""
    clock = asyncio.get_running_loop().time
    due = clock() + heartbeat_s
    while not waiting.is_done:
        data = await waiting.take(max(0.0, due - clock()))
        if clock() >= due:
            due = clock() + heartbeat_s
            data += encoding.HEARTBEAT
        try:
            async with asyncio.timeout(patience_s):
                await response.write(data)
        except (ConnectionError, TimeoutError):
            return False
    return True


async def beat(outgoing: Outgoing, figures: Figures) -> None:
    """For ever: `periodic`, and `metrics` with every second one. Late ones do not pile up."""
    clock = asyncio.get_running_loop().time
    began, beats = clock(), 0
    while True:
        beats += 1
        await asyncio.sleep(began + beats * PERIODIC_S - clock())
        periodic = {"timestamp": rfc3339(now()), "message": "Periodic update"}
        outgoing.show("periodic", periodic)
        if beats % FIGURES_EVERY == 0 and (shown := await figures()) is not None:
            outgoing.show("metrics", shown)
