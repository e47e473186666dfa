"""A real Redis of its own port, to be killed, frozen and started again."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from app.storage.mongod import free_port
from tests.harness.waiting import eventually


def redis_program() -> str:
    """The path of `redis-server`."""
    found = shutil.which("redis-server", path=f"{os.environ['PATH']}:/usr/sbin")
    assert found is not None, "there is no redis-server; `scripts/program redis-server --install`"
    return found


class RedisServer:
    """Keeps nothing on disk; `options` are those of its configuration file."""

    def __init__(self, folder: Path, **options: str) -> None:
        self.port = free_port(None)
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    async def starts(self) -> None:
        """Start it and wait till it answers."""
        options = {"save": "", "appendonly": "no", "bind": "127.0.0.1", **self._options}
        arguments = [part for n, v in options.items() for part in (f"--{n}", v)]
        self._process = subprocess.Popen(
            [redis_program(), "--port", str(self.port), *arguments],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        await eventually(self._answers, "Redis answers", 30)

    def _answers(self) -> bool:
        assert self.is_running, "Redis ended at once: is one of its ports taken?"
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as line:
                line.sendall(b"PING\r\n")
                return bool(line.recv(64))
        except OSError:
            return False

    def is_killed(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def freezes(self) -> None:
        """Answer nothing, with all connections open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaws(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def ends(self) -> None:
        """Clear it away, whatever state it is in."""
        if self.is_running:
            self.is_killed()
