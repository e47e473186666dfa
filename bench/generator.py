"""The load generator in C: built when it is needed, and run on a plan of connections.

It connects, sends, receives and checks every byte for order and content; see `load/load.c`. Its own
processor time is told with every result: far from 100 % it is not what is measured.
"""

import asyncio
import json
import shutil
import subprocess
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bench.machine import LOAD_CORE, pin, processor_s

HERE = Path(__file__).parent
COMPILERS = ("cc", "gcc", "clang")
READY_WITHIN_S = 600.0
GOES_WITHIN_S = 5.0


class NoCompilerError(Exception):
    """There is nothing that could build a C program here."""


class LoadFailedError(Exception):
    """The generator gave up, or what arrived is not what was sent."""


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="parley-bench-")  # Gone when this process ends.


@cache
def built(source: str) -> Path:
    """The program of a C file below this folder, built in a folder of its own."""
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        raise NoCompilerError("There is no C compiler (cc, gcc or clang) on the PATH.")
    program = Path(_folder().name) / Path(source).stem
    flags = ("-O2", "-Wall", "-Wextra", "-o", str(program))
    subprocess.run([compiler, *flags, str(HERE / source)], check=True)
    return program


@dataclass(frozen=True)
class Peer:
    """One connection of the plan; `kind` is how the server is spoken to."""

    kind: str
    room: str = "-"
    token: str = "-"
    sends: bool = False
    cursor: int | None = None

    def line(self) -> str:
        cursor = "-" if self.cursor is None else str(self.cursor)
        return f"{self.kind} {int(self.sends)} {self.room} {self.token} {cursor}\n"


@dataclass(frozen=True)
class Outcome:
    """The result of one run. Times are in seconds and milliseconds, as named."""

    took_s: float
    load_cpu_s: float
    cpu_s: dict[str, float]
    found: dict[str, Any]

    @property
    def per_s(self) -> float:
        """Deliveries a second."""
        return float(self.found["deliveries"]) / self.took_s

    @property
    def messages_per_s(self) -> float:
        return float(self.found["messages"]) / self.took_s

    def share(self, name: str) -> float:
        """How much of a core a process used, 1 for all of it."""
        return self.cpu_s[name] / self.took_s

    @property
    def load_share(self) -> float:
        return self.load_cpu_s / self.took_s


class Generator:
    """One load, step by step: it `connects`, then `runs`, as often as one likes. Of several ports
    the connections take turns."""

    def __init__(self, port: int | Sequence[int], peers: Iterable[Peer], **options: int) -> None:
        ports = [port] if isinstance(port, int) else port
        self._ports = ",".join(map(str, ports))
        self._plan = "".join(peer.line() for peer in peers) + "\n"
        self._options = [f"{name}={value}" for name, value in options.items()]
        self._process: Process | None = None
        self.ready: dict[str, Any] = {}

    async def __aenter__(self) -> "Generator":
        program = built("load/load.c")
        self._process = await asyncio.create_subprocess_exec(
            str(program), self._ports, *self._options, stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
        pin(self._process.pid, LOAD_CORE)
        return self

    async def __aexit__(self, *_: object) -> None:
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(GOES_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def connects(self) -> dict[str, Any]:
        """Open everything; how long that took."""
        await self._says(self._plan)
        self.ready = await self._hears("ready")
        return self.ready

    async def runs(self, **pids: int) -> Outcome:
        """Let them send; what was measured, with the processor time of `pids` meanwhile."""
        await self._says("go\n")
        await self._hears("began")
        before = {name: processor_s(pid) for name, pid in pids.items()}
        measured = await self._hears("measured")
        used = {name: processor_s(pid) - before[name] for name, pid in pids.items()}
        found = await self._hears("checked")
        flaws = {name: found[name] for name in ("wrong", "misordered", "missing", "lost")}
        if any(flaws.values()):
            raise LoadFailedError(f"not everything arrived as it was sent: {flaws}")
        return Outcome(measured["took_s"], measured["cpu_s"], used, found)

    async def _says(self, text: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode())
        await self._process.stdin.drain()

    async def _hears(self, what: str) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        async with asyncio.timeout(READY_WITHIN_S):
            line = await self._process.stdout.readline()
        if not line:
            raise LoadFailedError((await self._process.stderr.read()).decode().strip())
        said: dict[str, Any] = json.loads(line)
        assert what in said, said
        return said
