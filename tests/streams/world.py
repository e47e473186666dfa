"""The words of these tests: nodes with their own committer and hub, and people who write."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from app.bus.bus import Bus
from app.errors import NotFound
from app.ids import new_id
from app.storage.mongo import Database
from app.streams.committer import Committer
from app.streams.hub import Hub
from app.streams.log import Log
from app.streams.models import Batch, Change, Committed, Guard, Item, Write
from app.streams.remote_commits import RemoteCommits
from app.telemetry.tasks import Tasks

PATIENCE_S = 25.0
NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)


class Node:
    """One process of Parley, as far as the core is concerned."""

    def __init__(self, database: Database, capacity: int = 1_000, bus: Bus | None = None) -> None:
        self.database = database
        self.tasks = Tasks()
        self.log = Log(database)
        self.bus = bus or Bus()
        self.hub = Hub(self.log, self.tasks, self.bus)
        self.remote_commits = RemoteCommits(self.hub, self.log, self.bus, self.tasks)
        self.published: list[Batch] = []
        self.committer = Committer(
            database,
            self.log,
            deliver=self._deliver,
            seen=self.hub.seen,
            capacity=capacity,
            clock=time.monotonic,
            node=self.bus.node_id,
        )

    def _deliver(self, batch: Batch) -> None:
        self.published.append(batch)
        self.hub.publish(batch)

    def start(self) -> None:
        self.running = self.tasks.spawn(self.committer.run(), "committer")

    async def crash(self) -> None:
        """Act like SIGKILL: finish nothing and tell no one."""
        await self.tasks.close()


@asynccontextmanager
async def running(
    database: Database, capacity: int = 1_000, bus: Bus | None = None
) -> AsyncIterator[Node]:
    """A node that commits; no task of it may have died unseen, and nothing be left behind."""
    node = Node(database, capacity, bus)
    node.start()
    try:
        yield node
        if not node.committer.waiting:
            assert len(node.committer._attempt.unsettled) == 0
    finally:
        await node.crash()
    assert node.tasks.crashed == []


class Person:
    """Someone who writes in one stream, over one node."""

    def __init__(self, node: Node, stream: str, name: str) -> None:
        self.node = node
        self.stream = stream
        self.name = name

    async def sends(self, text: str, client_id: str | None = None, **more: Any) -> Committed:
        return await self.submits(self.message(text, client_id, **more))

    async def edits(self, item_id: str, text: str, client_id: str | None = None) -> Committed:
        return await self.submits(self.edit(item_id, text, client_id))

    async def deletes(self, item_id: str, client_id: str | None = None) -> Committed:
        return await self.submits(self.deletion(item_id, client_id))

    async def submits(self, change: Change) -> Committed:
        """A commit that hangs is a failure and not a test run without an end."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.node.committer.submit(change)

    def message(
        self,
        text: str,
        client_id: str | None = None,
        *,
        guard: Guard | None = None,
        writes: tuple[Write, ...] = (),
    ) -> Change:
        return self._change(
            "send", text, client_id, body={"text": text}, guard=guard, writes=writes
        )

    def edit(self, item_id: str, text: str, client_id: str | None = None, **more: Any) -> Change:
        def amend(item: Item) -> Item:
            must_stand(item)
            return replace(item, body=item.body | {"text": text})

        return self._change("edit", text, client_id, of=item_id, amend=amend, **more)

    def deletion(self, item_id: str, client_id: str | None = None) -> Change:
        def amend(item: Item) -> Item:
            must_stand(item)
            return replace(item, body={}, deleted=True)

        return self._change("delete", item_id, client_id, of=item_id, amend=amend)

    def reaction(self, item_id: str, symbol: str, client_id: str | None = None) -> Change:
        """Adding what is there already changes nothing."""

        def amend(item: Item) -> Item:
            must_stand(item)
            symbols = item.body.get("symbols", [])
            if symbol in symbols:
                return item
            return replace(item, body=item.body | {"symbols": sorted([*symbols, symbol])})

        return self._change("react", symbol, client_id, of=item_id, amend=amend)

    def _change(self, kind: str, text: str, client_id: str | None, **more: Any) -> Change:
        return Change(
            id=new_id(),
            stream=self.stream,
            sender=self.name,
            client_id=client_id or new_id(),
            fingerprint=f"{kind} {more.get('of')} {text}".encode(),
            at=NOON,
            **more,
        )


def must_stand(item: Item) -> None:
    if item.deleted:
        raise NotFound("This message was deleted.")


async def entries_of(database: Database, stream: str) -> list[dict[str, Any]]:
    """Everything that is stored of a stream, in the order of rev."""
    found = database.collection("entries").find({"stream": stream}).sort("rev")
    return [dict(entry) for entry in await found.to_list(None)]


async def texts_of(database: Database, stream: str) -> list[str]:
    """The texts of a stream's items, oldest first."""
    entries = await entries_of(database, stream)
    return [e["body"].get("text", "") for e in entries if e["kind"] == "item"]


async def assert_contiguous(database: Database, stream: str, count: int) -> None:
    """Every rev from 1 to `count` is claimed once, and no other."""
    revs = [e["rev"] for e in await entries_of(database, stream)]
    assert revs == list(range(1, count + 1))


class Page:
    """A client's copy, items by id and a cursor, kept by the rules of the protocol."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.cursor = 0
        self.batches: list[Batch] = []
        self.gaps = 0

    def deliver(self, batch: Batch) -> None:
        self.batches.append(batch)
        if batch.prev > self.cursor:
            self.gaps += 1
            return
        self.apply(batch.items, batch.rev)

    def apply(self, items: list[Item], rev: int) -> None:
        for item in items:
            held = self.items.get(item.id)
            if held is None or item.rev > held.rev:
                self.items[item.id] = item
        self.cursor = max(self.cursor, rev)

    async def sync(self, log: Log, stream: str, limit: int = 500) -> None:
        """Ask until there is nothing more, and hold every answer to its invariants."""
        more = True
        while more:
            answer = await log.sync(stream, self.cursor, limit, limit)
            lowest = 0 if answer.reset else self.cursor
            assert all(lowest < item.rev <= answer.rev for item in answer.items)
            assert [i.rev for i in answer.items] == sorted(i.rev for i in answer.items)
            assert answer.reset or answer.rev >= self.cursor
            if answer.reset:
                self.items, self.cursor = {}, 0
            self.apply(answer.items, answer.rev)
            more = answer.more

    @property
    def texts(self) -> list[str]:
        standing = sorted(self.items.values(), key=lambda item: item.seq)
        return [item.body.get("text", "") for item in standing if not item.deleted]


async def together(*work: Any) -> list[Any]:
    """All at once; failures are among the answers."""
    return await asyncio.gather(*work, return_exceptions=True)
