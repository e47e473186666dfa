"""Starts a server with believable people, rooms and a day of talk, some of it while one looks on.

    make demo                      everything is gone when it stops
    make demo ARGS="--every 3"     somebody writes every three seconds

It listens on this machine only and says how to sign in. The texts of the people are in
demo_content.py.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
from contextlib import AsyncExitStack, suppress
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from demo_content import ADMIN, LIVE, PEOPLE, SCENE  # noqa: E402
from demo_stage import Stage, connected  # noqa: E402

from tests.harness.person import Person  # noqa: E402
from tests.harness.server import Server  # noqa: E402
from tests.harness.town import PASSWORD, Town  # noqa: E402

OTHERS = [name for name in PEOPLE if name != ADMIN]
TYPED_A_SECOND = 18
# Of analytics; more of them take longer to make up.
DAYS = 15


async def show(folder: Path, every_s: float) -> None:
    """Serve from `folder` until this task is cancelled."""
    server = Server(folder)
    try:
        print("Preparing a day of talk; this takes about half a minute.", flush=True)
        await server.starts()
        stage = Stage(Town(server))
        await stage.is_set()
        await server.stops()
        await stage.has_been_counted(DAYS)
        await server.starts()
        await stage.is_read()
        print(f"Parley is ready: {server.url}", flush=True)
        print(f"Sign in as {ADMIN} (an admin) or {OTHERS[0]}, password: {PASSWORD}", flush=True)
        print("Ctrl-C ends it.", flush=True)
        await talk(stage, every_s)
    finally:
        server.ends()


async def talk(stage: Stage, every_s: float) -> None:
    """Let people be there, type and write, for ever."""
    async with AsyncExitStack() as stack:
        people: dict[str, Person] = {}
        for name in OTHERS:
            people[name] = await stack.enter_async_context(connected(stage.town, name))
            await people[name].joins(stage.rooms[SCENE])
        for name, slug, text in cycle(LIVE):
            await asyncio.sleep(every_s / 2)
            await says(people[name], stage.rooms[slug], text, every_s)


async def says(person: Person, room: str, text: str, every_s: float) -> None:
    """Type for as long as it takes, at most half of the time between two messages; then send it."""
    await person.asks("room:join", {"room": room})
    await person.asks("typing:start", {"room": room})
    await asyncio.sleep(min(len(text) / TYPED_A_SECOND, every_s / 2))
    await person.asks("message:send", {"room": room, "text": text})


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=float, default=12, metavar="SECONDS", help="between two")
    every_s = parser.parse_args().every
    with tempfile.TemporaryDirectory(prefix="parley-demo-") as folder:
        showing = asyncio.create_task(show(Path(folder), every_s))
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, showing.cancel)
        with suppress(asyncio.CancelledError):
            await showing


if __name__ == "__main__":
    asyncio.run(main())
