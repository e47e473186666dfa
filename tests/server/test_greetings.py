"""A feature outside `app/` is complete with one line: the list that has it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app.accounts.models import User
from app.server.features import FEATURES
from app.storage.mongo import Database
from tests.admin.browser import Browser, rows
from tests.chat.house import House, open_house
from tests.harness.client import connect, python_client
from tests.harness.listener import Listener
from tests.harness.waiting import WITHIN_S, eventually
from tests.realtime.plain import Plain
from tests.server.greetings import Greetings

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "DEVELOPMENT.md"


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with open_house(database, (*FEATURES, Greetings)) as opened:
        yield opened


@pytest.fixture
async def ana(house: House) -> User:
    return await house.invites("ana", "admin")


@pytest.fixture
async def ben(house: House, ana: User) -> User:
    return await house.invites("ben")


class Greeter:
    """One person on the official client of Socket.IO."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self._client = python_client()
        self._client.on("greetings", self.heard.append, namespace="/greetings")

    async def enters(self, house: House, token: str) -> None:
        await connect(self._client, house.address, token, "/greetings")

    async def call(self, event: str, **payload: Any) -> dict[str, Any]:
        answer = await self._client.call(event, payload, namespace="/greetings", timeout=WITHIN_S)
        assert isinstance(answer, dict)
        return answer

    async def leaves(self) -> None:
        await self._client.disconnect()


@pytest.fixture
async def greeter(house: House, ana: User) -> AsyncIterator[Greeter]:
    services, opened = house.services, Greeter()
    session, _ = await services.sessions.begin(ana, address="192.0.2.7", agent="tests")
    await opened.enters(house, await services.tokens.for_session(session))
    yield opened
    await opened.leaves()


async def asks(house: House, user: User | None, path: str, **post: Any) -> tuple[int, Any]:
    """Status and JSON of a request; a POST where there is something to send."""
    headers = {}
    if user is not None:
        headers["Authorization"] = f"Bearer {await house.services.tokens.create(user.id)}"
    async with aiohttp.ClientSession(house.address, headers=headers) as session:
        sent = session.post(path, json=post) if post else session.get(path)
        async with sent as answer:
            return answer.status, await answer.json()


async def test_a_greeting_is_heard_over_every_transport(
    house: House, ben: User, greeter: Greeter
) -> None:
    token = await house.services.tokens.create(ben.id)
    async with Plain(house.address, token) as plain, Listener(house.address, token) as reader:
        await reader.opens("greetings")
        assert await greeter.call("greet", words="hello", client_id="1") == {"ok": True, "rev": 1}
        again = await greeter.call("greet", words="hello", client_id="1")
        assert again == {"ok": True, "rev": 1}
        await plain.does("greet", words="good day", client_id="2")
        assert (await asks(house, ben, "/api/greetings", words="hi", client_id="3"))[0] == 201
        await eventually(lambda: len(greeter.heard) == 3, "over Socket.IO")
        await eventually(lambda: len(reader.told("greetings")) == 3, "over Server-Sent Events")
        assert (await plain.hears("greetings", rev=3))["prev"] == 2
    spoken = [item["words"] for batch in greeter.heard for item in batch["items"]]
    assert spoken == ["hello", "good day", "hi"]
    _, listed = await asks(house, ben, "/api/greetings")
    assert sorted(item["words"] for item in listed["items"]) == sorted(spoken)


async def test_a_reader_comes_back_to_what_it_missed(
    house: House, ben: User, greeter: Greeter
) -> None:
    async with Listener(house.address, await house.services.tokens.create(ben.id)) as reader:
        await reader.opens("greetings")
        await greeter.call("greet", words="one", client_id="1")
        await eventually(lambda: bool(reader.told("greetings")), "the first is heard")
        await reader.leaves()
        await greeter.call("greet", words="two", client_id="2")
        await reader.opens()
        await eventually(lambda: len(reader.told("greetings")) == 2, "the second too")
        assert [item["words"] for item in reader.items("greetings")] == ["one", "two"]


async def test_closing_is_audited_over_every_transport(
    house: House, ben: User, greeter: Greeter
) -> None:
    async with Plain(house.address, await house.services.tokens.create(ben.id)) as plain:
        refused = await plain.does("greetings:close")
        assert refused["error"]["code"] == "unauthenticated"
        assert (await greeter.call("greetings:close"))["ok"]
        assert (await plain.does("greet", words="late", client_id="9"))["ok"] is False
    entries = house.services.database.collection("audit").find({"kind": "greetings_closed"})
    kept = [(entry["name"], entry["allowed"]) async for entry in entries]
    assert sorted(kept) == [("ana", True), ("ben", False)]
    async with Browser(house.address) as browser:
        await browser.enters("ana")
        _, page = await browser.opens("/admin/audit?kind=greetings_closed")
    assert '<option value="greetings_closed" selected>Closed the greetings</option>' in page
    assert all("Closed the greetings" in row for row in rows(page))


async def test_it_is_on_the_servers_own_pages(house: House, greeter: Greeter) -> None:
    _, document = await asks(house, None, "/api/openapi.json")
    described = document["paths"]["/api/greetings"]
    assert described["get"]["summary"] == "The newest greetings"
    assert "$ref" in described["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert "parley_greeters 1.0" in house.services.core.metrics.text().decode()
    _, config = await asks(house, await house.services.users.find("ana"), "/api/config/sse")
    assert "greetings" in config["streams"]


def test_the_page_shows_this_feature() -> None:
    assert (HERE / "greetings.py").read_text("utf-8") in PAGE.read_text("utf-8")
