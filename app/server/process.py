"""A serving process: the web on top of the services, from the ready line to a clean stop."""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import structlog
from aiohttp import web
from msgspec.structs import replace

from app.accounts.feature import Accounts
from app.realtime.http_connections import ConnectionLimits, HttpConnections
from app.realtime.open_file_limit import allowed_sockets, wanted_sockets
from app.security.client_address import is_trusted
from app.server.application import Application
from app.server.features import open_features
from app.server.process_context import SINGLE_PROCESS, ProcessContext
from app.settings import Settings
from app.storage.embedded import EmbeddedMongod
from app.storage.mongo import Database
from app.telemetry.loop_watch import LoopWatch
from app.telemetry.metrics import Metrics
from app.telemetry.tasks import Tasks
from app.web.http_server import Runner, Server

SHUTDOWN_S = 2.0
# After a restart all clients come back at once. The kernel resets those that find no place here;
# with 1,024 that happened from 6,000 people on. Linux allows no more than `net.core.somaxconn`.
BACKLOG = 4_096
ACCEPTS_A_TURN = 16
# The garbage collector looks through all after two million new objects instead of seventy thousand:
# with 10,000 connections that holds everybody up for a second or two.
SELDOM = (2_000, 20, 50)

log = structlog.get_logger("serving")


async def serve(
    settings: Settings,
    announce: Callable[[str], None] = print,
    context: ProcessContext = SINGLE_PROCESS,
) -> None:
    """Serve until SIGTERM or SIGINT. `announce` gets one line when connections are accepted."""
    budget = allowed_sockets(settings.websocket_max_connections)
    settings = replace(settings, websocket_max_connections=budget.pool)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Until it can drain: without a handler the signal would end a process that is still starting.
    loop.add_signal_handler(signal.SIGUSR1, log.info, "too early to drain")
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stopping.set)
    context.stops_with_others(stopping)
    async with (
        open_database(settings) as database,
        open_features(settings, database, server=context.server) as features,
    ):
        metrics = features.core.metrics
        application = Application(features, context)
        await application.start()
        async with listening(
            application.web, settings, budget.sockets, context, metrics
        ) as address:
            loop.add_signal_handler(signal.SIGUSR1, features.core.draining.begin)
            with settled():
                async with LoopWatch(metrics):
                    path = await features[Accounts].first_page()
                    announce(f"Parley is ready: {address}{path}")
                    await stopping.wait()
            log.info("stopping")
            await application.stop()


@contextmanager
def settled() -> Iterator[None]:
    """Exempt the objects that exist now from garbage collection until the end of the block.

    Looking through all of it again and again held everybody up for a tenth of a second, so it also
    looks seldom.
    """
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The MongoDB of the settings, or the embedded one, which stops with this process."""
    async with AsyncExitStack() as stack:
        url = settings.mongodb_url
        if url is None:
            embedded = EmbeddedMongod(settings.data_dir)
            url = await embedded.start()
            stack.push_async_callback(embedded.stop)
        database = await Database.open(url)
        stack.push_async_callback(database.close)
        yield database


@asynccontextmanager
async def listening(
    application: web.Application,
    settings: Settings,
    sockets: int | None = None,
    context: ProcessContext = SINGLE_PROCESS,
    metrics: Metrics | None = None,
) -> AsyncIterator[str]:
    """Accept connections, `sockets` at most; yields the address that a browser here can open.

    Other processes of this `context` may read `metrics`.
    """
    runner = Runner(application, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    tasks = Tasks()
    try:
        async with AsyncExitStack() as stack:
            if isinstance(runner.server, Server):
                connections = http_connections(runner.server, settings, sockets)
                tasks.spawn(connections.watch(), "HTTP connections")
                await stack.enter_async_context(context.joined(runner.server, metrics or Metrics()))
            for listener in context.listeners:
                await web.SockSite(runner, listener, backlog=BACKLOG).start()
            if not context.listeners:
                site = web.TCPSite(runner, settings.host, settings.port, backlog=BACKLOG)
                await site.start()
            await accept_several(runner)
            yield address_of(*runner.addresses[0][:2])
    finally:
        await tasks.close()
        await runner.cleanup()


def address_of(host: str, port: int) -> str:
    """The address that a browser on this machine can open."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://{shown}:{port}"


async def accept_several(runner: Runner) -> None:
    """Accept up to ACCEPTS_A_TURN connections in each turn of the loop.

    libuv accepts one a turn: behind a crowd that comes back together, an answer of `/healthz` would
    wait for as many turns as there are people. Each copy of a listening socket accepts one more.
    """
    for end in runner.listening_sockets():
        for _ in range(ACCEPTS_A_TURN - 1):
            copy = socket.socket(fileno=os.dup(end.fileno()))
            await web.SockSite(runner, copy, backlog=BACKLOG).start()


def http_connections(server: Server, settings: Settings, sockets: int | None) -> HttpConnections:
    """Keeps watch over the connections of `server`."""
    limits = ConnectionLimits(
        at_most=sockets or wanted_sockets(settings.websocket_max_connections).sockets,
        idle_per_address=settings.idle_connections_per_address,
        idle_s=settings.keep_alive_s,
        stalled_s=settings.connection_timeout,
    )
    proxies = settings.trusted_proxies
    server.watch = connections = HttpConnections(
        server, limits, lambda peer: is_trusted(peer, proxies)
    )
    return connections
