"""Locks the data folder for one live process, with flock(2).

The operating system releases the lock with its holder, also after SIGKILL: it is never stale.
"""

import fcntl
import json
import os
from pathlib import Path
from typing import Literal

from app.storage.errors import StorageError

Role = Literal["server", "command"]


class FolderInUse(StorageError):
    """Another live process, a server or a command, holds the data folder."""

    def __init__(self, folder: Path, role: Role, pid: int | None) -> None:
        holder = "server" if role == "server" else "command"
        who = f"{holder} (process {pid})" if pid else holder
        super().__init__(
            f"Another Parley {who} is using the data folder {folder}. "
            "Stop it first, or start this one with another --data-dir."
        )
        self.role = role
        self.pid = pid


class FolderLock:
    """Holds `folder` for this process from `acquire` to `release`."""

    def __init__(self, folder: Path, role: Role) -> None:
        self._folder = folder
        self._role = role
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Lock the folder. Raises FolderInUse where another process holds it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / "lock"
        # Not inheritable (Python's default): a mongod that outlives us must not keep the lock.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            role, pid = _holder(descriptor)
            os.close(descriptor)
            raise FolderInUse(self._folder, role, pid) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "role": self._role}).encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Unlock the folder."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _holder(descriptor: int) -> tuple[Role, int | None]:
    try:
        held = json.loads(os.pread(descriptor, 200, 0))
        return ("command" if held["role"] == "command" else "server"), int(held["pid"])
    except (ValueError, KeyError, TypeError):
        # The holder has not written its name yet; assume a server, which is not waited for.
        return "server", None
