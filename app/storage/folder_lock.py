"""The data folder belongs to one live process at a time; the operating system keeps the lock.

It is gone the moment its holder is, also after SIGKILL, so no stale lock ever has to be judged.
"""

import fcntl
import json
import os
from pathlib import Path
from typing import Literal

from app.storage.errors import StorageError

Role = Literal["server", "command"]


class FolderInUse(StorageError):
    """Another live process holds the data folder; `role` says what kind."""

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
        """Take the folder, or raise FolderInUse saying who has it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / "lock"
        # Not inheritable (Python's default): a mongod that outlives us must not keep our lock.
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
        """Let the next one in."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _holder(descriptor: int) -> tuple[Role, int | None]:
    try:
        held = json.loads(os.pread(descriptor, 200, 0))
        return ("command" if held["role"] == "command" else "server"), int(held["pid"])
    except (ValueError, KeyError, TypeError):
        # Between its lock and its name; a server is the careful guess.
        return "server", None
