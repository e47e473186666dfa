"""`serve --workers 2`: one port, two processes, and every transport works through any of them."""

import asyncio
import os
import re
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from app.storage.os_process import arguments_of
from tests.faults.conftest import Visit
from tests.faults.storm import Storm
from tests.harness.listener import Listener
from tests.harness.node_person import NodePerson
from tests.harness.person import Person
from tests.harness.plain_wire import PlainWire
from tests.harness.server import Server
from tests.harness.town import PASSWORD, Town, founded_town
from tests.harness.waiting import eventually
from tests.harness.wire import PollingWire

WORKERS = 2
NODES = "/api/admin/nodes"


@pytest.fixture(scope="module")
def working_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One server with two workers for all these tests."""
    with founded_town(tmp_path_factory.mktemp("workers"), PARLEY_WORKERS=str(WORKERS)) as town:
        yield town


@pytest.fixture
async def visit(working_town: Town) -> AsyncIterator[Visit]:
    async with AsyncExitStack() as stack:
        yield Visit(working_town, stack)


class PollingStorm(Storm):
    """Four people over polling, of two official clients."""

    async def _people(self, room: str) -> list[Person | NodePerson]:
        visit, polling = self._visit, {"transports": "polling"}
        return [
            await visit.arrives("ana", room, wire=PollingWire),
            await visit.arrives("ben", room, wire=PollingWire),
            await visit.arrives_in_javascript("cleo", room, **polling),
            await visit.arrives_in_javascript("dana", room, **polling),
        ]


async def no_break(_: int) -> None:
    """Let nothing happen."""


async def test_official_clients_over_polling_alone_send_1000_messages(visit: Visit) -> None:
    await PollingStorm(visit, messages=1_000, times=0, breaks=no_break).passes("polling")
    lost = [t for s in visit.history.sends for t in s.tries[1:]]
    assert lost == [], "a session was lost on the way between the workers"
    figures = await metrics(visit.town.server)
    shown = [line for line in figures.splitlines() if line.startswith("parley_connections{")]
    assert len(shown) == WORKERS, figures[:2000]
    await visit.town.settles("fay", "--admin")
    status, nodes = await visit.town.calls("GET", "/api/admin/nodes", by="fay")
    assert status == 200, nodes
    assert [node["name"].partition("#")[2] for node in nodes["items"]] == ["1", "2"]


async def test_every_transport_hears_what_any_worker_commits(visit: Visit) -> None:
    town = visit.town
    room = await town.creates("workers", "private", "ben", "cleo", "dana")
    people = [
        await visit.arrives("ana", room),
        await visit.arrives("ben", room, wire=PollingWire),
        await visit.arrives("cleo", room, wire=PlainWire),
        await visit.arrives_in_javascript("dana", room, transports="polling,websocket"),
    ]
    async with Listener(town.server.url, town.tokens["dana"], f"chat:{room}") as listener:
        await listener.opens()
        sends = [await person.sends(f"from {person.username}", room) for person in people]
        # A poll of more than a socket's buffer goes to its worker whole.
        sends.append(await people[1].sends("x" * 9_000, room))
        head = max(ack.rev for send in sends for ack in send.acks)
        for person in people:
            await person.reaches(head, room)
        await eventually(lambda: len(listener.texts()) >= len(sends), "the stream has all")


async def metrics(server: Server) -> str:
    """The figures of all workers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /metrics HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer.decode()


async def test_worker_that_is_killed_starts_again_and_nothing_is_lost(visit: Visit) -> None:
    server = visit.town.server

    async def kills(_: int) -> None:
        before = server.workers
        assert len(before) == WORKERS
        os.kill(min(before), signal.SIGKILL)
        await eventually(lambda: len(server.workers - before) == 1, "another worker starts", 10)

    await PollingStorm(visit, messages=200, times=1, breaks=kills).passes("killed")


async def test_workers_are_drained_and_put_back_together(visit: Visit) -> None:
    town = visit.town
    await town.settles("gus", "--admin")

    async def states() -> set[str]:
        return {node["state"] for node in (await town.calls("GET", NODES, by="gus"))[1]["items"]}

    async def only_living_ones() -> bool:
        return len((await town.calls("GET", NODES, by="gus"))[1]["items"]) == WORKERS

    await eventually(only_living_ones, "one that was killed before is no longer listed")
    for method, state, ready in (("POST", "draining", 503), ("DELETE", "up", 200)):
        _, nodes = await town.calls("GET", NODES, by="gus")
        worker, path = nodes["items"][0]["id"], f"{NODES}/{nodes['items'][0]['id']}/drain"
        status, asked = await town.calls(method, path, by="gus")
        assert (status, asked["node"], len(asked["nodes"])) == (202, worker, WORKERS)
        await eventually(lambda: _are(states, state), f"all are {state}")  # noqa: B023
        await eventually(lambda: _all_answer(town.server, ready), f"all answer {ready}")  # noqa: B023


async def _all_answer(server: Server, status: int) -> bool:
    """Each connection may be any worker's."""
    return {await server.status("/readyz") for _ in range(10)} == {status}


async def _are(states: Callable[[], Awaitable[set[str]]], state: str) -> bool:
    return await states() == {state}


def test_sockets_and_settings_of_workers_are_their_own_users(working_town: Town) -> None:
    server = working_town.server
    password = server.database_url.partition("@")[0].rpartition(":")[2].encode()
    for pid in server.workers:
        told = [Path(f"/proc/{pid}/{what}").read_bytes() for what in ("cmdline", "environ")]
        assert password not in b"".join(told)
    # Linux lists all Unix sockets; those of other tests are gone at any time.
    paths = re.findall(r"\S+/parley-workers-\w+(?=/)", Path("/proc/net/unix").read_text())
    assert paths
    for path in filter(os.path.isdir, paths):
        assert Path(path).stat().st_mode & 0o077 == 0


@pytest.mark.slow
async def test_backup_is_restored_beside_workers(working_town: Town, tmp_path: Path) -> None:
    server, file = working_town.server, tmp_path / "backup"
    await server.runs("db", "backup", str(file))
    await server.runs("users", "create", "evan", "--password-stdin", stdin=PASSWORD)
    before = server.workers
    await server.runs("db", "restore", str(file))
    ready = "Parley is ready"
    await eventually(lambda: server.log.count(ready) > 1, "it has started again", 60)
    assert len(server.workers) == WORKERS
    assert not server.workers & before
    await working_town.settles("evan")


async def test_no_worker_outlives_its_supervisor(working_town: Town) -> None:
    """The last of these tests: it leaves the server stopped."""
    server = working_town.server
    workers = server.workers
    folders = set(Path(tempfile.gettempdir()).glob("parley-workers-*"))
    server.loses_its_first_process()
    await eventually(lambda: not any(map(arguments_of, workers)), "the workers have ended", 15)
    assert any(not folder.exists() for folder in folders), "their folder stays"
    await server.starts()
    workers = server.workers
    assert len(workers) == WORKERS
    await server.stops()
    assert not any(map(arguments_of, workers))
