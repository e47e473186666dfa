"""Takes a node out: it refuses new clients, and the present ones are told to come back elsewhere.
It may take that back, and is in service again.

A proxy notices by `/readyz` and leads new clients to other nodes. Then the clients of this node are
sent back at an even rate, so that the other nodes are not overrun.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from app.settings import Settings
from app.signals import Signal
from app.telemetry.tasks import Tasks

TICK_S = 0.05
# A client that follows the hint waits for up to so long, each for another time.
SPREAD_MS = 500
LOOKS_EVERY_S = 1.0

# The event that tells a client to come back after so many milliseconds: `{after_ms}`.
LEAVING = "node:leaving"

# Ends one client's connection as the network would; it comes back after so many milliseconds.
SendBack = Callable[[int], None]

log = structlog.get_logger("draining")


class Transport(Protocol):
    """One way in which clients are connected."""

    def staying(self) -> Sequence[SendBack]:
        """A function for each client that is connected and was not sent back yet."""


class Draining:
    """Whether this node takes itself out. `changed` tells of its beginning and of its end."""

    def __init__(
        self,
        settings: Settings,
        tasks: Tasks,
        random_ms: Callable[[int], int] = random.randrange,
    ) -> None:
        self.is_draining = False
        self.changed: Signal[None] = Signal("draining changed")
        self._per_tick = settings.drain_per_second * TICK_S
        self._after_s = settings.drain_after_s
        self._tasks = tasks
        self._random_ms = random_ms
        self._transports: list[Transport] = []
        self._sending_back: asyncio.Task[None] | None = None

    def serve(self, transport: Transport) -> None:
        """Send the clients of this transport back, too."""
        self._transports.append(transport)

    def begin(self) -> None:
        """Refuse new clients from now on, and send the present ones back; harmless when repeated.

        Raises RuntimeError while the process stops.
        """
        if self.is_draining:
            return
        self._sending_back = self._tasks.spawn(self._send_back(), "draining")
        self.is_draining = True
        log.info("draining")
        self.changed.tell(None)

    def end(self) -> None:
        """Accept new clients again, and keep those that are left; harmless when repeated."""
        if not self.is_draining:
            return
        if self._sending_back is not None:
            self._sending_back.cancel()
        self.is_draining = False
        log.info("draining ended")
        self.changed.tell(None)

    async def _send_back(self) -> None:
        """For ever: a handshake that was under way may still bring a client."""
        await asyncio.sleep(self._after_s)
        has_said = False
        while True:
            staying = [each for transport in self._transports for each in transport.staying()]
            await self._evenly(staying)
            if not staying:
                if not has_said:
                    log.info("drained")
                    has_said = True
                await asyncio.sleep(LOOKS_EVERY_S)

    async def _evenly(self, staying: Sequence[SendBack]) -> None:
        due, sent = 0.0, 0
        while sent < len(staying):
            due += self._per_tick
            for send_back in staying[sent : int(due)]:
                send_back(self._random_ms(SPREAD_MS))
            sent = max(sent, int(due))
            # After a loop that stood still no more than usual follow at once.
            await asyncio.sleep(TICK_S)
