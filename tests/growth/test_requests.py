"""No request and no event takes longer and longer, whatever text stands wherever one can.

The routes come from the application and the events from its tables, so that a new one is tried
from the day it is added.
"""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import pytest
from aiohttp import web

from app.accounts.sign_in_limits import Client
from app.realtime.dispatch import Dispatcher
from tests.chat.house import House
from tests.growth.cost import Slow, too_slow
from tests.growth.hostile import Hostile, kinds
from tests.growth.lines import Line, Web, plain, socket_io
from tests.growth.places import (
    HEADER_CHARACTERS,
    HEADERS,
    LINE_CHARACTERS,
    Place,
    as_form,
    decoded,
    encoded,
    many,
    places,
    routes,
    texts,
    with_text,
)
from tests.harness.described_api import EVENTS

# Not a request with an answer, and nothing but the name of a file.
EXCLUDED = {
    "/ws": "an upgrade: its events are below, its headers those of every request",
    "/ws/echo": "an upgrade that says what it hears",
    "/socket.io/": "Engine.IO: its packets are below",
}
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

IN_SHORT, IN_FULL = 60_000, 1_000_000
# A frame has at most 1 MB, and JSON writes some characters with six.
FRAME_CHARACTERS = 150_000
# In short, each place is given one of so many kinds of text, the next place the one after it.
APART, APART_IN_FULL = 110, 12


class Guest:
    """An admin with a session and a token: they get further than anybody else."""

    def __init__(self, house: House, token: str) -> None:
        self.house = house
        self.token = token

    async def web(self) -> Web:
        """A session of their own, as some requests end it."""
        ana = await self.house.services.users.find("ana")
        begun = await self.house.services.accounts.sign_in.begin(ana, Client(address="192.0.2.7"))
        return Web(self.house.address, begun.cookie)


@pytest.fixture
async def guest(house: House) -> Guest:
    ana = await house.invites("ana", "admin")
    return Guest(house, await house.services.tokens.create(ana.id))


# Requests that carry a hostile text.


def target_of(place: Place, text: str) -> str:
    """The address, with the text where `place` says."""
    path = place.path
    for name in ("room", "topic", "hook", "user", "id", "code", "path"):
        mine = place.where == "path" and place.name == name
        path = path.replace(f"{{{name}}}", quote(text[:LINE_CHARACTERS], "") if mine else "x")
    if place.where == "query":
        path += "?" + urlencode({place.name: text[:LINE_CHARACTERS]})
    return path


def body_of(place: Place, text: str) -> tuple[dict[str, str], bytes]:
    """The headers and the body, with the text where `place` says."""
    if place.where == "form":
        # A form is at most so long, percent-encoded.
        fields = as_form(with_text(place.kind, place.name, text[:60_000]))
        return FORM, urlencode(fields, errors="replace").encode()
    if place.where == "json":
        return JSON, encoded(with_text(many(place.kind), place.name, text))
    raw = text.encode("utf-8", "replace")
    return (JSON, raw) if place.name == "as JSON" else (FORM, raw[:60_000])


async def ask(web: Web, place: Place, kind: Hostile, characters: int) -> None:
    text = kind.text(characters)
    headers, body = body_of(place, text) if place.where in ("form", "json", "body") else ({}, b"")
    await web.asks(place.method, target_of(place, text), headers, body)


def lengths(longest: int | None, most: int) -> set[int]:
    """A text that is too long, and the longest that is not: services see only that."""
    return {most} if longest is None else {most, min(longest, most)}


def some(found: list[Hostile], nth: int, *, in_full: bool) -> list[Hostile]:
    """A few of them for each place, others for the next one."""
    apart = APART_IN_FULL if in_full else APART
    return found[nth % apart :: apart]


async def slow_requests(guest: Guest, routes: list[web.AbstractRoute], *, in_full: bool) -> Any:
    most, found = IN_FULL if in_full else IN_SHORT, kinds(in_full=in_full)
    slow: list[Slow | None] = []
    for nth, route in enumerate(routes):
        session = await guest.web()
        for at, place in enumerate(places(route)):
            for kind in some(found, nth + 5 * at, in_full=in_full):
                for characters in lengths(place.longest, most):
                    what = f"{place} with {kind}"
                    slow.append(
                        await too_slow(what, partial(ask, session, place, kind), characters)
                    )
    return list(map(str, filter(None, slow)))


def tried(house: House) -> list[web.AbstractRoute]:
    return [r for r in routes(house.site) if r.resource and r.resource.canonical not in EXCLUDED]


async def test_no_request_takes_longer_and_longer(guest: Guest) -> None:
    assert await slow_requests(guest, tried(guest.house), in_full=False) == []


@pytest.mark.slow
async def test_no_request_takes_longer_and_longer_however_long_it_is(guest: Guest) -> None:
    assert await slow_requests(guest, tried(guest.house), in_full=True) == []


async def test_every_route_is_tried_but_for_those_that_are_named(house: House) -> None:
    served = {r.resource.canonical for r in routes(house.site) if r.resource}
    assert EXCLUDED.keys() <= served
    assert {r.resource.canonical for r in tried(house) if r.resource} == served - EXCLUDED.keys()


async def test_what_a_route_reads_is_known_for_every_route(house: House) -> None:
    """A route with a body or a form says in its handler which type it decodes."""
    unknown = [
        f"{route.method} {route.resource.canonical}"
        for route in tried(house)
        if route.resource and route.method in ("POST", "PUT", "PATCH") and not decoded(route)
    ]
    assert sorted(unknown) == sorted(WITHOUT_BODY)


# These say all in their address.
WITHOUT_BODY = [
    "POST /admin/hooks/adopt-all",
    "POST /api/admin/nodes/{node}/drain",
    "POST /api/hooks/{hook}/adopt",
    "POST /admin/people/{user}/sessions/end-all",
    "POST /admin/people/{user}/tokens",
    "POST /api/notifications/read-all",
    "POST /api/notifications/{id}/archive",
    "POST /api/notifications/{id}/read",
    "POST /logout",
]


async def test_no_header_takes_longer_and_longer(guest: Guest) -> None:
    session = await guest.web()
    slow = []

    async def ask(name: str, kind: Hostile, characters: int) -> None:
        value = kind.text(characters).replace("\r", "").replace("\n", "").replace("\0", "")
        text = value.encode()[:HEADER_CHARACTERS].decode("utf-8", "ignore")
        await session.asks("POST", "/login?next=/x", {name: text, "Content-Length": "0"})

    for nth, name in enumerate(HEADERS):
        for kind in some(kinds(in_full=False), nth, in_full=False):
            work = partial(ask, name, kind)
            slow.append(await too_slow(f"{name} with {kind}", work, HEADER_CHARACTERS))
    assert list(map(str, filter(None, slow))) == []


# Events.


def events() -> Iterator[tuple[str, str, Any]]:
    for namespace, table in EVENTS.items():
        for name, event in table.items():
            yield namespace, name, event.request


async def slow_events(line: Line, namespace: str, *, in_full: bool) -> list[str]:
    most, found = FRAME_CHARACTERS if in_full else IN_SHORT, kinds(in_full=in_full)
    slow: list[Slow | None] = []

    async def ask(name: str, kind: Any, path: str, hostile: Hostile, characters: int) -> None:
        await line.asks(name, with_text(kind, path, hostile.text(characters)))

    for nth, (place, name, kind) in enumerate(events()):
        for at, (path, longest) in enumerate(texts(kind) if place == namespace else ()):
            for hostile in some(found, nth + 5 * at, in_full=in_full):
                for characters in lengths(longest, most):
                    what = f"{name} {path} with {hostile}"
                    work = partial(ask, name, kind, path, hostile)
                    slow.append(await too_slow(what, work, characters))
    return list(map(str, filter(None, slow)))


def test_all_tables_of_events_are_tried(house: House) -> None:
    served = {place.name: place.dispatcher for place in house.site.gateway._context.namespaces}
    assert served.keys() == EVENTS.keys()
    for name, dispatcher in served.items():
        assert isinstance(dispatcher, Dispatcher)
        assert dispatcher.names == EVENTS[name].keys()


@pytest.mark.parametrize("namespace", EVENTS)
async def test_no_event_takes_longer_and_longer(guest: Guest, namespace: str) -> None:
    async with socket_io(guest.house.address, guest.token, namespace) as line:
        assert await slow_events(line, namespace, in_full=False) == []


@pytest.mark.slow
@pytest.mark.parametrize("namespace", EVENTS)
async def test_no_event_takes_longer_and_longer_however_long_it_is(
    guest: Guest, namespace: str
) -> None:
    async with socket_io(guest.house.address, guest.token, namespace) as line:
        assert await slow_events(line, namespace, in_full=True) == []
    async with plain(guest.house.address, guest.token) as line:
        assert await slow_events(line, namespace, in_full=True) == []


async def try_everything(guest: Guest) -> None:
    """Every route and every event, with a short text."""
    short = Hostile("ab1.")
    for route in tried(guest.house):
        session = await guest.web()
        for place in places(route):
            if place.where != "form" or place.name in ("name", "password"):
                await ask(session, place, short, 20)
    async with plain(guest.house.address, guest.token) as line:
        for _, name, kind in events():
            for path, _ in texts(kind):
                await line.asks(name, with_text(kind, path, short.text(20)))


# Frames and packets that are no events.

BEFORE = ("", "0", "2", "4", "40", "42", "42/", "43", "45", "451-/", "42/chat,", '42/chat,1["a",')


async def slow_frames(guest: Guest, found: list[Hostile], characters: int) -> list[str]:
    slow: list[Slow | None] = []
    address = guest.house.address

    async def say(before: str, kind: Hostile, characters: int) -> None:
        async with socket_io(address, guest.token, "chat") as line:
            await line.says(before + kind.text(characters))
            await line.asks("rooms:list", {})

    async def say_plainly(before: str, kind: Hostile, characters: int) -> None:
        async with plain(address, guest.token) as line:
            await line.says(before + kind.text(characters))
            await line.asks("rooms:list", {})

    for nth, before in enumerate(BEFORE):
        for kind in some(found, nth, in_full=len(found) > 150):
            for way in (say, say_plainly):
                what = f"{way.__name__} {before} with {kind}"
                slow.append(await too_slow(what, partial(way, before, kind), characters))
    return list(map(str, filter(None, slow)))


async def test_no_frame_takes_longer_and_longer(guest: Guest) -> None:
    assert await slow_frames(guest, kinds(in_full=False), IN_SHORT) == []


@pytest.mark.slow
async def test_no_frame_takes_longer_and_longer_however_long_it_is(guest: Guest) -> None:
    assert await slow_frames(guest, kinds(in_full=True), FRAME_CHARACTERS) == []


async def test_no_polled_packet_takes_longer_and_longer(guest: Guest) -> None:
    slow = []
    session = await guest.web()

    async def post(before: str, kind: Hostile, characters: int) -> None:
        url = f"{guest.house.address}/socket.io/?EIO=4&transport=polling"
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            sid = json.loads((await answer.text())[1:])["sid"]
        target = f"/socket.io/?EIO=4&transport=polling&sid={sid}"
        text = (before + kind.text(characters)).encode("utf-8", "replace")
        await session.asks("POST", target, {"Content-Type": "text/plain"}, text)
        # Packets are worked on after the answer.
        await session.asks("GET", "/healthz")

    for nth, before in enumerate((*BEFORE, "b", "\x1e", "42[\x1e")):
        # Long runs of digits are what packets are made of.
        digits = (Hostile("9"), Hostile("9", after="-"))
        for kind in (*digits, *some(kinds(in_full=False), nth, in_full=False)):
            slow.append(
                await too_slow(f"{before} with {kind}", partial(post, before, kind), 900_000)
            )
    assert list(map(str, filter(None, slow))) == []
