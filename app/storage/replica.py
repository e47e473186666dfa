"""Makes a freshly started mongod of ours usable: reachable, initiated, with its user, primary.

Every step may already have been done by a start that was killed half-way.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import ConnectionFailure, OperationFailure

from app.storage.mongo import StorageError
from app.storage.mongod import REPLICA_SET
from app.storage.process import Process

USER = "parley"

# After a crash mongod replays its journal before it answers; a large one takes its time.
READY_WITHIN_S = 120.0
POLL_S = 0.02

UNAUTHORIZED, AUTHENTICATION_FAILED, ALREADY_INITIALIZED = 13, 18, 23

T = TypeVar("T")


class Replica:
    """The single node on `port` of the loopback address, run by `process`."""

    def __init__(self, process: Process, port: int, password: str) -> None:
        self._process = process
        self._port = port
        self._password = password

    async def prepare(self) -> None:
        """Bring it to where it takes writes from our user."""
        async with asyncio.timeout(READY_WITHIN_S):
            if not await self._knows_us():
                await self._bootstrap()
            await self._settle()

    async def answers(self, within_s: float) -> bool:
        """Whether it takes our password and writes, asked of one that may be somebody's else."""
        try:
            async with asyncio.timeout(within_s):
                return await self._knows_us() and await self._is_primary()
        except (TimeoutError, StorageError, OperationFailure):
            return False

    async def _is_primary(self) -> bool:
        async with _Admin(self._port, self._password) as admin:
            return await _is_writable(admin)

    async def _knows_us(self) -> bool:
        async with _Admin(self._port, self._password) as admin:
            try:
                await self._patiently(lambda: admin.command("ping"))
            except OperationFailure as error:
                if error.code == AUTHENTICATION_FAILED:
                    return False
                raise
        return True

    async def _bootstrap(self) -> None:
        """Initiate and make the first user, through the localhost exception."""
        async with _Admin(self._port, None) as admin:
            hello = await self._patiently(lambda: admin.command("hello"))
            if "setName" not in hello:
                await self._initiate(admin)
            await self._until_writable(admin)
            await self._make_user(admin)

    async def _initiate(self, admin: Any) -> None:
        config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": self._host}]}
        try:
            await admin.command("replSetInitiate", config)
        except OperationFailure as error:
            if error.code == UNAUTHORIZED:
                raise StorageError(_WRONG_PASSWORD) from error
            if error.code != ALREADY_INITIALIZED:
                raise

    async def _make_user(self, admin: Any) -> None:
        try:
            await admin.command(
                "createUser",
                USER,
                pwd=self._password,
                roles=["root"],
                writeConcern={"w": 1, "j": True},
            )
        except OperationFailure as error:
            # There are users already, so the localhost exception is over: the password is not ours.
            raise StorageError(_WRONG_PASSWORD) from error

    async def _settle(self) -> None:
        """Follow a changed port, then wait until it is primary."""
        async with _Admin(self._port, self._password) as admin:
            answer = await self._patiently(lambda: admin.command("replSetGetConfig"))
            config = answer["config"]
            if config["members"][0]["host"] != self._host:
                config["members"][0]["host"] = self._host
                config["version"] += 1
                await admin.command("replSetReconfig", config, force=True)
            await self._until_writable(admin)

    @property
    def _host(self) -> str:
        return f"127.0.0.1:{self._port}"

    async def _until_writable(self, admin: Any) -> None:
        while not await self._patiently(lambda: _is_writable(admin)):  # noqa: ASYNC110
            await asyncio.sleep(POLL_S)

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer, asked again while mongod is alive and not yet there."""
        while True:
            try:
                return await ask()
            except ConnectionFailure:
                if not self._process.is_running:
                    raise StorageError(
                        "The embedded MongoDB ended while it was starting."
                    ) from None
                await asyncio.sleep(POLL_S)


_WRONG_PASSWORD = (
    "The embedded MongoDB does not take the password in the data folder's mongodb.password. "  # noqa: S105
    "Put back the mongodb.password that belongs to this data folder."
)


async def _is_writable(admin: Any) -> bool:
    hello = await admin.command("hello")
    return bool(hello.get("isWritablePrimary"))


class _Admin:
    """The admin database over one short-lived direct connection."""

    def __init__(self, port: int, password: str | None) -> None:
        as_user: dict[str, Any] = (
            {} if password is None else {"username": USER, "password": password}
        )
        self._client: AsyncIOMotorClient = AsyncIOMotorClient(
            "127.0.0.1",
            port,
            directConnection=True,
            serverSelectionTimeoutMS=1000,
            connectTimeoutMS=1000,
            socketTimeoutMS=10_000,
            **as_user,
        )

    async def __aenter__(self) -> Any:
        return self._client.admin

    async def __aexit__(self, *_: object) -> None:
        self._client.close()
