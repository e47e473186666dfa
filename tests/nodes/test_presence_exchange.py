"""Nodes tell each other who is connected to them, over a store that both can read."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from app.nodes import presence_exchange
from app.nodes.models import NodeReport, PresenceVersion
from app.nodes.presence_exchange import PresenceExchange, PresenceHint
from app.nodes.store import INDEXES, NodeStore
from app.storage.migrations import migrate
from app.storage.mongo import Database
from tests.harness.waiting import eventually
from tests.nodes.reports import report


class Node:
    """One end. It hears of the other by `reads`, or by hints where they are joined."""

    def __init__(self, name: str, store: NodeStore) -> None:
        self.name = name
        self.hints: list[PresenceHint] = []
        self.hears: Callable[[PresenceHint], None] = lambda _: None
        self.times_missed = 0
        self.seconds = 0.0
        self.people = PresenceExchange(
            name, store, self._publish, self._misses, lambda: self.seconds
        )

    def _publish(self, hint: PresenceHint) -> None:
        self.hints.append(hint)
        self.hears(hint)

    def _misses(self) -> None:
        self.times_missed += 1

    @property
    def report(self) -> NodeReport:
        return report(self.name, self.people.version)

    async def reads(self, *others: "Node") -> None:
        await self.people.catch_up([other.report for other in others])

    async def has_written(self, rev: int) -> None:
        await eventually(lambda: self.people.version.rev >= rev, f"{self.name} has written {rev}")


@pytest.fixture
async def store(database: Database) -> NodeStore:
    await migrate(database, [INDEXES])
    return NodeStore(database)


@asynccontextmanager
async def running(*nodes: Node) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(node.people.run()) for node in nodes]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def nodes(
    store: NodeStore, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Node, Node]]:
    """Two that know of each other."""
    monkeypatch.setattr(presence_exchange, "FLUSH_S", 0.01)
    here, there = Node("here", store), Node("there", store)
    async with running(here, there):
        for node in (here, there):
            node.people.set_has_peers(has_peers=True)
        await asyncio.gather(here.has_written(1), there.has_written(1))
        yield here, there


async def test_what_one_node_has_written_the_other_reads(nodes: tuple[Node, Node]) -> None:
    here, there = nodes
    here.people.note("ana", "online")
    here.people.note("ben", "idle")
    await here.has_written(2)
    await there.reads(here, there)
    assert there.people.others.of("ana") == ("online",)
    here.people.note("ana", None)
    await here.has_written(3)
    await there.reads(here, there)
    assert there.people.others.of("ana") == ()
    assert there.people.others.of("ben") == ("idle",)


async def test_hints_need_no_reading(nodes: tuple[Node, Node]) -> None:
    here, there = nodes
    await there.reads(here)
    here.hears = there.people.receive
    here.people.note("ana", "online")
    await eventually(lambda: there.people.others.of("ana") == ("online",), "ana is told")
    here.people.note("ana", None)
    await eventually(lambda: there.people.others.of("ana") == (), "ana is told again")
    assert there.times_missed == 0


async def test_a_missed_hint_is_noticed_by_the_next(nodes: tuple[Node, Node]) -> None:
    here, there = nodes
    await there.reads(here)
    here.people.note("ana", "online")
    await here.has_written(2)
    here.people.note("ben", "online")
    await here.has_written(3)
    _, _, latest = here.hints
    there.people.receive(latest)
    assert there.times_missed == 1
    assert there.people.others.of("ben") == ()
    # The lease that says so may be a little older than the hint.
    await there.people.catch_up([report("here", PresenceVersion(epoch=1, rev=1))])
    assert there.people.others.of("ana") == there.people.others.of("ben") == ("online",)


async def test_hints_that_come_twice_or_late_change_nothing(nodes: tuple[Node, Node]) -> None:
    here, there = nodes
    await there.reads(here)
    here.people.note("ana", "online")
    await here.has_written(2)
    here.people.note("ana", None)
    await here.has_written(3)
    await there.reads(here)
    for hint in here.hints:
        there.people.receive(hint)
    assert there.people.others.of("ana") == ()
    assert there.times_missed == 0


async def test_a_node_alone_writes_nothing_and_all_when_another_comes(
    store: NodeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence_exchange, "FLUSH_S", 0.01)
    here, there = Node("here", store), Node("there", store)
    here.people.note("ana", "online")
    here.people.note("ben", "online")
    here.people.note("ben", None)
    async with running(here):
        here.people.set_has_peers(has_peers=False)
        await asyncio.sleep(0)
        assert here.people.version == PresenceVersion()
        here.people.set_has_peers(has_peers=True)
        await here.has_written(1)
    await there.reads(here)
    assert there.people.others.of("ana") == ("online",)
    assert await store.people("here") == {"ana": "online"}


async def test_one_who_was_away_for_long_reads_all_anew(nodes: tuple[Node, Node]) -> None:
    here, there = nodes
    here.people.note("ana", "online")
    await here.has_written(2)
    await there.reads(here)
    # That she has left is kept for a minute only.
    here.people.note("ana", None)
    await here.has_written(3)
    here.seconds += presence_exchange.GONE_KEPT_S + 1
    here.people.note("ben", "online")
    await here.has_written(4)

    async def is_forgotten() -> bool:
        return "ana" not in await everybody_ever(here)

    async def everybody_ever(node: Node) -> set[str]:
        return set(await node.people._store.people_since(node.name, 0))

    await eventually(is_forgotten, "nothing is kept of ana")
    there.seconds += presence_exchange.TRUSTED_S + 1
    await there.reads(here)
    assert there.people.others.of("ana") == ()
    assert there.people.others.of("ben") == ("online",)


async def test_a_hint_that_comes_while_reading_is_not_undone(
    nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = nodes
    await there.reads(here)
    here.people.note("ana", "idle")
    await here.has_written(2)
    read = NodeStore.people_since

    async def reads_slowly(store: NodeStore, node: str, rev: int) -> dict[str, str | None]:
        found = await read(store, node, rev)
        if there.people.others.of("ana") == ():
            here.people.note("ana", "online")
            await here.has_written(3)
            for hint in here.hints:
                there.people.receive(hint)
        return found

    monkeypatch.setattr(NodeStore, "people_since", reads_slowly)
    await there.reads(here)
    assert there.people.others.of("ana") == ("online",)


async def test_a_stopping_node_keeps_its_people(nodes: tuple[Node, Node]) -> None:
    here, there = nodes
    here.people.note("ana", "online")
    await here.has_written(2)
    here.people.freeze()
    here.people.note("ana", None)
    await there.reads(here)
    assert there.people.others.of("ana") == ("online",)
    # Its lease ends some seconds later.
    await there.reads()
    assert there.people.others.of("ana") == ()


async def test_nothing_is_kept_of_a_node_that_ended_before_its_hint_was_followed(
    nodes: tuple[Node, Node],
) -> None:
    here, there = nodes
    await there.reads(here)
    there.people.receive(PresenceHint(node="here", epoch=9, prev=8, rev=9))
    assert there.people._announced.keys() == {"here"}
    await there.reads()
    assert there.people._announced == {}
