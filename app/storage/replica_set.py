"""Prepares a started mongod: waits for it, initiates the replica set, creates the user.

Each step may have been done before, by a start that was killed half-way.
"""

import asyncio
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from app.storage.errors import StorageError
from app.storage.mongod import REPLICA_SET
from app.storage.os_process import Process

USER = "parley"

# After a crash mongod replays its journal before it answers, which may take long.
READY_WITHIN_S = 120.0
REFUSED_S = 3.0
POLL_S = 0.02

UNAUTHORIZED, AUTHENTICATION_FAILED, ALREADY_INITIALIZED, NOT_YET_INITIALIZED = 13, 18, 23, 94

_WRONG_PASSWORD = (
    "The embedded MongoDB does not take the password in the data folder's mongodb.password. "  # noqa: S105
    "Put back the mongodb.password that belongs to this data folder."
)


class ReplicaSet:
    """The single node on `port` of the loopback address, run by `process`."""

    def __init__(self, process: Process, port: int, password: str) -> None:
        self._process = process
        self._port = port
        self._host = f"127.0.0.1:{port}"
        self._anonymous = _Admin(port, None)
        self._user = _Admin(port, password)
        self._refused_since: float | None = None

    async def prepare(self) -> None:
        """Return once it takes writes from our user. Raises StorageError, TimeoutError."""
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await self._listens()
                while not await self._advance():  # noqa: ASYNC110
                    await asyncio.sleep(POLL_S)
        finally:
            self._close()

    async def answers(self, within_s: float) -> bool:
        """Whether it takes our password and writes, within `within_s` seconds."""
        try:
            async with asyncio.timeout(within_s):
                return await self._is_writable() and await self._knows_us()
        except (TimeoutError, PyMongoError):
            return False
        finally:
            self._close()

    def _close(self) -> None:
        self._anonymous.close()
        self._user.close()

    async def _listens(self) -> None:
        """Wait for the port to open; the driver, once refused, would try again only much later."""
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                self._require_life()
                await asyncio.sleep(POLL_S)
            else:
                writer.close()
                return

    def _require_life(self) -> None:
        if not self._process.is_running:
            raise StorageError("The embedded MongoDB ended while it was starting.")

    async def _advance(self) -> bool:
        """Take the next step for its present state; True when there is none left.

        Right after a crash mongod answers before it has replayed its log, and may not know its set
        or our user yet: «no such user» is final only from a primary.
        """
        try:
            is_writable = await self._is_writable()
            if await self._knows_us():
                if is_writable:
                    return True
                await self._follow_port()
            elif is_writable:
                await self._make_user()
            else:
                await self._initiate()
        except ConnectionFailure:
            self._require_life()
        return False

    async def _is_writable(self) -> bool:
        hello = await self._anonymous.command("hello")
        return bool(hello.get("isWritablePrimary"))

    async def _knows_us(self) -> bool:
        try:
            await self._user.command("ping")
        except OperationFailure as error:
            if error.code == AUTHENTICATION_FAILED:
                return False
            raise
        return True

    async def _initiate(self) -> None:
        """Initiate the replica set, through the localhost exception, unless that was done.

        https://www.mongodb.com/docs/manual/core/localhost-exception/
        """
        config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": self._host}]}
        try:
            await self._anonymous.command("replSetInitiate", config)
        except OperationFailure as error:
            if error.code == UNAUTHORIZED:
                self._refused(error)
            elif error.code != ALREADY_INITIALIZED:
                raise

    async def _make_user(self) -> None:
        """Create the first user, through the localhost exception, which ends with it."""
        try:
            await self._anonymous.command(
                "createUser",
                USER,
                pwd=self._user.password,
                roles=["root"],
                writeConcern={"w": 1, "j": True},
            )
        except OperationFailure as error:
            self._refused(error)

    def _refused(self, error: OperationFailure) -> None:
        """Raise StorageError once our user has been refused for REFUSED_S seconds."""
        now = asyncio.get_running_loop().time()
        self._refused_since = self._refused_since or now
        if now - self._refused_since > REFUSED_S:
            raise StorageError(_WRONG_PASSWORD) from error

    async def _follow_port(self) -> None:
        """Put a changed port into the set's configuration: with the old one it has no primary."""
        try:
            config = (await self._user.command("replSetGetConfig"))["config"]
        except OperationFailure as error:
            if error.code == NOT_YET_INITIALIZED:
                return
            raise
        if config["members"][0]["host"] != self._host:
            config["members"][0]["host"] = self._host
            config["version"] += 1
            await self._user.command("replSetReconfig", config, force=True)


class _Admin:
    """Runs admin commands over a direct connection, as our user or anonymously."""

    def __init__(self, port: int, password: str | None) -> None:
        self.password = password
        as_user: dict[str, Any] = (
            {} if password is None else {"username": USER, "password": password}
        )
        self._client: AsyncIOMotorClient = AsyncIOMotorClient(
            "127.0.0.1",
            port,
            directConnection=True,
            # Its state changes within milliseconds; by default the driver looks every ten seconds.
            serverMonitoringMode="poll",
            heartbeatFrequencyMS=500,
            serverSelectionTimeoutMS=1000,
            connectTimeoutMS=1000,
            socketTimeoutMS=10_000,
            **as_user,
        )

    async def command(self, name: str, value: Any = 1, **options: Any) -> dict[str, Any]:
        """The answer of a command. Raises the driver's errors."""
        answer = await self._client.admin.command(name, value, **options)
        return dict(answer)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
