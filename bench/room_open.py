"""How long a room takes to open in the browser: one with many messages next to an empty one.

    python -m bench.room_open [--messages 100000] [--rounds 15]

Both rooms on one server, opened in turn in one Chromium, measured from the navigation to the first
paint of the conversation with its connection up. Prints the medians and their ratio as JSON.
"""

import argparse
import asyncio
import json
import time
from statistics import median
from typing import Any

import pymongo
from playwright.async_api import Page

from bench.history import fill
from bench.parley import started
from tests.browser.chromium import running
from tests.harness.server import Server
from tests.harness.town import PASSWORD, Town


async def is_connected(page: Page) -> None:
    await page.locator("#status-line", has_text="Connected").wait_for()


async def open_once(page: Page, url: str) -> float:
    """Milliseconds until the conversation is painted and the connection is up."""
    await page.goto("about:blank")
    began = time.perf_counter()
    await page.goto(url, wait_until="commit")
    await page.wait_for_selector("#messages [data-list] > *")
    await is_connected(page)
    return (time.perf_counter() - began) * 1000


async def measure(messages: int, rounds: int) -> dict[str, Any]:
    async with started() as server:
        return await compare(server, messages, rounds)


async def compare(server: Server, messages: int, rounds: int) -> dict[str, Any]:
    town = Town(server)
    await town.is_founded()
    full = await town.creates("full")
    await town.creates("empty")
    database = server.command("db", "url")["url"]
    await asyncio.to_thread(
        fill, pymongo.MongoClient(database)["parley"], full, town.users["ana"]["id"], messages
    )
    # Entries written past the server are seen by a server that starts afterwards.
    await server.stops()
    await server.starts()
    times: dict[str, list[float]] = {"full": [], "empty": []}
    async with running() as browser:
        page = await browser.new_page()
        await page.goto(f"{server.url}/login")
        await page.fill("input[name=username]", "ana")
        await page.fill("input[name=password]", PASSWORD)
        await page.keyboard.press("Enter")
        await is_connected(page)
        for number in range(rounds + 2):
            for name in times:
                took = await open_once(page, f"{server.url}/rooms/{name}")
                if number >= 2:  # The first ones warm the caches of both.
                    times[name].append(took)
    medians = {f"{name}_ms": round(median(each), 1) for name, each in times.items()}
    ratio = round(median(times["full"]) / median(times["empty"]), 2)
    return {"messages": messages, "rounds": rounds, **medians, "ratio": ratio}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print(json.dumps(asyncio.run(measure(options.messages, options.rounds))))


if __name__ == "__main__":
    main()
