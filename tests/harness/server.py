"""A real Parley in its own process, to be killed, stopped, frozen and started again.

Blocking where that takes milliseconds; what waits is async. Bound to no event loop, so that one
server can serve a whole session of tests.
"""

import asyncio
import json
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.storage import mongod
from app.storage.embedded import running_url
from app.storage.os_process import arguments_of, children_of
from tests.harness.commands import run
from tests.harness.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
READY_LINE = re.compile(r"Parley is ready: (\S+)")
READY_WITHIN_S = 60.0
STOP_WITHIN_S = 12.0
WORKER = "app.cli.worker"

# The storms of these tests are not what the limits are for; tests of limits set their own.
UNLIMITED = {
    "PARLEY_MESSAGES_PER_MINUTE": "0",
    "PARLEY_CONNECTIONS_PER_MINUTE": "0",
    "PARLEY_CALLS_PER_MINUTE": "0",
    "PARLEY_ANONYMOUS_CALLS_PER_MINUTE": "0",
}

# The servers find its `sitecustomize.py`.
CHEAP_HASHING = {"PYTHONPATH": str(Path(__file__).parent / "cheap_hashing")}

# Lines of the log about unforeseen failures: of the interpreter, an event, a page, a task.
FAILURES = (
    "Traceback (most recent call last)",
    "unexpected failure",
    "unexpected_error",
    "task crashed",
)

# One secret for all, as several servers on one database need it.
SHARED = {"PARLEY_SECRET": "only for tests, and known to everybody"}


def free_port() -> int:
    """A port that nobody listens on now. None of those that the system gives out by itself: it
    stays free while the server that had it is down."""
    return mongod.free_port(None)


class Server:
    """`python -m app serve` on one data folder; `settings` become `PARLEY_…` variables. It may have
    `open_files` at most."""

    def __init__(
        self,
        folder: Path,
        *,
        log_name: str = "server",
        open_files: int | None = None,
        **settings: str,
    ) -> None:
        self.data = folder / "data"
        self.log_path = folder / f"{log_name}.log"
        self.port = free_port()
        self._open_files = open_files
        self._environ = os.environ | CHEAP_HASHING | UNLIMITED | SHARED | settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything that all its processes have said so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    @property
    def setup_url(self) -> str:
        """The address that the latest start printed."""
        addresses: list[str] = READY_LINE.findall(self.log)
        return addresses[-1]

    def launch(self) -> None:
        """Start it, without waiting till it is ready."""
        assert self._process is None, "it runs already"
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self._command("serve", "--port", str(self.port)),
                cwd=ROOT,
                env=self._environ,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if self._open_files is not None:
            # Long before it asks: it has to import everything first.
            limits = (self._open_files, self._open_files)
            resource.prlimit(self._process.pid, resource.RLIMIT_NOFILE, limits)

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "app", *arguments, "--data-dir", str(self.data)]

    async def starts(self) -> None:
        """Start it on its port and wait till it accepts connections and can commit."""
        said = len(self.log) if self.log_path.exists() else 0
        self.launch()
        await eventually(lambda: self._is_announced(said), "the server is ready", READY_WITHIN_S)
        await eventually(self._answers_ready, "/readyz answers 200", READY_WITHIN_S)

    def _is_announced(self, said: int) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"the server ended:\n{self.log[-4000:]}"
        return bool(READY_LINE.search(self.log, said))

    async def _answers_ready(self) -> bool:
        return await self.status("/readyz") == 200

    async def status(self, path: str) -> int | None:
        """The HTTP status of a GET, None where nobody answers."""
        try:
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
                answer = await reader.readline()
                writer.close()
                return int(answer.split()[1])
        except (OSError, TimeoutError, IndexError):
            return None

    def is_killed(self) -> None:
        """SIGKILL: nothing is flushed, nothing is said goodbye to. Its workers get it first, or
        they would notice and stop in order."""
        for pid in self.workers:
            os.kill(pid, signal.SIGKILL)
        self.loses_its_first_process()

    def loses_its_first_process(self) -> None:
        """SIGKILL for the process that was started; workers notice."""
        self.signal(signal.SIGKILL)
        self._reap()

    @property
    def workers(self) -> set[int]:
        """The process ids of its workers, where it has several."""
        children = children_of(self.process.pid)
        return {pid for pid in children if WORKER in arguments_of(pid)}

    async def stops(self) -> None:
        """SIGTERM, as an operator would; fails unless it ends by itself and in order."""
        process = self.process
        self.signal(signal.SIGTERM)
        await eventually(lambda: process.poll() is not None, "the server stopped", STOP_WITHIN_S)
        self._reap()
        assert process.returncode == 0, f"it ended with {process.returncode}:\n{self.log[-4000:]}"

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None, "it does not run"
        return self._process

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def _reap(self) -> None:
        self.process.wait(timeout=STOP_WITHIN_S)
        self._process = None

    @property
    def mongod_pid(self) -> int:
        """The embedded database's process, as the server wrote it down."""
        state = json.loads((self.data / "mongodb.json").read_text(encoding="utf-8"))
        pid: int = state["pid"]
        return pid

    @property
    def database_url(self) -> str:
        """The address of the embedded database, password included."""
        url = running_url(self.data)
        assert url is not None, "there is no database yet"
        return url

    def commands(self, *commands: tuple[str, ...], stdin: str = "") -> list[dict[str, Any]]:
        """Run commands of the command line on the same data folder; their JSON answers.

        Each reads `stdin` from its beginning.
        """
        here = ("--data-dir", str(self.data), "--json")
        answers: list[dict[str, Any]] = []
        for each in commands:
            done = run([*each, *here], self._environ, stdin)
            assert done.status == 0, f"{each} ended with {done.status}: {done.err}"
            answers.append(done.content)
        return answers

    def command(self, *arguments: str, stdin: str = "") -> dict[str, Any]:
        """Run one command; its JSON answer."""
        [answer] = self.commands(arguments, stdin=stdin)
        return answer

    async def runs(self, *arguments: str, stdin: str = "") -> dict[str, Any]:
        """`command` without blocking the loop."""
        return await asyncio.to_thread(self.command, *arguments, stdin=stdin)

    async def runs_all(self, *commands: tuple[str, ...], stdin: str = "") -> list[dict[str, Any]]:
        """`commands` without blocking the loop."""
        return await asyncio.to_thread(self.commands, *commands, stdin=stdin)

    def assert_clean_log(self) -> None:
        """No traceback and no failure that nobody foresaw."""
        for sign in FAILURES:
            at = self.log.find(sign)
            assert at < 0, f"the server's log has:\n{self.log[max(0, at - 500) : at + 3000]}"

    def ends(self) -> None:
        """Clear away what runs, whatever state it is in: the server and its mongod."""
        if self._process is not None:
            self._process.kill()
            self._reap()
        if (self.data / "mongodb.json").exists():
            _end_mongod(self.mongod_pid, self.data)


def _end_mongod(pid: int, data: Path) -> None:
    # Only the mongod of this folder: the id may belong to a stranger by now.
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return
    if os.fsencode(data.resolve()) in arguments:
        os.kill(pid, signal.SIGKILL)
