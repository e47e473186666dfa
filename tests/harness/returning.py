"""Many plain WebSockets in a process of their own that are sent from one node to another.

async with returning(old.url, new.url, tokens, 200) as crowd:
    ...  # drain the old node
    came = await crowd.came()  # once the new one has let all of them in
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import urlsplit

import uvloop

from tests.harness.crowd import AT_ONCE, COMES_WITHIN_S, Client, client, client_process

LOOKS_EVERY_S = 0.01
NOTED_WITHIN_S = 0.1
LEAVING = re.compile(rb'"node:leaving","payload":\{"after_ms":(\d+)\}')


class Returning:
    """The process in which they are."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def came(self, within_s: float = COMES_WITHIN_S) -> "Came":
        """How all came back, once they have."""
        assert self._process.stdout is not None
        async with asyncio.timeout(within_s):
            return Came(**json.loads(await self._process.stdout.readline()))


@dataclass(frozen=True)
class Came:
    """`times` are the seconds at which each began to come back, sorted. `stalls` are the ends and
    the lengths of the times in which this process stood still: those who were due then come later,
    together with others."""

    times: list[float]
    stalls: list[tuple[float, float]]

    def most_in_a_second(self) -> float:
        """The most that began within any second in which this process ran: one that it stood still
        for a while lasted so much longer."""
        most, start = 0.0, 0
        for end, at in enumerate(self.times):
            while self.times[start] <= at - 1:
                start += 1
            # The note of a standstill may be made before or after those whom it kept.
            first, last = self.times[start] - NOTED_WITHIN_S, at + NOTED_WITHIN_S
            still = sum(s for ended, s in self.stalls if first <= ended <= last)
            most = max(most, (end - start + 1) / (1 + still))
        return most


@asynccontextmanager
async def returning(
    old: str, new: str, tokens: Sequence[str], size: int
) -> AsyncIterator[Returning]:
    """`size` clients on `old`; entered when all were let in there."""
    first, arguments = json.dumps(list(tokens)).encode(), (old, new, str(size))
    module = "tests.harness.returning"
    async with client_process(module, *arguments, first=first, line_bytes=2**24) as process:
        yield Returning(process)


# The process.


class Leaving(Client):
    """Notes the hint of the server that it leaves, and when the connection ends."""

    def __init__(self, plain: Client) -> None:
        super().__init__(plain._request, plain._hello, plain._sign)
        self.after_s: float | None = None
        self.is_out: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        if self.is_in.done() and (hint := LEAVING.search(data)):
            self.after_s = int(hint[1]) / 1000
        super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if not self.is_out.done():
            self.is_out.set_result(None)


async def move(old: str, new: str, size: int, tokens: list[str]) -> None:
    """All come to `old`, and go to `new` when they are told to."""
    loop = asyncio.get_running_loop()
    places = asyncio.Semaphore(AT_ONCE)

    async def enters(url: str, token: str) -> Leaving:
        address = urlsplit(url)
        made = Leaving(client("plain", address.netloc, token))
        await loop.create_connection(lambda: made, address.hostname, address.port)
        await made.is_in
        return made

    async def comes(token: str) -> Leaving:
        async with places:
            return await enters(old, token)

    async def moves(one: Leaving, token: str) -> float:
        await one.is_out
        assert one.after_s is not None, "it was not told to leave"
        await asyncio.sleep(one.after_s)
        began = time.monotonic()
        stays.append(await enters(new, token))
        return began

    stays: list[Leaving] = []
    shared = [token for token, _ in zip(cycle(tokens), range(size), strict=False)]
    people = await asyncio.gather(*map(comes, shared))
    _say("ready")
    stalls: list[tuple[float, float]] = []
    watching = asyncio.create_task(watch(stalls))
    times = await asyncio.gather(*map(moves, people, shared))
    watching.cancel()
    _say(json.dumps({"times": sorted(times), "stalls": stalls}))
    await asyncio.Event().wait()


async def watch(stalls: list[tuple[float, float]]) -> None:
    """Note when this process comes late to its work, and how late."""
    while True:
        due = time.monotonic() + LOOKS_EVERY_S
        await asyncio.sleep(LOOKS_EVERY_S)
        now = time.monotonic()
        if now - due >= LOOKS_EVERY_S:
            stalls.append((now, now - due))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _, came_from, went_to, many = sys.argv
    uvloop.run(move(came_from, went_to, int(many), json.loads(sys.stdin.readline())))
