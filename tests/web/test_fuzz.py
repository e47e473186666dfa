"""Requests that fit the OpenAPI document, and ones that do not, succeed or are refused with a
sentence; none causes an internal error."""

import asyncio
from typing import Any

import aiohttp
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from app.server.openapi import document
from app.web.routing import Route
from tests.chat.conftest import ana, ben, house
from tests.chat.house import House, Member
from tests.harness.described_api import OPERATIONS
from tests.harness.waiting import WITHIN_S

__all__ = ["ana", "ben", "house"]

SCHEMA: Any = schemathesis.openapi.from_dict(document(OPERATIONS))
# A room and a topic that exist, so that not every request ends at its first step.
KNOWN = {"room": "hallway", "topic": "news"}


def cases(operation: Route) -> "st.SearchStrategy[Case]":
    """Calls that fit the document and calls that don't, to what exists and to what doesn't."""
    described = SCHEMA[operation.path][operation.method.lower()]
    known = {name: value for name, value in KNOWN.items() if f"{{{name}}}" in operation.path}
    ways = [
        described.as_strategy(generation_mode=mode, path_parameters=place)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        for place in ([known, None] if known else [None])
    ]
    return st.one_of(ways)


class Guests:
    """Those who call: an admin, a member and somebody unknown."""

    def __init__(self, address: str, tokens: dict[str, str]) -> None:
        self.address = address
        self.headers = [{"Authorization": f"Bearer {token}"} for token in tokens.values()]

    def call(self, case: Case, caller: int) -> None:
        """Send it, as somebody or as nobody."""
        headers = [*self.headers, {}][caller]
        answer = case.call(base_url=self.address, headers=headers, timeout=WITHIN_S)
        assert answer.status_code < 500, (answer.status_code, answer.text, case.as_curl_command())
        if answer.status_code >= 400:
            error = answer.json()["error"]
            assert error["code"] != "internal"
            assert error["message"]

    async def fuzz(self, operation: Route, examples: int, *, derandomize: bool) -> None:
        """So many calls, in a thread of their own: the server runs in this one."""

        @settings(
            max_examples=examples,
            derandomize=derandomize,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases(operation), caller=st.integers(0, 2))
        def calls(case: Case, caller: int) -> None:
            self.call(case, caller)

        await asyncio.to_thread(calls)


@pytest.fixture
async def guests(house: House, ana: Member, ben: Member) -> Guests:
    """Their tokens, and a topic to publish in."""
    tokens = {m.user.username: await house.services.tokens.create(m.id) for m in (ana, ben)}
    by = {"Authorization": f"Bearer {tokens['ana']}"}
    async with aiohttp.ClientSession(house.address, headers=by) as http:
        assert (await http.post("/api/topics", json={"topic": "news"})).status == 201
    return Guests(house.address, tokens)


async def test_nothing_that_is_sent_fails_inside(guests: Guests) -> None:
    for operation in OPERATIONS:
        await guests.fuzz(operation, 6, derandomize=True)


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.method} {o.path}")
async def test_nothing_fails_inside_however_much_is_sent(guests: Guests, operation: Route) -> None:
    await guests.fuzz(operation, 200, derandomize=False)
