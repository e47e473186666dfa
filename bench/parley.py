"""Parley for a benchmark: its own data folder and database, started as a user would, on one core.

The limits that are there for people are set off by their documented settings; nothing else is.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.machine import LOAD_CORE, SERVER_CORE, allow_many_files, pin
from tests.harness.server import Server

# Messages and connections a minute are off in the harness already.
SETTINGS = {
    "PARLEY_WEBSOCKET_MAX_CONNECTIONS": "50000",
    "PARLEY_ANALYTICS_CALLS_PER_MINUTE": "0",
}


@asynccontextmanager
async def parley() -> AsyncIterator[Server]:
    """A server that is ready, alone on its core; its mongod shares the other one with the load."""
    allow_many_files()
    async with started(**SETTINGS) as server:
        pinned(server)
        yield server


@asynccontextmanager
async def started(**settings: str) -> AsyncIterator[Server]:
    """A server that is ready, on a data folder of its own and on any core."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), **settings)
        try:
            await server.starts()
            yield server
        finally:
            server.ends()


def pinned(server: Server) -> None:
    """Keep a server that has just started on its core."""
    pin(server.process.pid, SERVER_CORE)
    pin(server.mongod_pid, LOAD_CORE)
