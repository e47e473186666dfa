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
from bench.cases import acks, busy, growth, idle, pages, resume, transports
from bench.field import Effort
from bench.machine import LOAD_CORE, pin
from bench.parley import parley
from bench.report import Section
from tests.harness.server import Server

Case = Callable[[], Awaitable[Section]]


def cases(server: Server, effort: Effort, options: argparse.Namespace) -> dict[str, Case]:
    """By name, in the order of the page."""
    items: int = options.items
    return {
        "busy": lambda: busy.measure(server, effort, options.largest),
        "idle": idle.measure,
        "ack": lambda: acks.lone(server, effort),
        "post": lambda: acks.posts(server, effort),
        "page": lambda: pages.measure(server, effort),
        "ways": lambda: transports.measure(server, effort),
        "resume": lambda: resume.measure(server, effort),
        "past": lambda: growth.log(server, effort, items),
        "open": lambda: growth.opening(effort.rounds * 3),
    }


async def measure(options: argparse.Namespace) -> list[Section]:
    pin(os.getpid(), LOAD_CORE)
    effort = Effort(options.rounds, options.seconds)
    sections: list[Section] = []
    async with parley() as server:
        for name, case in cases(server, effort, options).items():
            if options.only and name not in options.only.split(","):
                continue
            try:
                sections.append(await case())
            except Exception as error:  # noqa: BLE001  # told in the page; the others go on
                traceback.print_exc(limit=-3)
                sections.append(page.failed(name, error))
        server.assert_clean_log()
    return sections


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round")
    parser.add_argument("--items", type=int, default=1_000_000, help="of the room with a past")
    parser.add_argument("--largest", type=int, default=5_000, help="leave out larger rooms")
    parser.add_argument("--only", default="", metavar="CASES", help="of: busy, idle, ack, …")
    parser.add_argument("--write", type=Path, metavar="FILE", help="such as docs/BENCHMARKS.md")
    options = parser.parse_args()
    sections = asyncio.run(measure(options))
    text = page.written(sections, Effort(options.rounds, options.seconds))
    print(text)
    if options.write is not None:
        page.save(options.write, text, sections)


if __name__ == "__main__":
    main()
