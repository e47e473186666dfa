"""A real TCP link between a client and mongod that can be cut, stalled, or lose a message.

It knows where a message of MongoDB's protocol begins and ends, and nothing else of it.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from motor.motor_asyncio import AsyncIOMotorClient

from app.storage.mongo import Database

Match = Callable[[bytes], bool]


def claims(message: bytes) -> bool:
    """Whether a request claims revs outside a transaction."""
    return (
        b"\x02insert\x00" in message and b"entries\x00" in message and not in_transaction(message)
    )


def commits(message: bytes) -> bool:
    """Whether a request commits a transaction."""
    return b"commitTransaction\x00" in message


def in_transaction(message: bytes) -> bool:
    return b"\x08autocommit\x00" in message


class Link:
    """Listens for clients and forwards to mongod, message by message."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._pumps: set[asyncio.Task[None]] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._lose_request: Match | None = None
        self._lose_reply: Match | None = None
        self.lost = 0
        self.port = 0

    async def mend(self) -> None:
        """Listen, again on the same port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Close every connection and take no new one, as when mongod was killed."""
        if self._server is not None:
            self._server.close()
        for pump in list(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    def stall(self) -> None:
        """Forward nothing, as when mongod was stopped."""
        self._flows.clear()

    def flow(self) -> None:
        self._flows.set()

    def lose_request(self, match: Match) -> None:
        """The next request that matches never arrives, and its connection breaks."""
        self._lose_request = match

    def lose_reply(self, match: Match) -> None:
        """The next request that matches is carried out; its reply is lost with the connection."""
        self._lose_reply = match

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pump = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._pumps.add(pump)
        pump.add_done_callback(self._pumps.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_mongod, to_mongod = await asyncio.open_connection(*self._target)
        doomed = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._requests(reader, to_mongod, doomed))
                both.create_task(self._replies(from_mongod, writer, doomed))
        except* (OSError, asyncio.IncompleteReadError):
            pass  # One end closed: so does the other.
        finally:
            writer.transport.abort()
            to_mongod.transport.abort()

    async def _requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, doomed: asyncio.Event
    ) -> None:
        while True:
            message = await whole(reader)
            await self._flows.wait()
            if self._lose_request is not None and self._lose_request(message):
                self._lose_request = None
                self.lost += 1
                raise ConnectionResetError
            if self._lose_reply is not None and self._lose_reply(message):
                self._lose_reply = None
                doomed.set()
            writer.write(message)
            await writer.drain()

    async def _replies(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, doomed: asyncio.Event
    ) -> None:
        while True:
            message = await whole(reader)
            await self._flows.wait()
            if doomed.is_set():
                self.lost += 1
                raise ConnectionResetError
            writer.write(message)
            await writer.drain()


async def whole(reader: asyncio.StreamReader) -> bytes:
    """One message: its first four bytes are its length."""
    size = await reader.readexactly(4)
    return size + await reader.readexactly(int.from_bytes(size, "little") - 4)


@asynccontextmanager
async def linked(mongo_url: str, name: str) -> AsyncIterator[tuple[Link, Database]]:
    """A link, and a database that is reached over it with the real options but shorter waits."""
    found = re.search(r"(?:@|//)([^@/:]+):(\d+)/", mongo_url)
    assert found is not None
    link = Link(found[1], int(found[2]))
    await link.mend()
    url = mongo_url.replace(f"{found[1]}:{found[2]}/", f"127.0.0.1:{link.port}/")
    url = re.sub(r"replicaSet=[^&]*", "directConnection=true", url)
    client: AsyncIOMotorClient = AsyncIOMotorClient(
        url,
        tz_aware=True,
        retryWrites=False,
        serverSelectionTimeoutMS=700,
        connectTimeoutMS=700,
        socketTimeoutMS=1_000,
    )
    try:
        yield link, Database(client, name)
    finally:
        # Closing waits for the client's own threads, which wait for this loop to forward.
        await asyncio.to_thread(client.delegate.close)
        await link.cut()
