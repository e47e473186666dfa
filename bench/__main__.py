"""Everything that is measured, in one run, as a page: what `make bench` does.

    python -m bench [--rounds 3] [--seconds 3] [--only busy,idle] [--write FILE]

Prints the page; with `--write` it is put into the file too, and the charts beside it. Each case
says on the error output what it is at. A case that fails is named in the page and ends no other.
"""

import argparse
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench import page
from bench.cases import acks, busy, first, growth, idle, pages, resume, storm, transports
from bench.field import Effort
from bench.machine import LOAD_CORE, pin
from bench.parley import parley
from bench.report import Section
from tests.harness.server import Server

Case = Callable[[Server, Effort, argparse.Namespace], Awaitable[Section]]

# By name, in the order of the page.
CASES: dict[str, Case] = {
    "busy": lambda server, effort, asked: busy.measure(server, effort, asked.largest),
    "idle": lambda server, _effort, _asked: idle.measure(server),
    "ack": lambda server, effort, _asked: acks.lone(server, effort),
    "post": lambda server, effort, _asked: acks.posts(server, effort),
    "page": lambda server, effort, _asked: pages.measure(server, effort),
    "ways": lambda server, effort, _asked: transports.measure(server, effort),
    "resume": lambda server, _effort, _asked: resume.measure(server),
    "storm": lambda server, _effort, _asked: storm.measure(server),
    "first": lambda server, effort, _asked: first.measure(server, effort),
    "past": lambda server, effort, asked: growth.log(server, effort, asked.items),
    "open": lambda _server, effort, _asked: growth.opening(effort.rounds * 3),
}


async def measure(options: argparse.Namespace) -> list[Section]:
    pin(os.getpid(), LOAD_CORE)
    effort = Effort(options.rounds, options.seconds)
    sections: list[Section] = []
    for name in options.only.split(",") if options.only else CASES:
        try:
            # Each on a server of its own: what one case left behind is not what the next measures.
            async with parley() as server:
                sections.append(await CASES[name](server, effort, options))
                server.assert_clean_log()
        except Exception as error:  # noqa: BLE001  # told in the page; the others go on
            traceback.print_exc(limit=-3)
            sections.append(page.failed(name, error))
    return sections


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round")
    parser.add_argument("--items", type=int, default=1_000_000, help="of the room with a past")
    parser.add_argument("--largest", type=int, default=5_000, help="leave out larger rooms")
    parser.add_argument("--only", default="", metavar="CASES", help="of: " + ", ".join(CASES))
    parser.add_argument("--write", type=Path, metavar="FILE", help="such as docs/BENCHMARKS.md")
    options = parser.parse_args()
    sections = asyncio.run(measure(options))
    text = page.written(sections, Effort(options.rounds, options.seconds))
    print(text)
    if options.write is not None:
        page.save(options.write, text, sections)


if __name__ == "__main__":
    main()
