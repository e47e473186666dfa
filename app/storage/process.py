"""A process of this machine, our child or not, told apart from a later one of the same id."""

import asyncio
import contextlib
import os
import signal
import subprocess
from pathlib import Path

POLL_S = 0.1

PROC = Path("/proc")


def identity_of(pid: int) -> str | None:
    """What only this process of that id has: its start time and boot. None when none is alive.

    Raises OSError where that can't be found out, such as when no more files can be opened.
    """
    if (PROC / "self" / "stat").exists():
        return _identity_from_proc(pid)
    return _identity_from_ps(pid)


def _identity_from_proc(pid: int) -> str | None:
    try:
        stat = (PROC / str(pid) / "stat").read_text(encoding="latin-1")
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold spaces and parentheses itself: count from its end.
    fields = stat.rpartition(")")[2].split()
    state, threads, started = fields[0], int(fields[17]), fields[19]
    # The first thread may be gone while others still hold the port and the files.
    is_gone = state in "ZX" and threads <= 1
    return None if is_gone else f"{boot} {started}"


def _identity_from_ps(pid: int) -> str | None:
    command = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    return found.stdout.strip() or None


def is_dead(pid: int) -> bool:
    """Whether no process of that id lives; one that can't be looked at now does."""
    try:
        return identity_of(pid) is None
    except (OSError, subprocess.SubprocessError):
        return not _exists(pid)


def _exists(pid: int) -> bool:
    """Whether there is a process of that id, whichever; this opens no file."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def arguments_of(pid: int) -> list[str]:
    """The command line of a process, empty where it is gone or nobody may know it.

    Raises OSError where it can't be found out now.
    """
    try:
        raw = (PROC / str(pid) / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []
    return [os.fsdecode(part) for part in raw.split(b"\0") if part]


def running_with(argument: str) -> dict[int, list[str]]:
    """The command lines, by process, that have it, as far as this system tells."""
    pids = [int(entry.name) for entry in PROC.glob("[0-9]*")]
    lines = {pid: arguments_of(pid) for pid in pids}
    return {pid: line for pid, line in lines.items() if argument in line}


class Process:
    """One running process. `child` is given where this process started it and has to reap it."""

    def __init__(
        self, pid: int, identity: str | None, child: "subprocess.Popen[bytes] | None" = None
    ) -> None:
        self.pid = pid
        self.identity = identity
        self._child = child

    @property
    def is_running(self) -> bool:
        """Whether it is alive, as far as can be known: one that can't be looked at now is."""
        if self._child is not None and self._child.poll() is not None:
            return False
        if self.identity is None:
            return False
        try:
            return identity_of(self.pid) == self.identity
        except (OSError, subprocess.SubprocessError):
            return _exists(self.pid)

    async def exited(self) -> None:
        """Return once the process is gone."""
        # Polled, because a mongod taken over from a killed server is nobody's child here.
        while self.is_running:  # noqa: ASYNC110
            await asyncio.sleep(POLL_S)

    async def stop(self, grace_s: float) -> None:
        """Ask it to end, and end it when it has not done so within `grace_s` seconds."""
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(grace_s):
                await self.exited()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self.exited()

    def _signal(self, number: signal.Signals) -> None:
        if self.is_running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
