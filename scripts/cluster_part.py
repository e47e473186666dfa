"""One program of the cluster that `scripts/cluster.py` starts."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STOPS_WITHIN_S = 15.0
LOOK_EVERY_S = 0.1


class PartEnded(Exception):
    """A part ended while it was starting; the message has the end of its log."""


class Part:
    """A program that is started, looked after, and stopped. Its log is a file in `folder`."""

    def __init__(self, name: str, command: list[str], folder: Path, **environ: str) -> None:
        self.name = name
        self._command = command
        self._environ = environ
        self._log = folder / f"{name.lower().replace(' ', '-')}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """Its output so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self) -> int:
        """Its process id. Raises PartEnded before its start."""
        if self._process is None:
            raise PartEnded(f"{self.name} was not started.")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, also again."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env={**os.environ, **self._environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A session of its own: Ctrl-C is for the cluster, which stops its parts in order.
                start_new_session=True,
            )

    async def says(self, text: str, within_s: float) -> str:
        """Wait for a line with `text`; returns what follows on it.

        Raises TimeoutError, and PartEnded where it ends first.
        """
        async with asyncio.timeout(within_s):
            while True:
                for line in self.log.splitlines():
                    if text in line:
                        return line.partition(text)[2]
                if not self.is_running:
                    raise PartEnded(f"{self.name} ended while it was starting:\n{self.log[-2000:]}")
                await asyncio.sleep(LOOK_EVERY_S)

    async def stop(self) -> None:
        """Send SIGTERM, and SIGKILL after STOPS_WITHIN_S seconds; returns once it has ended."""
        if self._process is None:
            return
        if self.is_running:
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOPS_WITHIN_S):
                while self.is_running:  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            self._process.kill()
        self._process.wait()
