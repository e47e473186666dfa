"""Takes the pictures of the documentation: a real server, real people, a real browser.

`make screenshots` writes them into docs/pictures/.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from analytics_demo import fill  # noqa: E402
from analytics_life import PAGES, Life  # noqa: E402
from pictures import (  # noqa: E402
    ADMIN,
    CONVERSATION,
    DIRECT,
    ELSEWHERE,
    PEOPLE,
    PRIVATE,
    READ,
    ROOMS,
    SCENE,
    Said,
)
from playwright.async_api import Browser, Page  # noqa: E402

from app.cli.open_database import open_database  # noqa: E402
from app.settings_loader import load_settings  # noqa: E402
from app.storage.mongo import Database  # noqa: E402
from tests.browser import chromium  # noqa: E402
from tests.browser.reader import Reader  # noqa: E402
from tests.browser.witness import Witness  # noqa: E402
from tests.checker.history import History  # noqa: E402
from tests.harness.person import Person  # noqa: E402
from tests.harness.server import Server  # noqa: E402
from tests.harness.town import PASSWORD, Town  # noqa: E402

FOLDER = ROOT / "docs" / "pictures"
DESK = {"viewport": {"width": 1280, "height": 800}}
WIDE = {"viewport": {"width": 1280, "height": 2060}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}


class Stage:
    """The town of the pictures, settled and talked in."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.rooms: dict[str, str] = {}
        self._moments: dict[str, datetime] = {}

    async def is_set(self) -> None:
        """Everybody has an account and has said what they have to say."""
        for name in sorted(PEOPLE, key=lambda name: name != ADMIN):
            await self._settle(name)
        for name, topic in ROOMS:
            await self._furnish(name, "open", topic, tuple(PEOPLE))
        await self._furnish(PRIVATE[0], "private", PRIVATE[1], PRIVATE[2])
        ids: list[str] = []
        for said in CONVERSATION:
            ids.append(await self._say(self.rooms[SCENE], said, ids))
        for slug, said in ELSEWHERE:
            await self._say(self.rooms[slug], said, [])
        await self._talk_in_private()
        await self._spread_over_the_day()

    async def _settle(self, name: str) -> None:
        options = ["--display-name", PEOPLE[name], *(["--admin"] if name == ADMIN else [])]
        create = ("users", "create", name, "--password-stdin", *options)
        self.town.users[name] = await self.town.server.runs(*create, stdin=PASSWORD)
        await self.town.returns(name)

    async def _furnish(self, name: str, kind: str, topic: str, members: tuple[str, ...]) -> None:
        slug = name.lower().replace(" ", "-")
        status, room = await self.town.calls("GET", f"/api/rooms/{slug}", by=ADMIN)
        if status == 404:
            room = {"id": await self.town.creates(name, kind, *members)}
        self.rooms[slug] = room["id"]
        if topic:
            await self._ask(ADMIN, "room:update", {"room": room["id"], "topic": topic})

    async def _ask(self, name: str, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        async with connected(self.town, name) as person:
            answer = await person.asks(event, payload)
            assert answer["ok"], answer
            return answer

    async def _say(self, room: str, said: Said, earlier: list[str]) -> str:
        body: dict[str, Any] = {"text": said.text}
        if said.reply_to is not None:
            body["reply_to"] = earlier[said.reply_to]
        path = f"/api/rooms/{room}/messages"
        status, message = await self.town.calls("POST", path, by=said.by, json=body)
        assert status == 201, message
        self._moments[message["id"]] = datetime.now(UTC) - timedelta(minutes=said.ago_min)
        for name, emoji in said.reactions:
            details = {"room": room, "id": message["id"], "emoji": emoji}
            await self._ask(name, "reaction:add", details)
        message_id: str = message["id"]
        return message_id

    async def _talk_in_private(self) -> None:
        name, said = DIRECT
        room = (await self._ask(name, "direct:open", {"user": ADMIN}))["room"]["id"]
        await self._say(room, said, [])

    async def _spread_over_the_day(self) -> None:
        """The server stamps what it commits; for a picture of a day the stamps are moved."""
        url = (await self.town.server.runs("db", "url"))["url"]
        database = await Database.open(url)
        entries = database.collection("entries")
        for message_id, moment in self._moments.items():
            await entries.update_one({"_id": message_id}, {"$set": {"at": moment}})
        older = datetime.now(UTC) - timedelta(minutes=4000)
        untouched = {"_id": {"$nin": list(self._moments)}, "kind": "item"}
        await entries.update_many(untouched, {"$set": {"at": older}})
        await database.close()

    async def has_been_counted(self) -> None:
        """Half a year of figures, in a zone where it is afternoon now; the server is stopped."""
        data = self.town.server.data
        async with open_database(load_settings({"data_dir": data}, {})) as database:
            now = datetime.now(UTC)
            zone = zone_of_afternoon(now)
            await database.collection("users").update_many({}, {"$set": {"time_zone": zone}})
            members = [user["id"] for user in self.town.users.values()]
            members += [f"member-{n:02d}" for n in range(40)]
            await fill(database, Life(now=now, zone=zone, members=members, days=181))

    async def is_busy(self, seconds: int) -> None:
        """Events that appear on the page of analytics while it is shown."""
        for second in range(seconds):
            events = [happening(second, n) for n in range(1 + second % 3)]
            path = "/api/analytics/events"
            status, answer = await self.town.calls("POST", path, by=None, json=events)
            assert status == 202, answer
            await asyncio.sleep(0.3)

    async def is_read(self) -> None:
        """ana has been in some of the rooms already."""
        for slug in READ:
            read = {"room": self.rooms[slug], "seq": 2**40}
            head = await self._ask(ADMIN, "room:sync", {"room": self.rooms[slug], "cursor": 0})
            await self._ask(ADMIN, "room:read", read | {"seq": head["rev"]})


def zone_of_afternoon(now: datetime) -> str:
    """A zone where the day is nearly over, so that a picture shows one."""
    ahead = (15 - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def happening(second: int, n: int) -> dict[str, Any]:
    """Something that somebody does."""
    visitor = f"visitor-{(second * 7 + n * 3) % 37}"
    pages = list(PAGES)
    if second % 5 == 4 and n == 0:
        properties: dict[str, Any] = {"plan": "team", "seats": 1 + second % 9}
        return {"event_type": "signup", "session_id": visitor, "properties": properties}
    page = {"path": pages[(second + n) % len(pages)]}
    return {"event_type": "page_view", "session_id": visitor, "properties": page}


@asynccontextmanager
async def connected(town: Town, name: str) -> AsyncIterator[Person]:
    """Somebody at a program, for a moment."""
    person = town.person(name, History())
    await person.connects()
    try:
        yield person
    finally:
        await person.leaves()


class Camera:
    """Opens pages as ana sees them and takes pictures."""

    def __init__(self, town: Town, browser: Browser) -> None:
        self._town = town
        self._browser = browser

    @asynccontextmanager
    async def look(self, path: str, **profile: Any) -> AsyncIterator[Reader]:
        """ana at a page; the pictures must not show an error, so none may happen."""
        context = await self._browser.new_context(locale="en-GB", **profile)
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
            await stage.has_been_counted()
            await server.starts()
            await stage.is_read()
            async with chromium.running() as browser:
                camera = Camera(stage.town, browser)
                await take_all(stage, camera)
                await _analytics(camera, stage)
        finally:
            server.ends()


if __name__ == "__main__":
    asyncio.run(main())
