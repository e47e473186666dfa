"""The servers that Parley is compared with, each in its own process on the server's core."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.generator import built
from bench.machine import SERVER_CORE, allow_many_files, pin
from tests.harness.server import ROOT, free_port
from tests.harness.waiting import eventually

HERE = Path(__file__).parent
NODE_MODULES = HERE / "node_modules"
# The forms of the rival that does Parley's work (`servers/rival.mjs`), with their titles.
FORMS = {
    "plain": "Node + MongoDB, plain",
    "gathered": "Node + MongoDB, gathered inserts",
    "batched": "Node + MongoDB, one event a batch",
}


@dataclass(frozen=True)
class Rival:
    """A server that runs; `kind` is how the load generator speaks to it."""

    name: str
    port: int
    pid: int
    kind: str = "echo"


def _module(name: str, port: int, *more: str) -> list[str]:
    return [sys.executable, "-m", f"bench.servers.{name}", str(port), *more]


def stock(port: int, form: str) -> list[str]:
    """python-socketio on aiohttp."""
    return _module("stock", port, form)


def node(port: int, form: str) -> list[str]:
    """Socket.IO on Node."""
    return ["node", str(HERE / "servers" / "node.mjs"), str(port), form]


def floor(port: int, _form: str) -> list[str]:
    """One send() for each delivery, in C. Raises NoCompilerError."""
    return [str(built("servers/floor.c")), str(port)]


COMMANDS = {"stock": stock, "node": node, "floor": floor}


@asynccontextmanager
async def rival(name: str, form: str = "short") -> AsyncIterator[Rival]:
    """One of COMMANDS, ready; it sends messages of this form."""
    port = free_port()
    async with process(COMMANDS[name](port, form), port) as pid:
        yield Rival(name, port, pid)


@asynccontextmanager
async def durable(url: str, form: str) -> AsyncIterator[Rival]:
    """Node that does what Parley does, in one of FORMS, on the mongod of a Parley whose people and
    rooms it takes."""
    port = free_port()
    command = ["node", str(HERE / "servers" / "rival.mjs"), str(port), url, form]
    async with process(command, port) as pid:
        yield Rival(form, port, pid, "rival")


@asynccontextmanager
async def bare(*more: str, name: str = "bare") -> AsyncIterator[Rival]:
    """aiohttp with handlers that do one thing each: `servers/bare.py`, or `servers/plain.py`."""
    port = free_port()
    async with process(_module(name, port, *more), port) as pid:
        yield Rival(name, port, pid, "bare")


@asynccontextmanager
async def process(command: list[str], port: int) -> AsyncIterator[int]:
    """A process that listens on this port, alone on the server's core; its id."""
    allow_many_files()
    started = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    try:
        await eventually(lambda: _listens(port), f"{command} listens", within_s=30)
        pin(started.pid, SERVER_CORE)
        yield started.pid
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
