"""Connections pass from one worker to another, here between two servers in one process."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from app.server.workers.siblings import Siblings, sid_prefix, worker_of
from app.web.http_server import Runner, Server

BOTH = (1, 2)


@dataclass
class Worker:
    """Answers each request of its own sessions with what it got."""

    siblings: Siblings
    number: int
    port: int = 0
    seen: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if await self.siblings.pass_on(request):
            return web.Response()
        body = await request.read()
        self.seen.append(request.path_qs)
        got: dict[str, Any] = {
            "worker": self.number,
            "method": request.method,
            "path": request.path_qs,
            "bytes": len(body),
            "sum": sum(body),
            "headers": [[name, value] for name, value in request.headers.items()],
            "peer": request.remote,
        }
        return web.json_response(got)


@pytest.fixture
async def workers(tmp_path: Path) -> AsyncIterator[dict[int, Worker]]:
    async with AsyncExitStack() as stack:
        found = {}
        for number in BOTH:
            worker = Worker(Siblings(tmp_path, number, len(BOTH)), number)
            application = web.Application(client_max_size=2_000_000)
            application.router.add_route("*", "/socket.io/", worker.answer)
            runner = Runner(application, access_log=None)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            worker.port = runner.addresses[0][1]
            assert isinstance(runner.server, Server)
            figures = f"figures of {number}".encode
            await stack.enter_async_context(worker.siblings.listening(runner.server, figures))
            found[number] = worker
        yield found


class Client:
    """One connection on which requests are written as they are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, worker: Worker) -> "Client":
        return cls(*await asyncio.open_connection("127.0.0.1", worker.port))

    def says(self, text: str, body: bytes = b"") -> None:
        self._writer.write(text.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)

    async def hears(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split()[0])
            answer: dict[str, Any] = json.loads(await self._reader.readexactly(length))
        return answer

    async def asks(self, text: str, body: bytes = b"") -> dict[str, Any]:
        self.says(text, body)
        return await self.hears()

    async def hears_the_end(self) -> bool:
        async with asyncio.timeout(5):
            return await self._reader.read() == b""

    def leaves(self) -> None:
        self._writer.close()


def get(sid: str, *lines: str) -> str:
    return "\n".join([f"GET /socket.io/?EIO=4&sid={sid} HTTP/1.1", "Host: here", *lines])


def test_an_id_names_its_worker() -> None:
    assert worker_of(f"{sid_prefix(12)}A-b_") == 12
    for sid in ("", "abc", ".abc", "x.abc", "-1.abc", "12345.a", "1"):
        assert worker_of(sid) is None, sid


async def test_request_of_anothers_session_is_answered_there(workers: dict[int, Worker]) -> None:
    client = await Client.to(workers[1])
    lines = ("X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 203.0.113.8", "Cookie: a=b; c=ü")
    answer = await client.asks(get("2.abc", *lines))
    assert (answer["worker"], answer["method"]) == (2, "GET")
    assert answer["path"] == "/socket.io/?EIO=4&sid=2.abc"
    assert answer["headers"] == [["Host", "here"], *(line.split(": ") for line in lines)]
    assert answer["peer"] == "127.0.0.1"
    client.leaves()


async def test_its_connection_goes_along_and_comes_back(workers: dict[int, Worker]) -> None:
    client = await Client.to(workers[1])
    for sid, number in (("2.a", 2), ("2.a", 2), ("1.b", 1), ("2.a", 2), ("of-nobody", 2)):
        assert (await client.asks(get(sid)))["worker"] == number
    assert workers[1].seen == ["/socket.io/?EIO=4&sid=1.b"]
    client.leaves()


@pytest.mark.parametrize("size", [0, 1, 70_000, 1_000_000])
async def test_body_goes_along_whole(workers: dict[int, Worker], size: int) -> None:
    client, body = await Client.to(workers[1]), bytes(n % 251 for n in range(size))
    head = f"POST /socket.io/?sid=2.a HTTP/1.1\nHost: here\nContent-Length: {size}"
    answer = await client.asks(head, body)
    assert (answer["worker"], answer["bytes"], answer["sum"]) == (2, size, sum(body))
    pieces = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in (body[:1000], body[1000:]) if p)
    head = "POST /socket.io/?sid=1.a HTTP/1.1\nHost: here\nTransfer-Encoding: chunked"
    answer = await client.asks(head, pieces + b"0\r\n\r\n")
    assert (answer["worker"], answer["bytes"], answer["sum"]) == (1, size, sum(body))
    client.leaves()


async def test_client_that_asks_twice_without_waiting_is_told_to_come_again(
    workers: dict[int, Worker],
) -> None:
    client = await Client.to(workers[1])
    client.says(get("2.a") + "\n\n" + get("2.b"))
    assert (await client.hears())["path"].endswith("2.a")
    assert await client.hears_the_end()


async def test_session_of_a_worker_that_is_not_there_stays(
    workers: dict[int, Worker], tmp_path: Path
) -> None:
    (tmp_path / "2.sock").unlink()
    client = await Client.to(workers[1])
    for sid in ("2.a", "3.a", "0.a", "9999.a"):
        assert (await client.asks(get(sid)))["worker"] == 1
    client.leaves()


async def test_workers_read_one_anothers_figures(
    workers: dict[int, Worker], tmp_path: Path
) -> None:
    assert await workers[1].siblings.figures() == {2: b"figures of 2"}
    (tmp_path / "2.sock").unlink()
    assert await workers[1].siblings.figures() == {}
