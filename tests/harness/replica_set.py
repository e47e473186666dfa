"""Three `mongod` of one replica set on this machine, with a key file and a password."""

import asyncio
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    """Its files are in `folder`. `commands` start its members; `prepare` makes them a set.

    `through` returns the port at which a member is reached that listens on the one that is given:
    members and clients all go there. The others elect after `election_ms` without the primary.
    """

    def __init__(
        self,
        folder: Path,
        *,
        through: Callable[[int], int] = lambda port: port,
        election_ms: int = 10_000,
    ) -> None:
        self.ports = [mongod.free_port(None) for _ in range(MEMBERS)]
        self._hosts = [f"127.0.0.1:{through(port)}" for port in self.ports]
        self._settings = {"electionTimeoutMillis": election_ms}
        self._password = secrets.token_hex(16)
        self._folder = folder
        self._key = folder / "mongodb.key"

    @property
    def url(self) -> str:
        """The address for Parley, password included."""
        return self._url(",".join(self._hosts), f"replicaSet={NAME}")

    def _url(self, hosts: str, option: str) -> str:
        return f"mongodb://{USER}:{self._password}@{hosts}/?{option}&authSource=admin"

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
        members = [{"_id": n, "host": host} for n, host in enumerate(self._hosts)]
        config = {"_id": NAME, "members": members, "settings": self._settings}
        with self._direct(self.ports[0]) as client:
            try:
                client.admin.command("replSetInitiate", config)
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

    def primary(self) -> int | None:
        """The place of the primary in `ports`; None during an election."""
        for place, port in enumerate(self.ports):
            try:
                with self._direct(port) as client:
                    if client.admin.command("hello")["isWritablePrimary"]:
                        return place
            except PyMongoError:
                continue
        return None

    def step_down(self) -> None:
        """Have the primary step down for ten seconds. Raises PyMongoError where none can follow."""
        place = self.primary()
        if place is not None:
            url = self._url(f"127.0.0.1:{self.ports[place]}", "directConnection=true")
            with MongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=2_000) as client:
                client.admin.command("replSetStepDown", 10, secondaryCatchUpPeriodSecs=5)

    def _direct(self, port: int) -> MongoClient[dict[str, object]]:
        return MongoClient("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=2_000)
