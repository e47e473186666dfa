"""Fills a server with the people, rooms and talk of `demo_content.py`, for demos and pictures."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from analytics_demo import fill  # noqa: E402
from analytics_life import PAGES, Life  # noqa: E402
from demo_content import (  # noqa: E402
    ADMIN,
    CONVERSATION,
    DIRECT,
    ELSEWHERE,
    HOOK,
    PEOPLE,
    PRIVATE,
    READ,
    ROOMS,
    SCENE,
    TOPIC,
    Said,
)

from app.cli.open_database import open_database  # noqa: E402
from app.settings_loader import load_settings  # noqa: E402
from app.storage.mongo import Database  # noqa: E402
from tests.checker.history import History  # noqa: E402
from tests.harness.person import Person  # noqa: E402
from tests.harness.town import PASSWORD, Town  # noqa: E402


class Stage:
    """The town of the pictures, settled and talked in."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.rooms: dict[str, str] = {}
        self._moments: dict[str, datetime] = {}
        # The zone of the figures, where it is afternoon.
        self.zone = zone_of_afternoon(datetime.now(UTC))

    async def is_set(self) -> None:
        """Everybody has an account and has said what they have to say."""
        await self._settle()
        for name, topic in ROOMS:
            await self._furnish(name, "open", topic, tuple(PEOPLE))
        await self._furnish(PRIVATE[0], "private", PRIVATE[1], PRIVATE[2])
        ids: list[str] = []
        for said in CONVERSATION:
            ids.append(await self._say(self.rooms[SCENE], said, ids))
        for slug, said in ELSEWHERE:
            await self._say(self.rooms[slug], said, [])
        await self._talk_in_private()
        await self._programs_talk()
        await self._spread_over_the_day()

    async def _settle(self) -> None:
        names = sorted(PEOPLE, key=lambda name: name != ADMIN)
        made = await self.town.server.runs_all(*map(_create, names), stdin=PASSWORD)
        self.town.users |= zip(names, made, strict=True)
        await asyncio.gather(*map(self.town.returns, names))
        # It is no new server.
        hidden = {"first_steps": "hidden"}
        await self.town.calls("PATCH", "/api/me/preferences", by=ADMIN, json=hidden)

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

    async def _programs_talk(self) -> None:
        """A webhook posts into a room, and a topic has events."""
        name, slug, texts = HOOK
        hook = {"direction": "incoming", "name": name, "room": self.rooms[slug]}
        status, made = await self.town.calls("POST", "/api/hooks", by=ADMIN, json=hook)
        assert status == 201, made
        for text in texts:
            path = f"/api/hooks/{made['secret']}"
            status, answer = await self.town.calls("POST", path, by=None, json={"text": text})
            assert status == 200, answer
            self._moments[answer["id"]] = datetime.now(UTC) - timedelta(minutes=1)
        topic, events = TOPIC
        for data in events:
            path = f"/api/topics/{topic}/events"
            status, answer = await self.town.calls("POST", path, by=ADMIN, json={"data": data})
            assert status == 201, answer

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

    async def has_been_counted(self, days: int) -> None:
        """Figures of so many days, in a zone where it is afternoon now; the server is stopped."""
        data = self.town.server.data
        async with open_database(load_settings({"data_dir": data}, {})) as database:
            members = [user["id"] for user in self.town.users.values()]
            members += [f"member-{n:02d}" for n in range(40)]
            life = Life(now=datetime.now(UTC), zone=self.zone, members=members, days=days)
            await fill(database, life)

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


def _create(name: str) -> tuple[str, ...]:
    options = ("--display-name", PEOPLE[name], *(["--admin"] if name == ADMIN else []))
    return ("users", "create", name, "--password-stdin", *options)


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
