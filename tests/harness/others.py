"""How other people fare while a server is given something hostile: `/healthz` and one member.

    async with watch_others(server.url, token, room) as others:
        ...  # whatever must not hold anybody up
    others.assert_undisturbed()

The probe is a process of its own, so that what the test does itself does not count.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from time import perf_counter
from urllib.parse import urlsplit

import aiohttp

from tests.harness.waiting import WITHIN_S

HEALTH_WITHIN_MS = 250.0
ACK_WITHIN_MS = 1_500.0
PAUSE_S = 0.02
# One that takes longer has failed; it is measured up to here.
GIVES_UP_S = 120.0


@dataclass
class Others:
    """Milliseconds of each `/healthz` and each acknowledged message, in order, and what failed."""

    health_ms: list[float] = field(default_factory=list)
    ack_ms: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def assert_undisturbed(self) -> None:
        """Fail unless all were answered in time and the member's one connection was never lost."""
        assert self.failures == []
        assert self.health_ms, "/healthz was not asked once"
        assert self.ack_ms, "no message was acknowledged"
        assert max(self.health_ms) <= HEALTH_WITHIN_MS, f"/healthz took {max(self.health_ms)} ms"
        assert max(self.ack_ms) <= ACK_WITHIN_MS, f"an ack took {max(self.ack_ms)} ms"


@asynccontextmanager
async def watch_others(url: str, token: str, room: str) -> AsyncIterator[Others]:
    """Measure while the block runs: the holder of `token`, a member of `room`, writes into it.

    The yielded object is filled in at the end of the block. The server needs `UNLIMITED` settings
    (those of `tests.harness.server`), as about 40 messages a second are sent.
    """
    probe = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.harness.others", url, token, room),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    assert probe.stdin is not None
    assert probe.stdout is not None
    others = Others()
    try:
        async with asyncio.timeout(WITHIN_S):
            assert await probe.stdout.readline() == b"ready\n", "the probe does not get through"
        yield others
        probe.stdin.close()
        async with asyncio.timeout(GIVES_UP_S):
            measured = json.loads(await probe.stdout.read())
        for name, values in measured.items():
            getattr(others, name).extend(values)
    finally:
        if probe.returncode is None:
            probe.kill()
        await probe.wait()


# The process that measures.


async def measure(url: str, token: str, room: str) -> None:
    """Until standard input ends; then print what was measured."""
    others, over = Others(), asyncio.Event()
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(f"{url}/ws")
        await socket.send_json({"type": "auth", "token": token})
        while (await socket.receive_json())["type"] != "ready":
            pass

        async def writes(number: int) -> None:
            asked = {"room": room, "client_id": f"probe-{number}", "text": "still here"}
            await socket.send_json({"type": "message:send", "id": number, "payload": asked})
            while (answer := await socket.receive_json()).get("id") != number:
                pass
            if not answer["payload"]["ok"]:
                others.failures.append(str(answer))

        async def looks(_: int) -> None:
            status = await health(url)
            if status != b"200":
                others.failures.append(f"/healthz said {status!r}")

        # Once each before anybody counts: the first takes longer.
        await looks(0)
        await writes(0)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        asyncio.get_running_loop().add_reader(sys.stdin, over.set)
        await asyncio.gather(
            timed(looks, others.health_ms, others.failures, over),
            timed(writes, others.ack_ms, others.failures, over),
        )
    sys.stdout.write(json.dumps(asdict(others)))


async def timed(
    work: Callable[[int], Awaitable[None]],
    taken_ms: list[float],
    failures: list[str],
    over: asyncio.Event,
) -> None:
    """Do `work` again and again, at least once, until it is `over` or fails."""
    number = 0
    while not over.is_set() or number == 0:
        number += 1
        began = perf_counter()
        try:
            async with asyncio.timeout(GIVES_UP_S):
                await work(number)
        except (OSError, TypeError, ValueError, aiohttp.ClientError) as error:
            failures.append(f"{getattr(work, '__name__', work)}: {error!r}")
            return
        finally:
            taken_ms.append(round((perf_counter() - began) * 1000, 1))
        await asyncio.sleep(PAUSE_S)


async def health(url: str) -> bytes:
    """The status that `/healthz` answers with, on a connection of its own as balancers do."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n")
        return (await reader.readline()).split()[1]
    finally:
        writer.close()


if __name__ == "__main__":
    asyncio.run(measure(*sys.argv[1:]))
