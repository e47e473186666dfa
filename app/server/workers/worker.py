"""One worker: serves until it is told to stop, or its supervisor dies."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog
from aiohttp import web

from app.server.process import serve
from app.server.process_context import ProcessContext
from app.server.workers.order import READY, WorkerOrder
from app.server.workers.siblings import Siblings, sid_prefix
from app.telemetry.metrics import Metrics
from app.web.http_server import Server

STDIN = 0


async def work(order: WorkerOrder, announce: Callable[[str], None]) -> None:
    """Serve as `order` says. `announce` gets one line, READY and the address to open."""
    structlog.contextvars.bind_contextvars(worker=order.number)
    await serve(order.settings, lambda line: announce(f"{READY}{line}"), WorkerContext(order))


class WorkerContext(ProcessContext):
    """The context of one worker."""

    def __init__(self, order: WorkerOrder) -> None:
        self.listeners = [socket.socket(fileno=descriptor) for descriptor in order.listeners]
        self.sid_prefix = sid_prefix(order.number)
        self.server = order.folder.name
        self._siblings = Siblings(order.folder, order.number, order.count)
        self._folder = order.folder
        self._is_abandoned = False

    async def pass_on(self, request: web.Request) -> bool:
        return await self._siblings.pass_on(request)

    @asynccontextmanager
    async def joined(self, server: Server, metrics: Metrics) -> AsyncIterator[None]:
        metrics.worker, metrics.others = self._siblings.number, self._siblings.figures
        async with self._siblings.listening(server, metrics.text):
            yield
        if self._is_abandoned:
            # The last of us removes what the supervisor could not.
            with suppress(OSError):
                self._folder.rmdir()

    def stops_with_others(self, stopping: asyncio.Event) -> None:
        """The supervisor holds the other end of our standard input: its end is ours."""
        loop = asyncio.get_running_loop()

        def stop() -> None:
            loop.remove_reader(STDIN)
            self._is_abandoned = True
            stopping.set()

        loop.add_reader(STDIN, stop)
