"""Writes the events `periodic` and `metrics` to an event stream, at fixed intervals."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from app.realtime.sse.connection import EventWriter
from app.times import now, rfc3339

PERIODIC_S = 5.0
FIGURES_EVERY = 2  # `periodic` events

Figures = Callable[[], Awaitable[Mapping[str, Any] | None]]


async def no_figures() -> None:
    """For servers without a feature that gives figures for `metrics`."""


async def send_periodic_events(writer: EventWriter, figures: Figures) -> None:
    """Write `periodic`, and `metrics` with every second one, until cancelled.

    An event that is late does not move those after it.
    """
    clock = asyncio.get_running_loop().time
    began, rounds = clock(), 0
    while True:
        rounds += 1
        await asyncio.sleep(began + rounds * PERIODIC_S - clock())
        periodic = {"timestamp": rfc3339(now()), "message": "Periodic update"}
        writer.show("periodic", periodic)
        if rounds % FIGURES_EVERY == 0 and (shown := await figures()) is not None:
            writer.show("metrics", shown)
