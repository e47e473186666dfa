"""HAProxy and nginx, with the files of `deploy/`, in front of two Parleys on one database."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.faults.conftest import Visit
from tests.faults.rolling_restart import RollingRestart
from tests.harness.certificate import write_certificate
from tests.harness.delivery import assert_kept
from tests.harness.listener import Listener
from tests.harness.node_person import NodePerson
from tests.harness.person import Person
from tests.harness.plain_wire import PlainWire
from tests.harness.proxy import Proxy
from tests.harness.server import Server
from tests.harness.town import Town, founded_town
from tests.harness.waiting import eventually
from tests.harness.wire import PollingWire

BEHIND = {
    "PARLEY_TRUSTED_PROXIES": "127.0.0.1",
    "PARLEY_HEARTBEAT_INTERVAL": "2",
    # HAProxy asks each second, and believes the second no.
    "PARLEY_DRAIN_AFTER_S": "2.5",
}

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The node that has the database."""
    with founded_town(tmp_path_factory.mktemp("first"), **BEHIND) as town:
        yield town


@pytest.fixture(scope="module")
def second(first: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The node that is killed."""
    server = Server(
        tmp_path_factory.mktemp("second"), MONGODB_URL=first.server.database_url, **BEHIND
    )
    asyncio.run(server.starts())
    yield server
    server.assert_clean_log()
    server.ends()


@pytest.fixture(params=["haproxy", "nginx"])
async def proxy(
    first: Town, second: Server, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Proxy]:
    proxy = Proxy(request.param, tmp_path, [first.server.port, second.port])
    try:
        await proxy.starts()
        async with aiohttp.ClientSession() as session:
            await eventually(lambda: answers_ready(proxy.url, session), "a node is ready")
        yield proxy
    finally:
        proxy.ends()


@pytest.fixture
async def visit(first: Town, proxy: Proxy) -> AsyncIterator[Visit]:
    async with AsyncExitStack() as stack:
        yield Visit(first, stack, proxy.url)


async def answers_ready(url: str, session: aiohttp.ClientSession) -> bool:
    async with session.get(f"{url}/readyz") as answer:
        return answer.status == 200


async def arrivals(visit: Visit, room: str) -> list[Person | NodePerson]:
    """Somebody on each way in."""
    return [
        await visit.arrives("ana", room),
        await visit.arrives("ben", room, wire=PollingWire),
        await visit.arrives("cleo", room, wire=PlainWire),
        await visit.arrives_in_javascript("cleo", room, transports="polling"),
        await visit.arrives_in_javascript("dana", room, transports="polling,websocket"),
    ]


async def talk(people: list[Person | NodePerson], room: str, times: int) -> None:
    async def says(person: Person | NodePerson, number: int) -> None:
        for n in range(times):
            await person.sends(f"{person.username} {number} says {n}", room)

    async with asyncio.TaskGroup() as group:
        for number, person in enumerate(people):
            group.create_task(says(person, number))


async def all_have_all(visit: Visit, people: list[Person | NodePerson], room: str) -> None:
    head = max(ack.rev for send in visit.history.sends for ack in send.acks)
    for person in people:
        await person.reaches(head, room)
    await assert_kept(visit.town, visit.history, room)


async def test_sockets_go_to_the_least_busy_node(visit: Visit, second: Server) -> None:
    """The first of these tests: no session of another one is still waited for."""
    servers = (visit.town.server, second)

    async def counts() -> list[int]:
        return [await sockets_of(server) for server in servers]

    async def all_have_left() -> bool:
        return await counts() == [0, 0]

    await eventually(all_have_left, "everybody has left")
    room = await visit.town.creates(f"least busy {visit.url[-5:]}", "private")
    for _ in range(6):
        await visit.arrives("ana", room)
    assert await counts() == [3, 3]


OPEN = ("parley_connections ", "parley_plain_connections ", "parley_event_streams ")


async def sockets_of(server: Server) -> int:
    """The connections of one node, on all transports, asked past the proxy."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/metrics") as answer,
    ):
        figures = await answer.text()
    lines = [line for line in figures.splitlines() if line.startswith(OPEN)]
    assert len(lines) == len(OPEN), figures
    return sum(int(float(line.split()[1])) for line in lines)


@pytest.mark.slow
async def test_node_that_is_taken_out_sends_everybody_to_the_other(
    visit: Visit, second: Server, proxy: Proxy
) -> None:
    room = await visit.town.creates(f"taken out {proxy.port}", "private", "ben", "cleo", "dana")
    people = await arrivals(visit, room)
    second.signal(signal.SIGUSR1)
    async with asyncio.TaskGroup() as group:
        group.create_task(talk(people, room, 40))

        async def is_empty() -> bool:
            return await sockets_of(second) == 0

        await eventually(is_empty, "everybody has left the node", 60)
    await all_have_all(visit, people, room)
    await second.stops()
    await talk(people, room, 2)
    await all_have_all(visit, people, room)
    await second.starts()


async def rolls(visit: Visit, second: Server, times: int) -> RollingRestart:
    room = await visit.town.creates(f"rolling {times}", "private", "ben", "cleo", "dana")
    rolling = RollingRestart(visit, second, sockets_of)
    await rolling.passes(room, times)
    return rolling


@pytest.mark.parametrize("proxy", ["haproxy"], indirect=True)
async def test_nobody_notices_that_a_node_is_restarted(visit: Visit, second: Server) -> None:
    await rolls(visit, second, 1)


@pytest.mark.slow
@pytest.mark.parametrize("proxy", ["haproxy"], indirect=True)
async def test_nobody_notices_that_a_node_is_restarted_again_and_again(
    visit: Visit, second: Server
) -> None:
    rolling = await rolls(visit, second, 12)
    assert rolling.times_without_node == 0


async def test_every_way_in_works_and_outlives_a_node(
    visit: Visit, second: Server, proxy: Proxy
) -> None:
    town = visit.town
    room = await town.creates(f"in front {proxy.port}", "private", "ben", "cleo", "dana")
    people = await arrivals(visit, room)
    async with Listener(proxy.url, town.tokens["dana"], f"chat:{room}") as listener:
        listener.begins(again=True)
        await listener.hears("connection")
        await talk(people, room, 5)
        await all_have_all(visit, people, room)
        again = [send.text for send in visit.history.sends if len(send.tries) > 1]
        assert again == [], "a session was lost with all nodes up"
        second.is_killed()
        await talk(people, room, 5)
        await all_have_all(visit, people, room)
        sent = sorted(send.text for send in visit.history.sends)
        await eventually(lambda: sorted(listener.texts()) == sent, "the stream has all, once")
    await second.starts()


async def test_large_bodies_and_addresses_reach_the_nodes_as_they_are(visit: Visit) -> None:
    """A megabyte over HTTP and over polling; the address is the client's, whatever it claims."""
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {visit.town.tokens['ana']}"}
        for size, status in ((MEGABYTE, 400), (3 * MEGABYTE, 413)):
            body = {"name": "x" * size}
            url = f"{visit.url}/api/rooms"
            async with session.post(url, json=body, headers=headers) as answer:
                assert answer.status == status, await answer.text()
        # As a stranger's, for a proxy passed it on: a program on this machine would be let in.
        claimed = {"X-Forwarded-For": "127.0.0.1"}
        async with session.get(f"{visit.url}/metrics", headers=claimed) as answer:
            assert answer.status == 401


@pytest.mark.parametrize("name", ["haproxy", "nginx"])
async def test_over_tls_cookies_are_secure_and_parley_knows_of_it(
    first: Town, name: str, tmp_path: Path
) -> None:
    """The files as they are, but for addresses, and over a real certificate."""
    pem = write_certificate(tmp_path / "parley.pem")
    proxy = Proxy(name, tmp_path, [first.server.port], pem)
    try:
        await proxy.starts()
        connector = aiohttp.TCPConnector(ssl=False)
        async with aiohttp.ClientSession(connector=connector) as session:
            await eventually(lambda: answers_ready(proxy.url, session), "the node is ready")
            handshake = f"{proxy.url}/socket.io/?EIO=4&transport=polling"
            async with session.get(handshake) as answer:
                assert answer.status == 200
                cookie = answer.cookies["parley_node"]
                assert cookie["secure"]
                assert cookie["httponly"]
            for path in ("/login", "/socket.io/?EIO=4&transport=polling&sid=x"):
                async with session.get(proxy.url + path) as answer:
                    told = answer.headers.getall("Strict-Transport-Security")
                    assert told == ["max-age=31536000"], path
    finally:
        proxy.ends()
