"""Three `mongod` of one replica set on this machine, with a key file and a password."""

import asyncio
import secrets
import time
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from app.storage import mongod

NAME = "parley"
USER = "parley"
MEMBERS = 3
READY_WITHIN_S = 60.0
POLL_S = 0.1
ALREADY_INITIALIZED, UNAUTHORIZED = 23, 13


class ReplicaSet:
    """Its files are in `folder`. `commands` start its members; `prepare` makes them a set."""

    def __init__(self, folder: Path) -> None:
        self.ports = [mongod.free_port(None) for _ in range(MEMBERS)]
        self._password = secrets.token_hex(16)
        self._folder = folder
        self._key = folder / "mongodb.key"

    @property
    def url(self) -> str:
        """The address for Parley, password included."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"mongodb://{USER}:{self._password}@{hosts}/?replicaSet={NAME}&authSource=admin"

    def commands(self) -> dict[str, list[str]]:
        """The command of each member, by its name."""
        self._key.touch(mode=0o600)
        self._key.write_text(secrets.token_hex(48), encoding="ascii")
        return {
            f"MongoDB {n}": self._command(n, port) for n, port in enumerate(self.ports, start=1)
        }

    def _command(self, number: int, port: int) -> list[str]:
        data = self._folder / f"mongodb-{number}"
        data.mkdir(mode=0o700)
        return [
            *(str(mongod.find_mongod()), "--dbpath", str(data), "--port", str(port)),
            *("--bind_ip", "127.0.0.1", "--nounixsocket", "--replSet", NAME),
            *("--auth", "--keyFile", str(self._key), "--networkMessageCompressors", "disabled"),
            *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--setParameter", f"transactionLifetimeLimitSeconds={mongod.TRANSACTION_S}"),
        ]

    async def prepare(self) -> None:
        """Return once the set has a primary that knows our user. Raises TimeoutError."""
        await asyncio.to_thread(self._prepare)

    def _prepare(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        steps = [self._initiate, self._make_user, self._greet]
        while steps:
            try:
                steps[0]()
                steps.pop(0)
            except PyMongoError:
                if time.monotonic() > deadline:
                    raise TimeoutError("The replica set did not become ready.") from None
                time.sleep(POLL_S)

    def _initiate(self) -> None:
        members = [{"_id": n, "host": f"127.0.0.1:{p}"} for n, p in enumerate(self.ports)]
        with self._direct(self.ports[0]) as client:
            try:
                client.admin.command("replSetInitiate", {"_id": NAME, "members": members})
            except OperationFailure as error:
                if error.code != ALREADY_INITIALIZED:
                    raise

    def _make_user(self) -> None:
        """Through the localhost exception, on the primary; it ends with the first user."""
        refused: PyMongoError | None = None
        for port in self.ports:
            with self._direct(port) as client:
                try:
                    client.admin.command(
                        "createUser",
                        USER,
                        pwd=self._password,
                        roles=["root"],
                    )
                    return
                except PyMongoError as error:
                    refused = error
        assert refused is not None
        raise refused

    def _greet(self) -> None:
        with MongoClient[dict[str, object]](self.url, serverSelectionTimeoutMS=2_000) as client:
            client.admin.command("ping")

    def _direct(self, port: int) -> MongoClient[dict[str, object]]:
        return MongoClient("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=2_000)
