"""Takes the pictures of the documentation: a real server, real people, a real browser.

`make screenshots` writes them into docs/pictures/.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from demo_content import ADMIN, SCENE  # noqa: E402
from demo_stage import Stage, connected  # noqa: E402
from playwright.async_api import Browser, Page  # noqa: E402

from tests.browser import chromium  # noqa: E402
from tests.browser.reader import Reader  # noqa: E402
from tests.browser.witness import Witness  # noqa: E402
from tests.harness.person import Person  # noqa: E402
from tests.harness.server import Server  # noqa: E402
from tests.harness.town import Town  # noqa: E402

FOLDER = ROOT / "docs" / "pictures"
DESK = {"viewport": {"width": 1280, "height": 800}}
WIDE = {"viewport": {"width": 1280, "height": 2060}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}


class Camera:
    """Opens pages as ana sees them and takes pictures."""

    def __init__(self, stage: Stage, browser: Browser) -> None:
        self._town = stage.town
        self._zone = stage.zone
        self._browser = browser

    @asynccontextmanager
    async def look(self, path: str, **profile: Any) -> AsyncIterator[Reader]:
        """ana at a page; the pictures must not show an error, so none may happen."""
        context = await self._browser.new_context(locale="en-GB", timezone_id=self._zone, **profile)
        witness = Witness(self._town.server.url)
        await witness.watch(context)
        reader = Reader(ADMIN, self._town, context, witness)
        if path != "/login":
            await reader.signs_in_quietly()
        await reader.opens_a_tab()
        await reader.goes_to(path)
        yield reader
        witness.may_be_offline = True
        await context.close()
        assert not witness.problems, witness.problems

    async def shoot(self, page: Page, name: str) -> None:
        await page.evaluate("document.fonts.ready")
        await page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", caret="hide")
        print(f"docs/pictures/{name}.png")


async def take_all(stage: Stage, camera: Camera) -> None:
    """Every picture, with the others in the room."""
    room = stage.rooms[SCENE]
    async with AsyncExitStack() as stack:
        people = {
            name: await stack.enter_async_context(connected(stage.town, name))
            for name in ("ben", "cleo", "fay", "dana")
        }
        for person in people.values():
            await person.joins(room)
            await person.asks("room:read", {"room": room, "seq": person.room(room).cursor})
        await people["dana"].asks("presence:set", {"state": "idle"})
        for theme in ("light", "dark"):
            await _room(camera, people, f"room-{theme}", color_scheme=theme, **DESK)
        await _room(camera, people, "room-phone", color_scheme="light", **PHONE)
    await _others(camera, stage)


async def _room(camera: Camera, people: dict[str, Person], name: str, **profile: Any) -> None:
    async with camera.look(f"/rooms/{SCENE}", **profile) as ana:
        await ana.is_connected()
        await ana.sees("Second half read")
        for event in ("typing:stop", "typing:start"):  # Only a start is told to those who look.
            await people["ben"].asks(event, {"room": SCENE})
        await ana.page.locator("#typing").get_by_text("Ben").wait_for()
        await camera.shoot(ana.page, name)


async def _others(camera: Camera, stage: Stage) -> None:
    await stage.town.creates("Ideas")
    async with camera.look("/rooms/ideas", **DESK) as ana:
        await ana.is_connected()
        await camera.shoot(ana.page, "room-empty")
    for path, name in (("/login", "sign-in"), ("/admin/people", "people")):
        async with camera.look(path, **DESK) as ana:
            await camera.shoot(ana.page, name)
    async with camera.look(f"/rooms/{SCENE}", **DESK) as ana:
        await ana.is_connected()
        ana.witness.may_be_offline = True
        stage.town.server.is_killed()
        await ana.sends("The train just went into the tunnel.")
        await ana.page.locator("#banner").get_by_text("is kept").wait_for()
        await camera.shoot(ana.page, "room-offline")
    await stage.town.server.starts()


async def _analytics(camera: Camera, stage: Stage) -> None:
    for name, profile in (
        ("analytics-light", {"color_scheme": "light", **WIDE}),
        ("analytics-dark", {"color_scheme": "dark", **WIDE}),
        ("analytics-phone", {"color_scheme": "light", **PHONE}),
    ):
        async with camera.look("/admin/analytics?range=24h", **profile) as ana:
            await ana.page.locator("#live", has_text="Live").wait_for()
            await ana.page.locator("#main-chart[aria-busy=false]").wait_for()
            if profile["viewport"] == WIDE["viewport"]:  # Elsewhere it is not in view, nor asked.
                await ana.page.locator("#retention .heat").first.wait_for()
            await stage.is_busy(seconds=14)
            await ana.page.locator("#feed li", has_text="signup").first.wait_for()
            await camera.shoot(ana.page, name)


async def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            await server.starts()
            stage = Stage(Town(server))
            await stage.is_set()
            await server.stops()
            await stage.has_been_counted(days=181)
            await server.starts()
            await stage.is_read()
            async with chromium.running() as browser:
                camera = Camera(stage, browser)
                await take_all(stage, camera)
                await _analytics(camera, stage)
        finally:
            server.ends()


if __name__ == "__main__":
    asyncio.run(main())
