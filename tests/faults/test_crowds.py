"""Thousands who come at once, leave at once or fall silent at once hold nobody up.

The machine decides how long an answer takes, so the short form looks at what is measured in time of
the processor: no turn of the loop took long. That the cost of one does not grow with the crowd is
tested in tests/realtime/socketio/test_manager.py.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.harness.crowd import Kind, crowd
from tests.harness.others import watch_others
from tests.harness.raw import RawSocket
from tests.harness.town import Town, founded_town
from tests.harness.waiting import WITHIN_S, eventually

LONG = 10_000
LET_GO_WITHIN_S = 60.0
# A turn of the loop, in time of the processor.
TURN_MS = 200
KINDS: tuple[Kind, ...] = ("socketio", "plain", "sse")


@pytest.fixture(scope="module")
def crowded_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A server with room for all, which gives up soon on those who fall silent."""
    settings = {
        "PARLEY_WEBSOCKET_MAX_CONNECTIONS": "12000",
        "PARLEY_HEARTBEAT_INTERVAL": "4",
        "PARLEY_CONNECTION_TIMEOUT": "6",
    }
    folder: Path = tmp_path_factory.mktemp("crowded")
    with founded_town(folder, **settings) as town:
        yield town


class Polling:
    """One session of long polling, to which anything is posted."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/socket.io/?EIO=4&transport=polling"
        self._session = aiohttp.ClientSession()

    async def __aenter__(self) -> "Polling":
        async with self._session.get(self._url) as answer:
            self._url += "&sid=" + json.loads((await answer.text())[1:])["sid"]
        return self

    async def posts(self, body: str) -> int:
        """The status that is answered with."""
        async with self._session.post(self._url, data=body.encode()) as answer:
            return answer.status

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()


async def all_are_gone(town: Town) -> None:
    """Wait until the server has let go of the crowd."""
    folder = Path(f"/proc/{town.server.process.pid}/fd")
    await eventually(lambda: len(list(folder.iterdir())) < 300, "all are let go", LET_GO_WITHIN_S)


def names(town: Town) -> list[str]:
    """The tokens of the crowd: not of ben, who is among the others."""
    return [town.tokens[name] for name in ("ana", "cleo", "dana")]


def assert_no_long_turn(town: Town, since: int) -> None:
    """No turn of the server's loop took long in time of the processor."""
    for line in town.server.log[since:].splitlines():
        assert '"loop_blocked"' not in line or cpu_ms_of(line) < TURN_MS, line


def cpu_ms_of(line: str) -> int:
    return int(line.split('"cpu_ms":')[1].split(",")[0])


@pytest.mark.parametrize(("kind", "size"), [("socketio", 1_500), ("plain", 500), ("sse", 500)])
async def test_a_crowd_that_leaves_at_once_takes_no_long_turn(
    crowded_town: Town, kind: Kind, size: int
) -> None:
    town = crowded_town
    since = len(town.server.log)
    room = await town.opens(f"a crowd on {kind}")
    async with (
        crowd(town.server.url, names(town), size, kind) as people,
        watch_others(town.server.url, town.tokens["ben"], room) as others,
    ):
        people.leaves()
        await all_are_gone(town)
    assert others.failures == []
    assert_no_long_turn(town, since)


DIGITS = "1" * 1_000_000
# Each as often as it is said, in one go: what a client sends while it reads nothing.
HOSTILE: list[tuple[str, int]] = [
    ("42/" + DIGITS, 1),
    ("42/chat,1[" + "1e300," * 160_000 + "1]", 4),
    ("42/chat,2[" + "[]," * 330_000 + "1]", 4),
    ("40/nowhere,", 20_000),
    ("40/chat,", 5_000),
    ("43/chat,1[]", 20_000),
    ("3", 20_000),
    ('42/chat,["no:such:event",{}]', 5_000),
]


@pytest.mark.parametrize(("frame", "times"), HOSTILE, ids=lambda value: str(value)[:12])
async def test_no_burst_of_frames_takes_a_long_turn(
    crowded_town: Town, frame: str, times: int
) -> None:
    town = crowded_town
    since = len(town.server.log)
    async with RawSocket(town.server.url, town.tokens["cleo"]) as cleo:
        for _ in range(times):
            await cleo.says(frame)
        await cleo.asks("rooms:list", "{}")
    assert await town.server.status("/readyz") == 200
    assert_no_long_turn(town, since)


# About 20 ms to decode, and as many who send it as would make a turn of the loop longer than that.
HEAVY = "{" + ",".join(f'"{number}":1' for number in range(90_000)) + "}"
SENDERS = 24


async def test_large_frames_of_many_are_taken_in_turns(crowded_town: Town) -> None:
    town = crowded_town
    since = len(town.server.log)
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(RawSocket(town.server.url, town.tokens["cleo"]))
            for _ in range(SENDERS)
        ]
        frame = f'42/chat,["message:send",{HEAVY}]'
        await asyncio.gather(*(socket.says(frame) for socket in sockets))
        await asyncio.gather(*(socket.asks("rooms:list", "{}") for socket in sockets))
    assert_no_long_turn(town, since)


async def test_large_frames_of_many_are_taken_in_turns_on_plain_sockets(
    crowded_town: Town,
) -> None:
    town = crowded_town
    since = len(town.server.log)
    said = {"type": "auth", "token": town.tokens["cleo"]}
    # The first frame is a stranger's, and can be as large.
    opening = f'{{"payload":{HEAVY},{json.dumps(said)[1:]}'
    frame = f'{{"type":"rooms:list","id":1,"payload":{HEAVY}}}'
    async with aiohttp.ClientSession() as session:

        async def sends_both() -> None:
            async with session.ws_connect(f"{town.server.url}/ws") as socket:
                await socket.send_str(opening)
                await socket.send_str(frame)
                # Pings are answered while one reads, and the server soon gives up on the silent.
                while (await socket.receive_json())["type"] != "ack":
                    pass

        async with asyncio.timeout(WITHIN_S):
            await asyncio.gather(*(sends_both() for _ in range(SENDERS)))
    assert_no_long_turn(town, since)


async def test_large_bodies_of_many_are_taken_in_turns(crowded_town: Town) -> None:
    town = crowded_town
    since = len(town.server.log)
    asked = {
        "data": b"[" + b'"",' * 600_000 + b"1]",
        "headers": {"Content-Type": "application/json"},
    }
    answers = await asyncio.gather(
        *(town.calls("POST", "/api/rooms", by="cleo", **asked) for _ in range(SENDERS))
    )
    assert {status for status, _ in answers} == {400}
    assert_no_long_turn(town, since)


async def test_no_polling_request_takes_a_long_turn(crowded_town: Town) -> None:
    town = crowded_town
    since = len(town.server.log)
    connect = "40/chat," + json.dumps({"token": town.tokens["cleo"]})
    for body in (
        "4" + "2/" + DIGITS,
        "\x1e" * 1_000_000,
        "\x1e".join(["40/nowhere,"] * 2_000),
        "\x1e".join(['42/chat,1["rooms:list",{}]'] * 2_000),
        "b" + "A" * 1_000_000,
        "d=4" + "%41" * 300_000,
        "4" + "[]," * 330_000,
    ):
        async with Polling(town.server.url) as cleo:
            assert await cleo.posts(connect) == 200
            assert await cleo.posts(body) in (200, 400)
    assert await town.server.status("/readyz") == 200
    assert_no_long_turn(town, since)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_ten_thousand_who_leave_at_once_hold_nobody_up(
    crowded_town: Town, kind: Kind
) -> None:
    town = crowded_town
    room = await town.opens(f"ten thousand {kind}")
    async with (
        crowd(town.server.url, names(town), LONG, kind) as people,
        watch_others(town.server.url, town.tokens["ben"], room) as others,
    ):
        people.leaves()
        await all_are_gone(town)
    others.assert_undisturbed()


@pytest.mark.slow
async def test_ten_thousand_who_fall_silent_at_once_hold_nobody_up(crowded_town: Town) -> None:
    town = crowded_town
    room = await town.opens("ten thousand silent")
    async with (
        crowd(town.server.url, names(town), LONG) as people,
        watch_others(town.server.url, town.tokens["ben"], room) as others,
    ):
        people.falls_silent()
        await all_are_gone(town)
    others.assert_undisturbed()
