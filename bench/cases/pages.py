"""The page of a room, next to the least that a page of aiohttp can cost."""

import aiohttp

from bench.field import Effort, at_most, beside, note, ratio, times
from bench.generator import Peer
from bench.report import Section, Target
from bench.rivals import bare
from tests.harness.server import Server
from tests.harness.town import PASSWORD

MESSAGES, AT_ONCE = 50, 4


async def measure(server: Server, effort: Effort) -> Section:
    """A page with 50 messages for somebody who is signed in."""
    note("room pages")
    room, cookie = await a_room(server)
    ours = [Peer("get", f"/rooms/{room}", cookie, sends=True)] * AT_ONCE
    async with bare() as other:
        theirs = [Peer("get", "/page", sends=True)] * AT_ONCE
        found = await beside(server, ours, {"bare": (other, theirs)}, effort)
    names = {"parley": f"Parley, a room with {MESSAGES} messages", "bare": "a template of one line"}
    cost = {name: each.message_us for name, each in found.items()}
    value = ratio(cost.get("parley"), cost.get("bare"))
    section = Section(
        "Pages",
        f"{AT_ONCE} connections ask for the page of a room, signed in, one time after the other; "
        "next to it an aiohttp handler that renders a template of one line and knows nobody.",
        ("", "pages/s", "µs of a core each", "of the bare one", "p50 ms", "mongod cores"),
    )
    for name, each in found.items():
        of_bare = times(ratio(cost[name], cost.get("bare")))
        mongod = each.mongod if name == "parley" else None
        section.rows.append(
            (names[name], each.messages_per_s, cost[name], of_bare, each.ack_p50_ms, mongod)
        )
    said = "a room page: at most 3 × the processor time of a one-line template"
    section.targets = [Target(7, said, times(value), at_most(value, 3.0))]
    return section


async def a_room(server: Server) -> tuple[str, str]:
    """A room with messages, and the session of its owner: id and cookie."""
    create = ("users", "create", "reader", "--password-stdin")
    await server.runs(*create, stdin=PASSWORD)
    room = (await server.runs("rooms", "create", "Reading", "--owner", "reader"))["id"]
    token = (await server.runs("tokens", "create", "reader"))["token"]
    said = {"Authorization": f"Bearer {token}"}
    path = f"{server.url}/api/rooms/{room}/messages"
    async with aiohttp.ClientSession() as session:
        for number in range(MESSAGES):
            body = {"text": f"Message number {number}, about as long as people write it."}
            async with session.post(path, json=body, headers=said) as answer:
                assert answer.status == 201, await answer.text()
        credentials = {"username": "reader", "password": PASSWORD}
        async with session.post(f"{server.url}/api/session", json=credentials) as answer:
            assert answer.status == 200, await answer.text()
            cookie = "; ".join(f"{name}={each.value}" for name, each in answer.cookies.items())
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/rooms/{room}", headers={"Cookie": cookie}) as answer,
    ):
        assert body["text"] in await answer.text()
    return room, cookie
