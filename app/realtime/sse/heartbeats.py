"""Writes `periodic` and `metrics` to a reader of an event stream, at fixed intervals."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from app.realtime.sse.connection import EventWriter
from app.times import now, rfc3339

PERIODIC_S = 5.0
FIGURES_EVERY = 2  # beats

Figures = Callable[[], Awaitable[Mapping[str, Any] | None]]


async def no_figures() -> None:
    """For servers without a feature that tells figures along with heartbeats."""


async def beat(writer: EventWriter, figures: Figures) -> None:
    """For ever: `periodic`, and `metrics` with every second one. Late ones do not pile up."""
    clock = asyncio.get_running_loop().time
    began, beats = clock(), 0
    while True:
        beats += 1
        await asyncio.sleep(began + beats * PERIODIC_S - clock())
        periodic = {"timestamp": rfc3339(now()), "message": "Periodic update"}
        writer.show("periodic", periodic)
        if beats % FIGURES_EVERY == 0 and (shown := await figures()) is not None:
            writer.show("metrics", shown)
