"""Starts the workers of `serve --workers N`, starts one again that ends, and stops them in order.

Each worker is a whole Parley, a node of its own, on the same database and the same port. The
supervisor holds the database that it started and the port's sockets, and serves nobody: while a
worker starts again, connections that the kernel gave to it wait in its socket.
"""

import asyncio
import gc
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from math import ceil
from pathlib import Path
from socket import gethostname

from msgspec.structs import replace

from app.server.workers import listeners
from app.server.workers.order import WorkerOrder
from app.server.workers.worker_process import WorkerProcess
from app.settings import Settings
from app.storage.embedded import EmbeddedMongod
from app.telemetry.tasks import Tasks

# With the number of a worker it stays within what a name may have.
NAME_CHARACTERS = 90


async def supervise(
    settings: Settings, command: Sequence[str], announce: Callable[[str], None] = print
) -> None:
    """Serve with `settings.workers` processes until SIGTERM or SIGINT.

    Each is `command`, which reads its order from its standard input. `announce` gets one line when
    all of them accept connections. Raises WorkerError where one does not start, OSError where the
    port is taken, StorageError where the database does not start.
    """
    stopping = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stopping.set)
    workers: list[WorkerProcess] = []
    _pass_on_signals(workers)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-workers-")))
        url = await stack.enter_async_context(_database_url(settings))
        sockets = await listeners.bound(settings.host, settings.port, settings.workers)
        port = sockets[0][0].getsockname()[1]
        settings = replace(settings, mongodb_url=url, port=port)
        workers += [
            WorkerProcess(command, _order(settings, number, group, folder))
            for number, group in enumerate(sockets, start=1)
        ]
        tasks = Tasks()
        stack.push_async_callback(tasks.close)
        stack.push_async_callback(_stop, workers)
        # Before they stop: nobody accepts what would still come to these.
        stack.callback(listeners.close, sockets)
        for each in workers:
            tasks.spawn(each.keep_running(), f"worker {each.number}")
        ready = asyncio.gather(*(each.ready for each in workers))
        stopped = asyncio.ensure_future(stopping.wait())
        await asyncio.wait((ready, stopped), return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            announce(ready.result()[0])
            await stopped


def _order(settings: Settings, number: int, group: listeners.Group, folder: Path) -> WorkerOrder:
    name = settings.node_name or f"{gethostname()}:{settings.port}"
    return WorkerOrder(
        number=number,
        count=settings.workers,
        listeners=tuple(each.fileno() for each in group),
        folder=folder,
        settings=replace(share_of(settings), node_name=f"{name[:NAME_CHARACTERS]}#{number}"),
    )


def share_of(settings: Settings) -> Settings:
    """The settings of one worker: the kernel gives each its part of the connections, so that all
    workers together accept as many, and drain as many a second, as the settings say."""
    anonymous = settings.anonymous_connections
    return replace(
        settings,
        websocket_max_connections=ceil(settings.websocket_max_connections / settings.workers),
        anonymous_connections=anonymous and ceil(anonymous / settings.workers),
        drain_per_second=ceil(settings.drain_per_second / settings.workers),
    )


def _pass_on_signals(workers: Sequence[WorkerProcess]) -> None:
    """SIGUSR1 is for each node, and each worker is one."""

    def pass_on() -> None:
        for each in workers:
            each.signal(signal.SIGUSR1)

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, pass_on)


async def _stop(workers: Sequence[WorkerProcess]) -> None:
    await asyncio.gather(*(each.stop() for each in workers))


@asynccontextmanager
async def _database_url(settings: Settings) -> AsyncIterator[str]:
    """The database that all workers share: that of the settings, or the embedded one."""
    if settings.mongodb_url is not None:
        yield settings.mongodb_url
        return
    embedded = EmbeddedMongod(settings.data_dir)
    url = await embedded.start()
    # The clients that set it up are closed. Were they collected while a worker is forked, the
    # driver's hook for that would fail, with a traceback in the log.
    gc.collect()
    try:
        yield url
    finally:
        await embedded.stop()
