"""Log lines on their way out: those of one turn of the event loop are written together.

A write costs more than all that makes a line. Warnings and what is worse don't wait for others.
"""

import asyncio
import atexit
from threading import Lock
from typing import TextIO


class Lines:
    """What structlog writes to, for one file."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lock = Lock()
        self._waiting: list[str] = []
        # Where it is arranged already that they are written.
        self._loop: asyncio.AbstractEventLoop | None = None
        atexit.register(self.write)

    def msg(self, line: str) -> None:
        """Write `line` when those are done who have their turn now; at once where no loop runs."""
        loop = _running_loop()
        with self._lock:
            self._waiting.append(line)
            if loop is not None and loop is self._loop:
                return
            self._loop = loop
        if loop is None:
            self.write()
        else:
            loop.call_soon(self.write)

    debug = info = msg

    def urgent(self, line: str) -> None:
        """Write `line` at once, after those that wait."""
        with self._lock:
            self._waiting.append(line)
        self.write()

    warn = warning = error = err = critical = fatal = failure = exception = urgent

    def write(self) -> None:
        """Write what waits."""
        with self._lock:
            waiting, self._waiting, self._loop = self._waiting, [], None
            if waiting:
                self._file.write("\n".join((*waiting, "")))
                self._file.flush()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
