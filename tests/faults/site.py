"""A town on three nodes with one replica set of three members, and perhaps a Redis.

All lines between them lead over links that can be cut, slowed and made half-open.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from app.storage.mongo import DEFAULT_NAME, client_name
from tests.harness.links import Link, State, running_links
from tests.harness.members import Members
from tests.harness.redis_server import RedisServer
from tests.harness.server import Server
from tests.harness.town import Town
from tests.harness.waiting import eventually

NODES = ("first", "second", "third")
# So quickly another member takes over from a primary that is stopped for five seconds.
ELECTION_MS = 3_000


class Site:
    """`nodes` are the servers, the first one the town's. `to_redis` has a link for each node, none
    where they use the change stream; `to_database` has one for each member of the replica set."""

    def __init__(
        self,
        nodes: list[Server],
        redis: RedisServer,
        members: Members,
        to_redis: list[Link],
        to_database: list[Link],
    ) -> None:
        self.town = Town(nodes[0])
        self.nodes = nodes
        self.redis = redis
        self.members = members
        self._to_redis = to_redis
        self._to_database = to_database

    async def is_whole(self) -> None:
        """Start what a test left dead."""
        if self._to_redis and not self.redis.is_running:
            await self.redis.starts()
        dead = [node for node in self.nodes if not node.is_running]
        await asyncio.gather(*(node.starts() for node in dead))

    async def redis_is_away(self, for_s: float) -> None:
        """Kill Redis and start it again."""
        self.redis.is_killed()
        await asyncio.sleep(for_s)
        await self.redis.starts()

    async def redis_hangs(self, for_s: float) -> None:
        """Let Redis answer nothing for a while."""
        self.redis.freezes()
        await asyncio.sleep(for_s)
        self.redis.thaws()

    async def node_is_killed(self, place: int) -> None:
        """Kill a node and start it again."""
        self.nodes[place].is_killed()
        await self.nodes[place].starts()

    async def redis_link_is(self, state: State, place: int, for_s: float) -> None:
        """Have the link of one node to Redis in a state for a while."""
        self._to_redis[place].becomes(state)
        await asyncio.sleep(for_s)
        self._to_redis[place].becomes(State())

    async def database_link_is(self, state: State, place: int, for_s: float) -> None:
        """Have the links of one node to all members of the replica set in a state for a while."""
        process = self.nodes[place].process.pid
        for link in self._to_database:
            link.becomes(state, process=process)
        await asyncio.sleep(for_s)
        for link in self._to_database:
            link.becomes(State(), process=process)

    def holder_of(self, hook: str) -> int:
        """The place of the node that delivers for an outgoing webhook now."""
        with MongoClient[dict[str, Any]](self.members.url) as client:
            found = client[DEFAULT_NAME]["outgoing_hooks"].find_one({"_id": hook})
        assert found is not None
        names = [client_name(node.process.pid) for node in self.nodes]
        return names.index(found["held"]["process"])

    async def all_are_ready(self) -> None:
        """Wait until every node can commit."""

        async def is_ready() -> bool:
            return [await node.status("/readyz") for node in self.nodes] == [200] * len(NODES)

        await eventually(is_ready, "all nodes are ready", 60)


@contextmanager
def running_site(folder: Path, *, over_redis: bool = True) -> Iterator[Site]:
    """All of it, started. At the end no node may have a failure in its log."""
    redis = RedisServer(folder)
    with running_links() as links:
        to_database: list[Link] = []

        def through(port: int) -> int:
            to_database.append(links.leads_to(port))
            return to_database[-1].port

        members = Members(folder, through, ELECTION_MS)
        to_redis = [links.leads_to(redis.port) for _ in NODES if over_redis]
        buses = [{"REDIS_URL": f"redis://127.0.0.1:{link.port}/0"} for link in to_redis]
        buses = buses or [{} for _ in NODES]
        nodes = [
            Server(
                _made(folder / name),
                log_name=name,
                PARLEY_NODE_NAME=name,
                PARLEY_HOOKS_ALLOW_PRIVATE="true",
                MONGODB_URL=members.url,
                **bus,
            )
            for name, bus in zip(NODES, buses, strict=True)
        ]
        site = Site(nodes, redis, members, to_redis, to_database)
        try:
            asyncio.run(_begin(site))
            yield site
            for node in nodes:
                node.assert_clean_log()
        finally:
            for node in nodes:
                node.ends()
            redis.ends()
            members.end()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _begin(site: Site) -> None:
    await site.members.start()
    await site.is_whole()
    await site.town.is_founded()
