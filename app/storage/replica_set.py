"""Makes a freshly started mongod of ours usable: reachable, initiated, with its user, primary.

Every step may already have been done by a start that was killed half-way.
"""

import asyncio
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from app.storage.errors import StorageError
from app.storage.mongod import REPLICA_SET
from app.storage.process import Process

USER = "parley"

# After a crash mongod replays its journal before it answers; a large one takes its time.
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
        """Bring it to where it takes writes from our user."""
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await self._listens()
                while not await self._advance():  # noqa: ASYNC110
                    await asyncio.sleep(POLL_S)
        finally:
            self._close()

    async def answers(self, within_s: float) -> bool:
        """Whether it takes our password and writes, asked of one that may hang."""
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
        """Wait for the port to open; the driver, refused once, would look again only much later."""
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
        """Take the next step that its present state asks for; True when there is none left.

        Right after a crash mongod answers before it has replayed its log: it may then know neither
        its set nor our user. Only of a primary is «no such user» final.
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
        """Make it a replica set, through the localhost exception, unless it is one already."""
        config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": self._host}]}
        try:
            await self._anonymous.command("replSetInitiate", config)
        except OperationFailure as error:
            if error.code == UNAUTHORIZED:
                self._refused(error)
            elif error.code != ALREADY_INITIALIZED:
                raise

    async def _make_user(self) -> None:
        """The first user, through the localhost exception, which is over once there is one."""
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
        """There are users, but ours is none of them: final when it stays so."""
        now = asyncio.get_running_loop().time()
        self._refused_since = self._refused_since or now
        if now - self._refused_since > REFUSED_S:
            raise StorageError(_WRONG_PASSWORD) from error

    async def _follow_port(self) -> None:
        """Where the port has changed the set still names the old one, and so has no primary."""
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
    """Commands to the admin database over one direct connection, as our user or as nobody."""

    def __init__(self, port: int, password: str | None) -> None:
        self.password = password
        as_user: dict[str, Any] = (
            {} if password is None else {"username": USER, "password": password}
        )
        self._client: AsyncIOMotorClient = AsyncIOMotorClient(
            "127.0.0.1",
            port,
            directConnection=True,
            # Its state changes in milliseconds here; the usual monitor looks every ten seconds.
            serverMonitoringMode="poll",
            heartbeatFrequencyMS=500,
            serverSelectionTimeoutMS=1000,
            connectTimeoutMS=1000,
            socketTimeoutMS=10_000,
            **as_user,
        )

    async def command(self, name: str, value: Any = 1, **options: Any) -> dict[str, Any]:
        """The answer; errors of the driver as they are."""
        answer = await self._client.admin.command(name, value, **options)
        return dict(answer)

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()
