"""Hundreds of idle connections under a low limit on open files: people notice nothing of them."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from tests.harness.raw import RawSocket
from tests.harness.server import Server
from tests.harness.waiting import eventually

OPEN_FILES = 450
FLOOD = 430
# The bytes that a flood sends, one for each kind of connection: nothing, half a request, a whole
# one with an answer that keeps it open, half a body, a handshake after which nobody signs in.
SAYINGS = (
    b"",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{",
    b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n",
)


class Flood:
    """Opens connections and holds them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._held: list[asyncio.StreamWriter] = []

    async def rises(self) -> None:
        await asyncio.gather(*(self._opens(SAYINGS[n % len(SAYINGS)]) for n in range(FLOOD)))

    async def _opens(self, saying: bytes) -> None:
        with suppress(ConnectionError):
            _, writer = await asyncio.open_connection("127.0.0.1", self._port)
            self._held.append(writer)
            writer.write(saying)

    async def ebbs(self) -> None:
        for writer in self._held:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


def open_files(server: Server) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted in /proc")
async def test_people_talk_and_the_database_lives_under_a_flood(tmp_path: Path) -> None:
    server = Server(tmp_path, open_files=OPEN_FILES)
    try:
        await server.starts()
        password = "correct horse battery\n"
        await server.runs("users", "create", "ana", "--admin", "--password-stdin", stdin=password)
        token = (await server.runs("tokens", "create", "ana", "--scope", "chat"))["token"]
        mongod = server.mongod_pid
        flood = Flood(server.port)
        async with RawSocket(server.url, token) as before:
            await before.asks("room:join", '{"room":"hallway"}')
            for _ in range(2):
                await flood.rises()
                assert open_files(server) < OPEN_FILES - 100
                assert await says(before)
                async with RawSocket(server.url, token) as newcomer:
                    assert await says(newcomer)
                assert await server.status("/readyz") == 200
            await flood.ebbs()
            await eventually(lambda: open_files(server) < 60, "it is over, without a restart")
            assert await says(before)
        assert server.mongod_pid == mongod
        for sign in ("the embedded MongoDB ended", "database is away", "Too many open files"):
            assert sign not in server.log
        server.assert_clean_log()
    finally:
        server.ends()


async def says(person: RawSocket) -> bool:
    answer = await person.asks("message:send", '{"room":"hallway","text":"still here"}')
    return answer is not None and answer["ok"]
