"""The cost of a crowd in one room: bytes to all of its members, and processor time of the server.

    python -m bench.crowds [--sizes 300,1000] [--json]

In each round N people with a connection of their own, over `/ws`, are in one room. All come in; all
read one message; all type; all react to it; one calls everyone; somebody reads that in the history;
one comes back with a cursor and misses nothing; a page is loaded. Prints a table for each size, and
how much faster than N each row has grown from the first size. Bytes are exact; seconds are as quiet
as the machine is. `healthz_ms` is the slowest answer of `/healthz` meanwhile.
"""

import argparse
import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
from msgspec import Struct

from bench.machine import processor_s
from bench.parley import parley
from bench.people import settlement

KIND = re.compile(r'\{"type":"([\w:]+)"')
COMING_AT_ONCE = 50
QUIET_S = 0.8
WITHIN_S = 120.0
LOOKS_EVERY_S = 0.05
EMOJI = "👍"
# One for each person, a moment later: not of the room.
NOT_OF_THE_ROOM = {"notification"}


class Row(Struct, frozen=True):
    """The cost of one thing that a crowd does."""

    name: str
    bytes: int
    cpu_s: float = 0.0
    healthz_ms: float = 0.0
    kinds: dict[str, int] = {}


class Visitor:
    """One connection to `/ws` that counts what it is sent, by type."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, crowd: "Crowd") -> None:
        self._socket = socket
        self._crowd = crowd
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._number = 0

    async def runs(self) -> None:
        async for message in self._socket:
            self._crowd.hears(message.data)
            if message.data.startswith('{"type":"ack"'):
                self._answered(message.data)

    def _answered(self, frame: str) -> None:
        told = json.loads(frame)
        answer = self._waiting.pop(told["id"])
        answer.set_result({**told["payload"], "bytes": len(frame.encode())})

    async def does(self, event: str, **payload: Any) -> dict[str, Any]:
        """The answer to an event, with its `bytes` on the wire."""
        self._number += 1
        answer = self._waiting[self._number] = asyncio.get_running_loop().create_future()
        asked = {"type": event, "id": self._number, "payload": payload}
        await self._socket.send_json(asked)
        async with asyncio.timeout(WITHIN_S):
            found = await answer
        assert found["ok"], (event, found)
        return found


class Crowd:
    """The connections of many people to one room of a server."""

    def __init__(self, url: str, room: str, tokens: Sequence[str], quiet_s: float) -> None:
        self.url = url
        self.room = room
        self.tokens = tokens
        self.visitors: list[Visitor] = []
        self.kinds: Counter[str] = Counter()
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._quiet_s = quiet_s
        self._heard_at = 0.0
        self._reading: list[asyncio.Task[None]] = []

    def hears(self, frame: str) -> None:
        found = KIND.match(frame)
        kind = found[1] if found else "other"
        if kind in NOT_OF_THE_ROOM:
            return
        self.kinds[kind] += len(frame.encode())
        self._heard_at = time.perf_counter()

    async def __aenter__(self) -> "Crowd":
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)
        await self.session.close()

    async def enters(self, token: str) -> Visitor:
        """One more connection, signed in."""
        socket = await self.session.ws_connect(f"{self.url}/ws", max_msg_size=0)
        await socket.send_json({"type": "auth", "token": token})
        visitor = Visitor(socket, self)
        self._reading.append(asyncio.create_task(visitor.runs()))
        return visitor

    async def comes_in(self) -> None:
        """Everybody connects and joins the room."""
        places = asyncio.Semaphore(COMING_AT_ONCE)

        async def comes(token: str) -> None:
            async with places:
                visitor = await self.enters(token)
                await visitor.does("room:join", room=self.room)
                self.visitors.append(visitor)

        await asyncio.gather(*map(comes, self.tokens))

    async def all_do(self, event: str, **payload: Any) -> None:
        """Everybody does the same at once."""
        await asyncio.gather(*(one.does(event, room=self.room, **payload) for one in self.visitors))

    async def is_quiet(self) -> None:
        """Wait until nobody is told anything more."""
        self._heard_at = time.perf_counter()
        async with asyncio.timeout(WITHIN_S):
            while True:
                left_s = self._heard_at + self._quiet_s - time.perf_counter()
                if left_s <= 0:
                    return
                await asyncio.sleep(left_s)


class Bill:
    """Writes down what each thing costs. `spent_s` is the processor time of the server so far."""

    def __init__(self, crowd: Crowd, spent_s: Callable[[], float]) -> None:
        self.rows: list[Row] = []
        self._crowd = crowd
        self._spent_s = spent_s

    async def of(self, name: str, doing: Awaitable[Any]) -> None:
        """Note what `doing` costs until all is quiet again."""
        crowd = self._crowd
        crowd.kinds.clear()
        before, slowest = self._spent_s(), [0.0]
        asking = asyncio.create_task(asks(crowd, slowest))
        await doing
        await crowd.is_quiet()
        asking.cancel()
        spent = self._spent_s() - before
        kinds = dict(crowd.kinds.most_common(4))
        self.rows.append(Row(name, crowd.kinds.total(), spent, slowest[0], kinds))

    def one(self, name: str, size: int) -> None:
        """Note how large one answer is."""
        self.rows.append(Row(name, size))


async def asks(crowd: Crowd, slowest: list[float]) -> None:
    """Keep in `slowest` how long the slowest answer of `/healthz` takes, in milliseconds."""
    while True:
        began = time.perf_counter()
        async with crowd.session.get(f"{crowd.url}/healthz") as answer:
            await answer.read()
        slowest[0] = max(slowest[0], (time.perf_counter() - began) * 1000)
        await asyncio.sleep(LOOKS_EVERY_S)


async def measure(crowd: Crowd, spent_s: Callable[[], float] = time.process_time) -> list[Row]:
    """The rows of one crowd, in order."""
    bill = Bill(crowd, spent_s)
    await bill.of("all come in", crowd.comes_in())
    first = crowd.visitors[0]
    said = await first.does("message:send", room=crowd.room, text="hello all")
    await crowd.is_quiet()
    await bill.of("all read one message", crowd.all_do("room:read", seq=said["seq"]))
    await bill.of("all type", crowd.all_do("typing:start"))
    await bill.of("all stop to type", crowd.all_do("typing:stop"))
    await bill.of("all react to it", crowd.all_do("reaction:add", id=said["id"], emoji=EMOJI))
    calling = first.does("message:send", room=crowd.room, text="@everyone: lunch")
    await bill.of("one calls everyone", calling)
    read = await first.does("room:history", room=crowd.room, before=2**53 - 1, limit=2)
    bill.one("both of it in a history", read["bytes"])
    again = await crowd.enters(crowd.tokens[0])
    joined = await again.does("room:join", room=crowd.room)
    bill.one("a join", joined["bytes"])
    held = {name: joined[name] for name in ("members_rev",) if name in joined}
    back = await crowd.enters(crowd.tokens[0])
    joined = await back.does("room:join", room=crowd.room, cursor=joined["rev"], **held)
    bill.one("a reconnect with nothing new", joined["bytes"])
    return bill.rows


async def page_bytes(crowd: Crowd, cookie: str) -> int:
    """How large the HTML of the room's page is."""
    headers = {"Cookie": f"parley_session={cookie}"}
    async with crowd.session.get(f"{crowd.url}/rooms/{crowd.room}", headers=headers) as answer:
        assert answer.status == 200, answer.status
        return len(await answer.read())


async def run(size: int) -> list[Row]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(parley())
        village = await stack.enter_async_context(settlement(server))
        people = await village.people(size)
        room = await village.room(people)
        tokens = [one.token for one in people]
        crowd = await stack.enter_async_context(
            Crowd(server.url, room, tokens, QUIET_S + size / 1_000)
        )
        return await measure(crowd, lambda: processor_s(server.process.pid))


def per_person(row: Row, size: int) -> float:
    """The bytes of a row for each of `size` people; an answer goes to one."""
    return row.bytes / size if row.kinds else row.bytes


def table(size: int, rows: Iterable[Row]) -> str:
    lines = [
        f"N = {size:,}",
        "| what | bytes | s | /healthz ms | of that |",
        "|---|--:|--:|--:|---|",
    ]
    for row in rows:
        kinds = ", ".join(f"{name} {count:,}" for name, count in row.kinds.items())
        cost = f"{row.cpu_s:.2f} | {row.healthz_ms:.0f}" if row.kinds else " | "
        lines.append(f"| {row.name} | {row.bytes:,} | {cost} | {kinds} |")
    return "\n".join(lines)


async def main(sizes: list[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for size in sizes:
        found[size] = await run(size)
        print(table(size, found[size]), flush=True)
        if size != sizes[0]:
            for first, row in zip(found[sizes[0]], found[size], strict=True):
                times = per_person(row, size) / per_person(first, sizes[0])
                spent = row.cpu_s / first.cpu_s / (size / sizes[0]) if first.cpu_s else 0
                print(f"  {row.name}: bytes grew {times:.2f} × as fast as N, seconds {spent:.2f} ×")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="300,1000")
    asked = parser.parse_args()
    asyncio.run(main([int(each) for each in asked.sizes.split(",")]))
