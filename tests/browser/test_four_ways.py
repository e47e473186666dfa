"""Messages sent on any transport arrive on all: the same items, revs and order."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import WebSocket

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.checker.history import History
from tests.harness.listener import Listener
from tests.harness.person import Person
from tests.harness.plain_wire import PlainWire
from tests.harness.town import Town
from tests.harness.waiting import eventually
from tests.harness.wire import Wire

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

EACH = 3
EVENT = "42/chat,"
ON_THE_PAGE = """(articles) => articles.map((article) => [
  article.dataset.id, Number(article.dataset.seq),
  article.querySelector("[data-content]").textContent.trim()])"""

Item = dict[str, Any]


class Eavesdropper:
    """The live batches as they come in on the WebSockets of a page."""

    def __init__(self, reader: Reader) -> None:
        self.batches: list[dict[str, Any]] = []
        reader.page.on("websocket", self._watches)

    def _watches(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._hears)

    def _hears(self, frame: str | bytes) -> None:
        if isinstance(frame, str) and frame.startswith(EVENT + "["):
            event, payload = json.loads(frame.removeprefix(EVENT))
            if event == "messages":
                self.batches.append(payload)


@asynccontextmanager
async def programs(town: Town, room: str) -> AsyncIterator[tuple[Person, Person, Listener]]:
    """ben on Socket.IO, cleo on `/ws` and dana at an event stream, all in the room."""
    async with AsyncExitStack() as stack:
        people = []
        for name, wire in (("ben", Wire), ("cleo", PlainWire)):
            person = town.person(name, History(), wire=wire)
            stack.push_async_callback(person.leaves)
            await person.connects()
            await person.joins(room)
            people.append(person)
        stream = Listener(town.server.url, town.tokens["dana"], f"chat:{room}")
        yield *people, await (await stack.enter_async_context(stream)).opens()


def said(batches: Iterable[dict[str, Any]], room: str) -> list[Item]:
    """The messages of people in these batches, with repeats, in the order of arrival."""
    items = (item for batch in batches if batch["room"] == room for item in batch["items"])
    return [item for item in items if "system" not in item]


def told(person: Person, room: str) -> list[Item]:
    return said((data for event, data in person.wire.events if event == "messages"), room)


async def posts(town: Town, room: str, text: str) -> None:
    path = f"/api/rooms/{room}/messages"
    status, answer = await town.calls("POST", path, by="dana", json={"text": text})
    assert status == 201, answer


async def test_each_way_in_arrives_the_same_on_each_way_out(town: Town, arrives: Arrives) -> None:
    room = await town.opens("four ways")
    ana = await arrives("ana")
    page = Eavesdropper(ana)
    await ana.opens_room("four-ways")
    async with programs(town, room) as (ben, cleo, dana):
        async with asyncio.TaskGroup() as group:
            for n in range(EACH):
                group.create_task(ben.sends(f"**socket.io** {n}", room))
                group.create_task(cleo.sends(f"**ws** {n}", room))
                group.create_task(posts(town, room, f"**http** {n}"))
            for n in range(EACH):
                await ana.sends(f"**page** {n}")
        heard = {
            "Socket.IO": lambda: told(ben, room),
            "/ws": lambda: told(cleo, room),
            "SSE": lambda: said((event.data for event in dana.told("chat")), room),
            "the page": lambda: said(page.batches, room),
        }
        for way, items in heard.items():
            await eventually(lambda now=items: len(now()) >= 4 * EACH, f"{way} heard everything")
        _, kept = await town.calls("GET", f"/api/rooms/{room}/messages?limit=200", by="dana")
        expected = said([{"room": room, "items": kept["items"]}], room)
        ways = {item["text"].partition(" ")[0] for item in expected}
        assert ways == {"**socket.io**", "**ws**", "**http**", "**page**"}
        assert [item["rev"] for item in expected] == sorted(item["rev"] for item in expected)
        for way, items in heard.items():
            assert items() == expected, way
        await eventually(
            lambda: _shows(ana, expected), "the page shows exactly that, in that order"
        )


async def _shows(reader: Reader, expected: list[Item]) -> bool:
    shown = await reader.messages.evaluate_all(ON_THE_PAGE)
    plain = [[item["id"], item["seq"], item["text"].replace("**", "")] for item in expected]
    return bool(shown == plain)
