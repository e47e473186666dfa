"""How long a person waits for a room in Chromium, on a slow line and when going back and forth.

    python -m bench.slow_line [--rounds 5] [--before REF]

The line has 1.6 Mbit/s and 150 ms for each request, the processor is slowed down four times (by the
Chrome DevTools Protocol). A room is readable when its messages are painted: cold with an empty
cache, warm with a filled one. A switch leads to a room that was open before, on the same line; it
is measured from the click to the paint, at full speed and slowed down, and in processor time, which
tells more on a busy machine. `--before` measures the
checkout of that revision too, beside. Prints medians as a table.
"""

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import pymongo
from playwright.async_api import Browser, BrowserContext, CDPSession, Page

from bench.history import fill
from bench.parley import started
from tests.browser.chromium import running
from tests.harness.server import ROOT, Server
from tests.harness.town import PASSWORD, Town

LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWED = 4
ROOMS = 20
MESSAGES = 200
AIMS = {
    "cold_ms": "2500",
    "cold_requests": "12",
    "cold_scripts_kb": "150",
    "warm_ms": "1000",
    "switch_ms": "50",
}
# Notes when the first message is painted: two frames after it is in the document.
WATCH = """
  const text = () => document.querySelector("#messages [data-list] [data-content]")?.textContent;
  const painted = () => { window.readableAt = performance.now(); };
  const look = () => {
    if (!text()) return requestAnimationFrame(look);
    requestAnimationFrame(() => requestAnimationFrame(painted));
  };
  if (location.pathname.startsWith("/rooms/")) requestAnimationFrame(look);
"""
LOADED = """() => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("nothing was readable within a minute")), 60_000);
  const look = () => {
    if (!window.readableAt) return setTimeout(look, 50);
    const all = performance.getEntriesByType("resource").filter((e) => e.startTime < readableAt);
    const kilobytes = (kind) => all.filter((e) => new URL(e.name).pathname.endsWith(kind))
      .reduce((sum, e) => sum + e.encodedBodySize, 0) / 1024;
    const [page] = performance.getEntriesByType("navigation");
    resolve({ ms: readableAt, requests: all.length + 1, scripts_kb: kilobytes(".js"),
      sheets_kb: kilobytes(".css"), page_kb: page.encodedBodySize / 1024 });
  };
  look();
})"""
SWITCH = """(slug) => new Promise((resolve) => {
  const link = document.querySelector(`#sidebar a[href$="/rooms/${slug}"]`);
  const began = performance.now();
  link.click();
  const look = () => {
    const title = document.querySelector("[data-title]").textContent;
    const shown = document.querySelectorAll("#messages :not(.is-away) > article [data-content]");
    const last = [...shown].at(-1);
    if (title !== slug || !last) return requestAnimationFrame(look);
    setTimeout(() => resolve(performance.now() - began));
  };
  requestAnimationFrame(look);
})"""


async def measure(rounds: int) -> dict[str, float]:
    """The medians of this checkout."""
    async with started() as server:
        town = Town(server)
        await town.is_founded()
        slugs = await settled(town)
        async with running() as browser:
            loads = await measure_loads(browser, server, slugs[0], rounds)
            return loads | await measure_switches(browser, server, slugs, rounds)


async def settled(town: Town) -> list[str]:
    """Rooms with a past, as a server sees them that starts afterwards."""
    server = town.server
    slugs = [f"room-{number:02}" for number in range(ROOMS)]
    ids = [await town.creates(slug, "open", "ben", "cleo", "dana") for slug in slugs]
    database = pymongo.MongoClient[Any](server.command("db", "url")["url"])["parley"]
    for room_id in ids:
        await asyncio.to_thread(fill, database, room_id, town.users["ana"]["id"], MESSAGES)
    await server.stops()
    await server.starts()
    return slugs


async def signed_in(browser: Browser, server: Server) -> BrowserContext:
    """A profile with an empty cache."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    credentials = {"username": "ana", "password": PASSWORD}
    answer = await context.request.post(f"{server.url}/api/session", data=credentials)
    assert answer.ok, await answer.text()
    return context


async def slowed(page: Page, factor: int) -> CDPSession:
    """The page behind the slow line."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", LINE)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": factor})
    return session


async def measure_loads(
    browser: Browser, server: Server, slug: str, rounds: int
) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        context = await signed_in(browser, server)
        page = await context.new_page()
        await page.add_init_script(WATCH)
        await slowed(page, SLOWED)
        for kind in ("cold", "warm"):
            await page.goto("about:blank")
            await page.goto(f"{server.url}/rooms/{slug}", wait_until="commit")
            for name, value in (await page.evaluate(LOADED)).items():
                found.setdefault(f"{kind}_{name}", []).append(value)
            await page.wait_for_load_state("networkidle")
        await context.close()
    return {name: median(values) for name, values in found.items()}


async def measure_switches(
    browser: Browser, server: Server, slugs: list[str], rounds: int
) -> dict[str, float]:
    context = await signed_in(browser, server)
    page = await context.new_page()
    await page.goto(f"{server.url}/rooms/{slugs[0]}")
    await page.locator("#status-line", has_text="Connected").wait_for()
    for slug in (*slugs, *reversed(slugs)):  # Each is open once, and its messages are there.
        await page.evaluate(SWITCH, slug)
    session = await slowed(page, 1)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    found: dict[str, float] = {}
    for name, factor in (("switch_ms", 1), ("switch_slowed_ms", SLOWED)):
        await session.send("Emulation.setCPUThrottlingRate", {"rate": factor})
        busy = await _busy_ms(session)
        times = [await page.evaluate(SWITCH, slug) for _ in range(rounds) for slug in slugs]
        found[name] = median(times)
        found[name.replace("_ms", "_processor_ms")] = (await _busy_ms(session) - busy) / len(times)
        found[name.replace("_ms", "_longest_ms")] = max(times)
    await context.close()
    return found


async def _busy_ms(session: CDPSession) -> float:
    """Processor time of the page's tasks until now."""
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return next(each["value"] * 1000 for each in metrics if each["name"] == "TaskDuration")


def measure_checkout(ref: str, rounds: int) -> dict[str, float]:
    """The medians of another revision, measured by this same module."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        _run("git", "worktree", "add", "-q", "--detach", str(tree), ref, cwd=ROOT)
        try:
            for name in (".venv", "node_modules"):
                (tree / name).symlink_to((ROOT / name).resolve())
            # Linked files under static/ are not served.
            shutil.copytree(ROOT / "static" / "vendor", tree / "static" / "vendor")
            shutil.copy(__file__, tree / "bench" / Path(__file__).name)
            _bundle(tree)
            command = (sys.executable, "-m", "bench.slow_line", "--json", "--rounds", str(rounds))
            answer: dict[str, float] = json.loads(_run(*command, cwd=tree))
            return answer
        finally:
            _run("git", "worktree", "remove", "--force", str(tree), cwd=ROOT)


def _bundle(tree: Path) -> None:
    """As `make run` does. Older revisions have no bundles."""
    if (tree / "scripts" / "bundle.js").exists():
        _run("scripts/with-node", "node", "scripts/bundle.js", cwd=tree)


def _run(*command: str, cwd: Path) -> str:
    return subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True).stdout


def table(now: dict[str, float], before: dict[str, float] | None) -> str:
    """Markdown: each figure, its aim, and the one of the version before."""
    lines = [
        "| | aim | now |" + (" before |" if before else ""),
        "|---|---|---|" + "---|" * bool(before),
    ]
    for name, value in now.items():
        cells = [name, AIMS.get(name, ""), f"{value:.0f}"]
        if before:
            cells.append(f"{before[name]:.0f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--before", metavar="REF", help="a revision to compare with")
    parser.add_argument("--json", action="store_true", help="print JSON, without a comparison")
    options = parser.parse_args()
    if options.json:
        print(json.dumps(asyncio.run(measure(options.rounds))))
        return
    before = measure_checkout(options.before, options.rounds) if options.before else None
    _bundle(ROOT)
    print(table(asyncio.run(measure(options.rounds)), before))


if __name__ == "__main__":
    main()
