"""A right that ends on one node ends on the other at once, on every transport.

Polling is off here, so that only the bus brings it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import aiohttp
import pytest

from app.accounts.models import Caller, User
from app.hooks.models import NewHook
from tests.bus.two_nodes import Site, no_polls, redis_url, site
from tests.chat.house import House
from tests.harness.listener import Listener
from tests.harness.plain_wire import PlainWire
from tests.harness.waiting import eventually
from tests.topics.clients import TopicClients

__all__ = ["no_polls", "redis_url", "site"]


class Everywhere:
    """Somebody on each transport of a node, with one token; in a room or at a topic."""

    def __init__(self, house: House, user: User, stack: AsyncExitStack) -> None:
        self._house = house
        self._user = user
        self._stack = stack

    async def enters(self, token: str, streams: str) -> None:
        self.socket = await self._house.enters_with(token, self._user)
        self.poller = await self._house.enters_with(token, self._user, polling=True)
        self.plain = PlainWire(self._house.address, token)
        self._stack.push_async_callback(self.plain.close)
        await self.plain.connect()
        self.stream = await self._stack.enter_async_context(
            Listener(self._house.address, token, streams)
        )
        await self.stream.opens()

    async def opens(self, room: str) -> None:
        """Open a room, which the stream names already."""
        await self.socket.joins(room)
        await self.poller.joins(room)
        answer = await self.plain.ask("room:join", {"room": room})
        assert answer is not None
        assert answer["ok"], answer

    def texts(self) -> dict[str, list[str]]:
        """The texts that came live over each transport."""
        told = [payload for name, payload in self.plain.events if name == "messages"]
        items = [item for batch in told for item in batch["items"]]
        return {
            "socket.io": self.socket.texts(),
            "polling": self.poller.texts(),
            "/ws": [item["text"] for item in items if "system" not in item],
            "sse": self.stream.texts(),
        }

    async def all_see(self, text: str) -> None:
        await eventually(lambda: all(text in each for each in self.texts().values()), text)

    async def all_are_cut_off(self) -> None:
        await eventually(self._are_cut_off, "all connections have ended")

    def _are_cut_off(self) -> bool:
        ended = [not each.client.connected for each in (self.socket, self.poller)]
        return all([*ended, not self.plain.is_up.is_set(), has_ended(self.stream)])


def has_ended(stream: Listener) -> bool:
    return stream._task is not None and stream._task.done()


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def test_connections_end_with_what_proved_them(site: Site, stack: AsyncExitStack) -> None:
    """An account, one session, all sessions, a token."""
    here, there = site.here.services, site.there.services
    people = [await site.here.invites(name) for name in ("dora", "emil", "fritz", "gerda")]
    sessions = [(await here.sessions.begin(each, address="", agent=""))[0] for each in people]
    token = await here.tokens.create(people[3].id)
    proof = await here.tokens.resolve(token)
    assert proof.token is not None
    tokens = [*[await there.tokens.for_session(each) for each in sessions[:3]], token]
    entered = []
    for person, each in zip(people, tokens, strict=True):
        entered.append(Everywhere(site.there, person, stack))
        await entered[-1].enters(each, "chat:hallway")
    ends: list[Callable[[], Awaitable[Any]]] = [
        lambda: here.accounts.disabling.disable(people[0].id),
        lambda: here.sessions.end(sessions[1].id),
        lambda: here.sessions.end_all(people[2].id),
        lambda: here.tokens.revoke(people[3].id, proof.token),
    ]
    for end, one in zip(ends, entered, strict=True):
        await end()
        await one.all_are_cut_off()
    for each in tokens:
        assert await status(site.there, "/api/me", each) == 401


async def status(house: House, path: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers) as http, http.get(house.address + path) as a:
        return a.status


async def test_a_removed_member_gets_nothing_more(site: Site, stack: AsyncExitStack) -> None:
    room = (await site.ana.does("room:create", name="club", kind="private"))["room"]
    await site.ana.does("room:invite", room=room["id"], user=site.cleo.id)
    await site.cleo.hears("room:updated", lambda u: u["room"]["id"] == room["id"])
    cleo = Everywhere(site.there, site.cleo.user, stack)
    token = await site.there.services.tokens.create(site.cleo.id)
    await cleo.enters(token, f"chat:{room['slug']},chat:hallway")
    await cleo.opens(room["id"])
    for member in (cleo.socket, cleo.poller):
        await member.joins("hallway")
    await cleo.plain.ask("room:join", {"room": "hallway"})
    await site.ana.sends("with cleo", room["id"])
    await cleo.all_see("with cleo")
    await site.ana.does("room:remove", room=room["id"], user=site.cleo.id)
    await site.ana.sends("without cleo", room["id"])
    await site.ana.sends("for all", "hallway")
    await cleo.all_see("for all")
    for way, texts in cleo.texts().items():
        assert texts == ["with cleo", "for all"], way
    assert await cleo.socket.fails("room:sync", room=room["id"], cursor=0) == "not_found"
    assert await status(site.there, f"/api/rooms/{room['id']}/messages", token) == 404


async def test_an_archived_room_takes_nothing_on_the_other_node(site: Site) -> None:
    room = (await site.ana.does("room:create", name="done"))["room"]["id"]
    await site.cleo.joins(room)
    await site.ana.does("room:archive", room=room)
    await site.cleo.hears("room:updated", lambda u: u["room"]["archived"])
    answer = await site.cleo.call("message:send", room=room, text="late", client_id="late")
    assert answer["error"]["code"] == "forbidden"


async def test_a_topic_that_is_closed_to_somebody_tells_them_nothing(
    site: Site, stack: AsyncExitStack
) -> None:
    here, there = TopicClients(site.here), TopicClients(site.there)
    ana = await here.opens(site.ana.user)
    await here.http("POST", "/api/topics", site.ana.user, json={"topic": "lamps"})
    directory = site.there.services.topics.directory
    await eventually(lambda: directory.known("lamps") is not None, "the topic is known")
    cleo = await there.opens(site.cleo.user)
    await cleo.subscribes("lamps")
    token = await site.there.services.tokens.create(site.cleo.id)
    plain = PlainWire(site.there.address, token)
    stack.push_async_callback(plain.close)
    await plain.connect()
    await plain.ask("subscribe", {"topic": "lamps"})
    stream = await stack.enter_async_context(Listener(site.there.address, token, "topic:lamps"))
    await stream.opens()

    def shown() -> list[list[Any]]:
        batches = [payload for name, payload in plain.events if name == "events"]
        on_ws = [item["data"] for batch in batches for item in batch["items"]]
        told = [event.data for event in stream.events if event.name.startswith("topic")]
        on_sse = [item["data"] for data in told for item in data.get("items", [])]
        return [cleo.has("lamps"), on_ws, on_sse]

    await ana.publishes("lamps", "for all")
    await eventually(lambda: shown() == [["for all"]] * 3, f"all show it; {shown()}")
    await here.http("PATCH", "/api/topics/lamps", site.ana.user, json={"read": "admins"})
    await eventually(lambda: not allows_members(site.there, "lamps"), "the other node knows")
    await ana.publishes("lamps", "for admins")
    await asyncio.sleep(0)
    assert (await cleo.fails("subscribe", topic="lamps"))["code"] in {"forbidden", "not_found"}
    assert shown() == [["for all"]] * 3


def allows_members(house: House, topic: str) -> bool:
    known = house.services.topics.directory.known(topic)
    return known is not None and known.read == "members"


async def test_an_admin_who_is_none_any_more_is_refused_at_once(
    site: Site, stack: AsyncExitStack
) -> None:
    boss = await site.here.invites("boss", role="admin")
    there = await site.there.enters(boss)
    streams = []
    for each in (boss, site.ana.user):
        token = await site.there.services.tokens.create(each.id)
        stream = Listener(site.there.address, token, "analytics")
        streams.append(await stack.enter_async_context(stream))
        await stream.opens()
        await stream.hears("analytics")
    private = (await site.ben.does("room:create", name="of ben"))["room"]["id"]
    await there.joins(private)
    await there.does("room:update", room=private, topic="as an admin")
    await site.here.services.accounts.roles.appoint(boss.id, "member")

    def is_member_there() -> bool:
        known = site.there.services.users.known(boss.id)
        return known is not None and not known.is_admin

    await eventually(is_member_there, "the other node knows")
    assert await there.fails("room:update", room=private, topic="as a member") == "forbidden"
    told = [len(stream.told("analytics")) for stream in streams]
    await site.ana.sends("to be counted")
    await eventually(lambda: len(streams[1].told("analytics")) > told[1], "figures for an admin")
    assert len(streams[0].told("analytics")) == told[0]


async def test_a_hook_that_is_off_or_gone_takes_nothing(site: Site) -> None:
    registry = site.here.services.hooks.registry
    by = Caller(user=site.ana.user, session="at a browser")
    for end in (registry.delete, partial(registry.switch, off=True)):
        asked = NewHook(direction="incoming", name="CI", room="hallway")
        made = await registry.make(by, asked)
        url = f"{site.there.address}/api/hooks/{made.secret}"
        async with aiohttp.ClientSession() as http:
            async with http.post(url, json={"text": "hi"}) as answer:
                assert answer.status == 200, await answer.text()
            await end(by, made.hook.id)
            async with http.post(url, json={"text": "late"}) as answer:
                assert answer.status in {403, 404, 410}, await answer.text()
    assert "late" not in site.cleo.texts()
