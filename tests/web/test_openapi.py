"""The document of the HTTP API names every address that there is, and nothing else."""

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from app.server.openapi import ADDRESS
from app.storage.mongo import Database
from tests.chat.house import House, open_house
from tests.harness.described_api import OPERATIONS


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with open_house(database) as opened:
        yield opened


def test_no_operation_is_there_twice() -> None:
    keys = [(o.method, o.path) for o in OPERATIONS]
    assert len(keys) == len(set(keys))


async def test_every_route_of_the_api_is_described(house: House) -> None:
    served = {
        (route.method, route.resource.canonical)
        for route in house.site.web.router.routes()
        if route.resource is not None
        and route.resource.canonical.startswith("/api/")
        and route.method != "HEAD"
    }
    described = {(o.method, o.path) for o in OPERATIONS} | {("GET", ADDRESS)}
    # An endless stream is no request with an answer.
    assert served - {("GET", "/api/events")} == described


async def test_the_document_is_open_and_whole(house: House) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(house.address + ADDRESS) as answer,
    ):
        assert answer.status == 200
        document = await answer.json()
    assert document["openapi"] == "3.1.0"
    known = document["components"]["schemas"]
    named = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert named <= set(known)
    limit = next(
        p
        for p in document["paths"]["/api/rooms/{room}/messages"]["get"]["parameters"]
        if p["name"] == "limit"
    )
    assert (limit["in"], limit["required"], limit["schema"]["maximum"]) == ("query", False, 200)
    body = document["paths"]["/api/rooms"]["post"]["requestBody"]["content"]["application/json"]
    assert "$ref" in body["schema"]
