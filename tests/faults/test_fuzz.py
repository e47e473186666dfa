"""Random input to all routes and events causes no internal error and disturbs no other client.

`PARLEY_FUZZ_S` says for how long the long form goes on, `PARLEY_FUZZ_SEED` what it makes up.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from itertools import count
from statistics import median
from typing import Any

import aiohttp
import pytest
from yarl import URL

from app.storage.mongo import Database
from tests.chat.house import open_house
from tests.faults.conftest import Visit
from tests.faults.fuzz import Fuzz, Request
from tests.growth.lines import plain, socket_io
from tests.growth.places import Place, places, routes
from tests.harness.described_api import EVENTS
from tests.harness.listener import Listener
from tests.harness.others import HEALTH_WITHIN_MS, watch_others
from tests.harness.town import PASSWORD, Town
from tests.harness.waiting import WITHIN_S, eventually

SEED = int(os.environ.get("PARLEY_FUZZ_SEED", "15"))
FOR_S = float(os.environ.get("PARLEY_FUZZ_S", "600"))
SHORT_S = 6.0
ANSWER_WITHIN_S = 2.0
# Sockets and endless streams are opened below, not asked.
NO_REQUESTS = ("/ws", "/socket.io/", "/api/events")
INSIDE = "Something went wrong"


@pytest.fixture
async def all_places(database: Database) -> list[Place]:
    """Every part of every route."""
    async with open_house(database) as house:
        return [
            place
            for route in routes(house.site)
            for place in places(route)
            if not place.path.startswith(NO_REQUESTS)
        ]


class Siege:
    """Sends as an admin, a member and an anonymous client. Collects failures in `found`."""

    def __init__(self, town: Town, places: list[Place], until: float) -> None:
        self.town = town
        self.found: list[str] = []
        self.sent = 0
        self._places = places
        self._until = until

    async def run(self) -> None:
        """All at once, until it is over."""
        events = [(n, e.request) for table in EVENTS.values() for n, e in table.items()]
        async with asyncio.TaskGroup() as group:
            for number, headers in enumerate(await self._callers()):
                fuzz = Fuzz(SEED + number, self._places, events)
                group.create_task(self._requests(fuzz, headers))
            for number, (namespace, table) in enumerate(EVENTS.items()):
                kinds = [(name, event.request) for name, event in table.items()]
                group.create_task(
                    self._socket_io(Fuzz(SEED * number, self._places, kinds), namespace)
                )
            group.create_task(self._plain(Fuzz(SEED, self._places, events)))

    async def _callers(self) -> list[dict[str, str]]:
        """The headers of an admin's program, of an admin's browser, of a member, and of nobody."""
        async with aiohttp.ClientSession() as session:
            credentials = {"username": "ada", "password": PASSWORD}
            url = f"{self.town.server.url}/api/session"
            async with session.post(url, json=credentials) as answer:
                cookie = answer.cookies["parley_session"].value
        tokens = [self.town.tokens[name] for name in ("ada", "eve")]
        return [
            *({"Authorization": f"Bearer {token}"} for token in tokens),
            {"Cookie": f"parley_session={cookie}"},
            {},
        ]

    async def _requests(self, fuzz: Fuzz, headers: dict[str, str]) -> None:
        async with aiohttp.ClientSession(self.town.server.url) as session:
            for request in fuzz.requests():
                if time.monotonic() > self._until:
                    return
                await self._ask(session, request, headers)

    async def _ask(
        self, session: aiohttp.ClientSession, request: Request, headers: dict[str, str]
    ) -> None:
        self.sent += 1
        answer = await session.request(
            request.method,
            URL(request.target, encoded=True),
            headers={**headers, **request.headers},
            data=request.body,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(WITHIN_S),
        )
        async with answer:
            text = await answer.text(errors="replace")
        if answer.status >= 500:
            self.found.append(f"{answer.status} for {request}: {text[:300]}")

    async def _socket_io(self, fuzz: Fuzz, namespace: str) -> None:
        url, token = self.town.server.url, self.town.tokens["eve"]
        await self._events(fuzz, lambda: socket_io(url, token, namespace))

    async def _plain(self, fuzz: Fuzz) -> None:
        url, token = self.town.server.url, self.town.tokens["ada"]
        await self._events(fuzz, lambda: plain(url, token))

    async def _events(self, fuzz: Fuzz, opens: Callable[[], Any]) -> None:
        """Ask event after event; a line that was cut for what it said is opened anew."""
        frames = fuzz.frames()
        while time.monotonic() < self._until:
            async with opens() as line:
                for name, payload in frames:
                    if time.monotonic() > self._until or line.socket.closed:
                        break
                    self.sent += 1
                    await self._asked(line.asks_raw(name, payload), f"{name} {payload[:300]}")

    async def _asked(self, answer: Awaitable[str], what: str) -> None:
        try:
            # Input that is no event gets no answer, while other clients' events still arrive.
            async with asyncio.timeout(ANSWER_WITHIN_S):
                text = await answer
        except (TimeoutError, ConnectionError, aiohttp.ClientError):
            return
        if INSIDE in text:
            self.found.append(f"{text[:300]} for {what}")


async def besieged(visit: Visit, places: list[Place], seconds: float) -> tuple[Siege, Any]:
    """Fuzz for so long; ben, cleo and dana must notice nothing."""
    town = visit.town
    if "eve" not in town.users:
        await _settle(town)
    room = await town.creates(f"quiet {next(NUMBERS)}", "private", "ben", "cleo", "dana")
    cleo = await visit.arrives("cleo", room)
    sid = cleo.wire.client.get_sid("/chat")
    url, streams = town.server.url, f"chat:{room}"
    async with Listener(url, town.tokens["dana"], streams) as dana:
        await dana.opens()
        siege = Siege(town, places, time.monotonic() + seconds)
        async with watch_others(url, town.tokens["ben"], room) as others:
            await siege.run()
        await cleo.sends("all is well", room)
        await eventually(lambda: "all is well" in dana.texts(), "dana sees it")
    assert cleo.wire.client.get_sid("/chat") == sid, "cleo's connection was lost"
    assert dana.times_opened == 1, "dana's stream was lost"
    assert siege.found == []
    assert siege.sent > 10 * seconds, f"only {siege.sent} were sent"
    town.server.assert_clean_log()
    return siege, others


NUMBERS = count(1)


async def _settle(town: Town) -> None:
    """An admin and a member of its own: what is made up may end their sessions.

    Their tokens are a program's, which no request ends.
    """
    make = ("users", "create", "--password-stdin")
    ada, eve, *made = await town.server.runs_all(
        (*make, "ada", "--admin"),
        (*make, "eve"),
        ("tokens", "create", "ada"),
        ("tokens", "create", "eve"),
        stdin=PASSWORD,
    )
    town.users |= {"ada": ada, "eve": eve}
    town.tokens |= {name: each["token"] for name, each in zip(("ada", "eve"), made, strict=True)}


async def test_nothing_that_is_sent_fails_inside_or_disturbs_others(
    visit: Visit, all_places: list[Place]
) -> None:
    _, others = await besieged(visit, all_places, SHORT_S)
    assert others.failures == []
    # The longest wait is for a quiet machine: see the long form.
    assert median(others.health_ms) <= HEALTH_WITHIN_MS


@pytest.mark.slow
async def test_nothing_fails_inside_or_disturbs_others_however_long_it_goes_on(
    visit: Visit, all_places: list[Place]
) -> None:
    _, others = await besieged(visit, all_places, FOR_S)
    others.assert_undisturbed()
