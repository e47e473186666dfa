"""Requests that are no HTTP: answered with our error object, whichever parser refuses them."""

import asyncio
import gc
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import web_protocol
from aiohttp.http_parser import HttpRequestParser, HttpRequestParserPy
from aiohttp.web_protocol import RequestHandler
from structlog.testing import capture_logs

from app.realtime.http_connections import turn_away
from app.security.headers import OUTSIDE_MIDDLEWARE
from app.web.http_server import DEPARTURES_A_TURN, TOO_LONG, UNREADABLE, Server
from tests.harness.waiting import WITHIN_S, eventually
from tests.web.site import served

Address = tuple[str, int]

HOST = b"Host: x\r\n"
CHUNKED = (
    b"POST /api/note HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
# The bytes to send, and the expected sentence.
WRONG = {
    "long address": (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", TOO_LONG),
    "long query": (b"GET /?" + b"a=1&" * 3_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", TOO_LONG),
    "long header": (b"GET / HTTP/1.1\r\n" + HOST + b"X-A: " + b"b" * 9_000 + b"\r\n\r\n", TOO_LONG),
    "long name": (b"GET / HTTP/1.1\r\n" + HOST + b"b" * 9_000 + b": a\r\n\r\n", None),
    "many headers": (b"GET / HTTP/1.1\r\n" + HOST + b"X-A: b\r\n" * 500 + b"\r\n", None),
    "no request line": (b"\x00\x01\x02\xff\r\n\r\n", UNREADABLE),
    "words": (b"hello there, server\r\n\r\n", UNREADABLE),
    "TLS": (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x20" * 40 + b"\r\n\r\n",
        UNREADABLE,
    ),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", UNREADABLE),
    "version": (b"GET / HTTP/9.9.9\r\n" + HOST + b"\r\n", UNREADABLE),
    "method": (b"G@T / HTTP/1.1\r\n" + HOST + b"\r\n", UNREADABLE),
    "NUL in the address": (b"GET /\x00 HTTP/1.1\r\n" + HOST + b"\r\n", UNREADABLE),
    "NUL in a header": (b"GET / HTTP/1.1\r\n" + HOST + b"X-A: \x00\r\n\r\n", UNREADABLE),
    "header without colon": (b"GET / HTTP/1.1\r\n" + HOST + b"nothing\r\n\r\n", UNREADABLE),
    "space before colon": (b"GET / HTTP/1.1\r\n" + HOST + b"X-A : b\r\n\r\n", UNREADABLE),
    "length in words": (
        b"POST /api/note HTTP/1.1\r\n" + HOST + b"Content-Length: many\r\n\r\n",
        UNREADABLE,
    ),
    "negative length": (
        b"POST /api/note HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
        UNREADABLE,
    ),
    "two lengths": (
        b"POST /api/note HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        UNREADABLE,
    ),
    "length and chunks": (
        b"POST /api/note HTTP/1.1\r\n"
        + HOST
        + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        UNREADABLE,
    ),
    "unknown encoding": (
        b"POST /api/note HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        UNREADABLE,
    ),
    "unknown expectation": (
        b"POST /api/note HTTP/1.1\r\n" + HOST + b"Expect: tea\r\nContent-Length: 0\r\n\r\n",
        UNREADABLE,
    ),
    # Bytes that are no UTF-8 come as surrogates, which nothing encodes.
    "host that is no ASCII": (b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n", UNREADABLE),
    "expectation that is no ASCII": (
        b"POST /api/note HTTP/1.1\r\n" + HOST + b"Expect: \xff\r\nContent-Length: 0\r\n\r\n",
        UNREADABLE,
    ),
    "key of a WebSocket that is no ASCII": (
        b"GET / HTTP/1.1\r\n" + HOST + b"Upgrade: websocket\r\nConnection: upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \xff\r\n\r\n",
        UNREADABLE,
    ),
}
# The request line is fine and the body is not, so that our own middlewares answer.
WRONG_BODIES = {
    "size in words": CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    "chunk too short": CHUNKED + b"5\r\n{}\r\n0\r\n\r\n",
    "no gzip": b"POST /api/note HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nzzzz",
}


@dataclass
class Response:
    """The response on one connection."""

    status: int
    head: str
    body: str


async def response_to(address: Address, sent: bytes) -> Response:
    """Send it on a connection of its own; the first answer."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(sent)
    async with asyncio.timeout(WITHIN_S):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length[1])) if length else await reader.read()
    writer.close()
    return Response(int(head.split()[1]), head, body.decode())


@pytest.fixture(params=[HttpRequestParser, HttpRequestParserPy], ids=["C", "Python"])
async def address(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Address]:
    """A server with aiohttp's compiled parser, or with the one that it uses without a compiler."""
    monkeypatch.setattr(web_protocol, "HttpRequestParser", request.param)
    async with served() as runner:
        host, port = runner.addresses[0][:2]
        yield host, port


async def test_what_is_no_http_is_answered_with_the_error_object(
    address: Address, caplog: pytest.LogCaptureFixture
) -> None:
    for name, (sent, sentence) in WRONG.items():
        with capture_logs() as lines:
            answer = await response_to(address, sent)
        assert 400 <= answer.status < 500, (name, answer)
        error = json.loads(answer.body)["error"]
        assert error["code"] == "invalid", (name, answer)
        assert sentence is None or error["message"] == sentence, (name, answer)
        for header, value in OUTSIDE_MIDDLEWARE.items():
            assert f"{header}: {value}".lower() in answer.head.lower(), (name, answer)
        assert [line for line in lines if line.get("exc_info")] == [], name
        assert all(line["log_level"] != "error" for line in lines), (name, lines)
    # aiohttp's own log would have the traceback of each.
    assert [record.getMessage() for record in caplog.records] == []


async def test_a_body_that_cannot_be_read_is_invalid(address: Address) -> None:
    for name, sent in WRONG_BODIES.items():
        with capture_logs() as lines:
            answer = await response_to(address, sent)
        assert answer.status == 400, (name, answer)
        assert json.loads(answer.body)["error"]["code"] == "invalid", (name, answer)
        assert all(line["log_level"] != "error" for line in lines), (name, lines)


async def test_no_answer_tells_which_software_of_which_version_gave_it(address: Address) -> None:
    for sent in (b"GET /healthz HTTP/1.0\r\n\r\n", b"GET /none HTTP/1.0\r\n\r\n", b"\x00\r\n\r\n"):
        answer = await response_to(address, sent)
        assert "server: parley" in answer.head.lower()
        assert "aiohttp" not in answer.head
        assert "Python" not in answer.head


async def test_one_line_of_the_log_names_the_address_of_a_request_that_cannot_be_read(
    address: Address,
) -> None:
    with capture_logs() as lines:
        await response_to(address, b"hello there, server\r\n\r\n")
    [line] = [line for line in lines if line["event"] == "unreadable_request"]
    assert (line["error"], line["address"]) == ("invalid", "127.0.0.1")
    assert "hello" not in str(line)


class TurnsAway:
    """Ends each connection as it is made."""

    def opened(self, connection: RequestHandler) -> None:
        turn_away(connection)

    def closed(self, connection: RequestHandler) -> None: ...


async def test_a_connection_that_is_turned_away_is_no_failure_of_ours() -> None:
    failures = list[str]()
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: failures.append(str(context))
    )
    async with served() as runner:
        assert isinstance(runner.server, Server)
        runner.server.watch = TurnsAway()
        answer = await response_to(runner.addresses[0][:2], b"")
    assert answer.status == 503
    # A task that failed tells when it is forgotten.
    gc.collect()
    assert failures == []


async def test_a_crowd_that_leaves_is_let_go_in_portions() -> None:
    async with served() as runner:
        assert isinstance(runner.server, Server)
        host, port = runner.addresses[0][:2]
        opened = [await asyncio.open_connection(host, port) for _ in range(3 * DEPARTURES_A_TURN)]
        server = runner.server
        await eventually(lambda: len(server.connections) == len(opened), "all are there")
        for connection in server.connections:
            connection.connection_lost(None)
        assert len(server.departures) >= 2 * DEPARTURES_A_TURN
        await eventually(lambda: not server.connections, "all are let go")
        for _, writer in opened:
            writer.close()
