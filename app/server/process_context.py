"""Where one process serves: alone, or as one of several that share a port (`workers/`)."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from app.telemetry.metrics import Metrics
from app.web.http_server import Server


class ProcessContext:
    """Alone: it opens its own port, and every session is its own."""

    # Bound sockets to accept from, instead of the host and port of the settings.
    listeners: Sequence[socket.socket] = ()
    # The same for all processes that share the port.
    server = ""
    # The beginning of the ids of Socket.IO sessions.
    sid_prefix = ""

    async def pass_on(self, _: web.Request) -> bool:
        """Pass a request of another process's session on; returns whether it did."""
        return False

    @asynccontextmanager
    async def joined(self, server: Server, metrics: Metrics) -> AsyncIterator[None]:  # noqa: ARG002
        """Work together with the other processes for as long as `server` serves."""
        yield

    def stops_with_others(self, stopping: asyncio.Event) -> None:
        """Set `stopping` when this process must not go on."""


SINGLE_PROCESS = ProcessContext()
