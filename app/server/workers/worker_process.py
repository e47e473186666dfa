"""One worker as the supervisor sees it: a process that is started again when it ends."""

import asyncio
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress

import structlog

from app.server.workers.order import READY, WorkerOrder, line_of

# A worker itself stops within ten seconds.
STOPS_WITHIN_S = 12.0
AGAIN_AT_ONCE_S, AGAIN_AT_MOST_S = 0.1, 5.0
# One that lived so long is started again at once.
LIVED_S = 10.0

log = structlog.get_logger("workers")


class WorkerError(OSError):
    """A worker ended before it accepted its first connection."""


class WorkerProcess:
    """Runs `command` with `order`. `ready` is the line that its first start announced."""

    def __init__(self, command: Sequence[str], order: WorkerOrder) -> None:
        self.number = order.number
        self.ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._command = command
        self._order = order
        self._process: Process | None = None
        self._is_stopping = False

    async def keep_running(self) -> None:
        """Start it, and again whenever it ends, until it is stopped or its first start fails."""
        loop = asyncio.get_running_loop()
        pause_s = AGAIN_AT_ONCE_S
        while not self._is_stopping:
            began = loop.time()
            try:
                status = await self._run()
            except (OSError, ValueError):  # No process could be made, or its line has no end.
                log.exception("worker_could_not_run", number=self.number)
                self.signal(signal.SIGKILL)
                status = -1
            if self._is_stopping:
                return
            if not self.ready.done():
                text = f"Worker {self.number} did not start; what it said stands above."
                self.ready.set_exception(WorkerError(text))
                return
            log.error("worker_ended_and_starts_again", number=self.number, status=status)
            pause_s = AGAIN_AT_ONCE_S if loop.time() - began > LIVED_S else pause_s
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, AGAIN_AT_MOST_S)

    async def _run(self) -> int:
        """One life of the process; its exit status."""
        self._process = process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=PIPE,
            stdout=PIPE,
            pass_fds=self._order.listeners,
            # A session of its own: Ctrl-C goes to the supervisor only, which then stops it.
            start_new_session=True,
        )
        if self._is_stopping:
            self.signal(signal.SIGTERM)
        if process.stdin is not None:
            # It stays open: its end tells the worker that the supervisor has gone.
            with suppress(ConnectionError):
                process.stdin.write(line_of(self._order))
                await process.stdin.drain()
        while process.stdout is not None and (line := await process.stdout.readline()):
            text = line.decode(errors="replace").strip()
            if text.startswith(READY) and not self.ready.done():
                self.ready.set_result(text.removeprefix(READY))
        return await process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, where it runs."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def stop(self) -> None:
        """Let it stop in order; after STOPS_WITHIN_S it is killed."""
        self._is_stopping = True
        self.signal(signal.SIGTERM)
        if self._process is None:
            return
        try:
            async with asyncio.timeout(STOPS_WITHIN_S):
                await self._process.wait()
        except TimeoutError:
            self.signal(signal.SIGKILL)
            await self._process.wait()
