"""Each refusal is logged with address, place and reason and no secret; a flood leaves few lines."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.harness.server import Server
from tests.harness.waiting import eventually
from tests.security.knocking import Knock, Knocker, envelope, event

PASSWORD = "correct horse battery staple"
MESSAGES_A_MINUTE = 60
HANDSHAKES_A_MINUTE = 120
LARGE, HUGE = "x" * 65_537, "x" * 1_048_577
RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")
# The memory that a flood may cost the server: it remembers each address, not each request.
GROWTH_KB = 24_576

POLLING = "/socket.io/?EIO=4&transport=polling"
WEBSOCKET = "/socket.io/?EIO=4&transport=websocket"
ORIGINS = ("https://yourdomain.com.evil", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}")

Line = dict[str, Any]


class Door:
    """The server, and what somebody needs to be let in."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.token = self.cookie = ""

    async def opens(self) -> None:
        await self.server.starts()
        create = ("users", "create", "--password-stdin")
        await self.server.runs_all((*create, "ana", "--admin"), (*create, "ben"), stdin=PASSWORD)
        credentials = {"username": "ben", "password": PASSWORD}
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session,
            session.post(f"{self.server.url}/api/session", json=credentials) as answer,
        ):
            self.token = (await answer.json())["token"]
            self.cookie = answer.cookies["parley_session"].value

    def knocker(self) -> Knocker:
        return Knocker(self.server.url, self.token, self.cookie)

    def lines(self, address: str) -> list[Line]:
        """The refusals in the log for this address."""
        said = (json.loads(line) for line in self.server.log.splitlines() if line[:1] == "{")
        return [line for line in said if line.get("address") == address and "error" in line]

    @property
    def resident_kb(self) -> int:
        status = Path(f"/proc/{self.server.process.pid}/status").read_text(encoding="ascii")
        found = RESIDENT.search(status)
        assert found is not None
        return int(found[1])


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One server for all of it; whatever was done, its log holds no secret in the end."""
    server = Server(
        tmp_path_factory.mktemp("door"),
        PARLEY_MESSAGES_PER_MINUTE=str(MESSAGES_A_MINUTE),
        PARLEY_CONNECTIONS_PER_MINUTE=str(HANDSHAKES_A_MINUTE),
        PARLEY_ALLOWED_ORIGINS="https://yourdomain.com",
    )
    found = Door(server)
    try:
        asyncio.run(found.opens())
        yield found
        asyncio.run(server.stops())
        for secret in (found.token, found.cookie, PASSWORD):
            assert secret not in server.log
        server.assert_clean_log()
    finally:
        server.ends()


def from_origin(path: str, origin: str, *, is_websocket: bool = False) -> Knock:
    async def knock(who: Knocker) -> None:
        headers = {"Origin": origin.format(port=who.url.rpartition(":")[2]), **who.cookie}
        if is_websocket:
            assert await who.shakes_hands(path, headers) == 403
        else:
            method = "POST" if path.startswith("/api/rooms") else "GET"
            assert await who.asks(path, headers, method) == 403

    return knock


PLACES = {
    "HTTP": ("/api/rooms", "/api/rooms", False),
    "polling": (POLLING, "/socket.io/", False),
    "Socket.IO": (WEBSOCKET, "/socket.io/", True),
    "/ws": ("/ws", "/ws", True),
    "SSE": ("/api/events?streams=notifications", "/api/events", False),
}


@pytest.mark.parametrize("way", PLACES)
async def test_another_origin(door: Door, way: str) -> None:
    path, place, is_websocket = PLACES[way]
    for origin in ORIGINS:
        async with door.knocker() as who:
            await from_origin(path, origin, is_websocket=is_websocket)(who)
        line = await the_line(door, who, "origin_refused")
        assert (line["place"], line["error"]) == (place, "forbidden")
        assert line["origin"] == origin.format(port=door.server.port)


@pytest.mark.parametrize("way", PLACES)
async def test_a_token_in_the_address(door: Door, way: str) -> None:
    path, place, is_websocket = PLACES[way]
    path += f"{'&' if '?' in path else '?'}token={door.token}"
    async with door.knocker() as who:
        asking = who.shakes_hands if is_websocket else who.asks
        assert await asking(path) == 400
    line = await the_line(door, who, "token_in_address")
    assert (line["place"], line["error"]) == (place, "invalid")


@pytest.mark.parametrize("way", PLACES)
async def test_a_forged_address_counts_for_nothing(door: Door, way: str) -> None:
    """Neither in the log nor for the limits."""
    path, place, is_websocket = PLACES[way]
    async with door.knocker() as who:
        for n in range(HANDSHAKES_A_MINUTE + 5):
            forged = {"X-Forwarded-For": f"8.8.{n}.8", **who.bearer}
            status = await (who.shakes_hands if is_websocket else who.asks)(path, forged)
            if way == "HTTP":
                break  # Requests of this kind are not limited by address.
        assert status == (200 if way == "HTTP" else 429)
    lines = await refused(door, who, "forwarded_ignored")
    assert {(line["place"], line["error"]) for line in lines} == {(place, "untrusted_proxy")}
    assert '"8.8.' not in door.server.log
    if way != "HTTP":
        (*_, line) = await refused(door, who, "request")
        assert (line["route"], line["status"], line["error"]) == (place, 429, "rate_limited")


TOO_LARGE: dict[str, tuple[Knock, str, str]] = {
    "64 KB + 1 over HTTP": (lambda who: who.posts(LARGE), "request", "rooms"),
    "1 MB + 1 over HTTP": (lambda who: who.posts(HUGE), "request", "rooms"),
    "64 KB + 1 by polling": (lambda who: who.says_by_polling(LARGE), "refused", "message:send"),
    "1 MB + 1 by polling": (lambda who: too_much_polled(who), "request", "/socket.io/"),
    "64 KB + 1 on Socket.IO": (
        lambda who: who.says_on_socketio(event(LARGE)),
        "refused",
        "message:send",
    ),
    "1 MB + 1 on Socket.IO": (
        lambda who: who.says_on_socketio("4" + HUGE[1:] + "x"),
        "frame_refused",
        "/socket.io/",
    ),
    "64 KB + 1 on /ws": (lambda who: who.says_on_ws(envelope(LARGE)), "refused", "message:send"),
    "1 MB + 1 on /ws": (lambda who: who.says_on_ws(HUGE), "frame_refused", "/ws"),
}


async def too_much_polled(who: Knocker) -> None:
    assert await who.asks(await who.polls(), method="POST", data=HUGE) == 413


@pytest.mark.parametrize("case", TOO_LARGE)
async def test_too_large(door: Door, case: str) -> None:
    knock, event_name, place = TOO_LARGE[case]
    async with door.knocker() as who:
        await knock(who)
    line = await the_line(door, who, event_name)
    assert line["error"] == "too_large"
    assert place in (line["route"] if event_name == "request" else line["place"])


OFTEN: dict[str, tuple[Knock, str]] = {
    "HTTP": (lambda who: who.posts("again"), "request"),
    "Socket.IO": (lambda who: who.says_on_socketio(event("again")), "refused"),
    "/ws": (lambda who: who.says_on_ws(envelope("again")), "refused"),
}


async def test_too_often(door: Door) -> None:
    async with door.knocker() as who:
        while await who.posts("again") != 429:
            pass
    for knock, event_name in OFTEN.values():
        async with door.knocker() as who:
            await knock(who)
        assert (await the_line(door, who, event_name))["error"] == "rate_limited"


async def test_a_wrong_token(door: Door) -> None:
    for path, place in (("/api/me", "/api/me"), ("/ws", "/ws"), ("/api/events", "/api/events")):
        async with door.knocker() as who:
            wrong = {"Authorization": "Bearer parley_wrong"}
            asking = who.shakes_hands if path == "/ws" else who.asks
            assert await asking(path, wrong) == 401
        line = await the_line(door, who, "request")
        assert (line["route"], line["error"]) == (place, "unauthenticated")
    assert "parley_wrong" not in door.server.log


async def _flood(door: Door, handshakes: int) -> None:
    """So many from one address: a few lines, and in the end one that tells how many."""
    before = door.resident_kb
    async with door.knocker() as who:
        some = asyncio.Semaphore(20)

        async def knocks() -> int:
            async with some:
                return await who.asks(POLLING)

        statuses = await asyncio.gather(*(knocks() for _ in range(handshakes)))
    # A minute may have begun anew on the way.
    assert statuses.count(429) >= handshakes - 4 * HANDSHAKES_A_MINUTE
    assert set(statuses) == {200, 429}
    assert door.resident_kb - before < GROWTH_KB
    await eventually(lambda: _told(door, who) == statuses.count(429), "all are counted", 90)
    assert len(door.lines(who.address)) <= 40


def _told(door: Door, who: Knocker) -> int:
    """The refused handshakes that the log speaks of, in lines and in sums."""
    lines = [line for line in door.lines(who.address) if line["event"] == "request"]
    said = (json.loads(line) for line in door.server.log.splitlines() if "refused_again" in line)
    sums = [line for line in said if (line["address"], line["line"]) == (who.address, "request")]
    return len(lines) + sum(line["times"] for line in sums)


async def test_a_flood_of_handshakes_is_a_few_lines(door: Door) -> None:
    async with door.knocker() as who:
        statuses = [await who.asks(POLLING) for _ in range(800)]
    lines = await refused(door, who, "request")
    assert statuses.count(429) >= 800 - 2 * HANDSHAKES_A_MINUTE
    assert 1 <= len(lines) <= 20


@pytest.mark.slow
async def test_20000_handshakes_from_one_address_are_a_few_lines_and_a_sum(door: Door) -> None:
    await _flood(door, 20_000)


async def refused(door: Door, who: Knocker, event_name: str) -> list[Line]:
    """The lines called so of this address; waits for the first."""

    def found() -> list[Line]:
        return [line for line in door.lines(who.address) if line["event"] == event_name]

    await eventually(lambda: bool(found()), f"{event_name} of {who.address} is in the log")
    return found()


async def the_line(door: Door, who: Knocker, event_name: str) -> Line:
    """The one line."""
    (line,) = await refused(door, who, event_name)
    return line
