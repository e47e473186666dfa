"""Processes of this machine, child or not, told apart from later ones with the same id."""

import asyncio
import contextlib
import os
import signal
import subprocess
from pathlib import Path

POLL_S = 0.1

PROC = Path("/proc")


def identity_of(pid: int) -> str | None:
    """A text with boot and start time, unique to the process with this id; None if it is dead.

    Raises OSError where that can't be read, such as when no more files can be opened.
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
    # proc(5): the name in parentheses may contain spaces and parentheses; count from its end.
    fields = stat.rpartition(")")[2].split()
    state, threads, started = fields[0], int(fields[17]), fields[19]
    # A zombie main thread may have threads that still hold the port and the files.
    is_gone = state in "ZX" and threads <= 1
    return None if is_gone else f"{boot} {started}"


def _identity_from_ps(pid: int) -> str | None:
    command = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    return found.stdout.strip() or None


def is_dead(pid: int) -> bool:
    """Whether no process has this id; False where that can't be read."""
    try:
        return identity_of(pid) is None
    except (OSError, subprocess.SubprocessError):
        return not _exists(pid)


def _exists(pid: int) -> bool:
    """Whether any process has this id, without opening a file."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def arguments_of(pid: int) -> list[str]:
    """The command line of a process; empty where it is gone or may not be read.

    Raises OSError where it can't be read now.
    """
    try:
        raw = (PROC / str(pid) / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []
    return [os.fsdecode(part) for part in raw.split(b"\0") if part]


def running_with(argument: str) -> dict[int, list[str]]:
    """The command lines with this argument, by process id; empty without /proc."""
    pids = [int(entry.name) for entry in PROC.glob("[0-9]*")]
    lines = {pid: arguments_of(pid) for pid in pids}
    return {pid: line for pid, line in lines.items() if argument in line}


def children_of(pid: int) -> set[int]:
    """The ids of the processes that a process has started; empty without /proc."""
    return {int(entry.name) for entry in PROC.glob("[0-9]*") if _parent_of(entry) == pid}


def _parent_of(entry: Path) -> int | None:
    try:
        stat = (entry / "stat").read_text(encoding="latin-1")
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[1])


class Process:
    """One running process; `child` is given where this process started it and has to reap it."""

    def __init__(
        self, pid: int, identity: str | None, child: "subprocess.Popen[bytes] | None" = None
    ) -> None:
        self.pid = pid
        self.identity = identity
        self._child = child

    @property
    def is_running(self) -> bool:
        """Whether it is alive; True where its identity can't be read now."""
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
        # Polled: a mongod that was taken over is not our child.
        while self.is_running:  # noqa: ASYNC110
            await asyncio.sleep(POLL_S)

    async def stop(self, grace_s: float) -> None:
        """Send SIGTERM, and SIGKILL after `grace_s` seconds; returns once it is gone."""
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
