"""Three servers on one database and one Redis: what one commits, all show; whatever breaks."""

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from tests.checker.history import Kind
from tests.faults.conftest import Visit
from tests.harness.delivery import assert_kept
from tests.harness.person import Person
from tests.harness.plain_wire import PlainWire
from tests.harness.redis_server import RedisServer
from tests.harness.server import Server
from tests.harness.town import Town, founded_town
from tests.harness.waiting import eventually

NAMES = ("ana", "ben", "cleo", "dana", "ana", "ben")
KINDS: tuple[Kind, ...] = ("edit", "add", "add", "remove", "delete")


class Site:
    """A town on three nodes that share a Redis."""

    def __init__(self, town: Town, others: list[Server], redis: RedisServer) -> None:
        self.town = town
        self.redis = redis
        self.nodes = [town.server, *others]

    async def is_whole(self) -> None:
        """Start what a test left dead, and wait till all nodes hear each other."""
        if not self.redis.is_running:
            await self.redis.starts()
        dead = [node for node in self.nodes if not node.is_running]
        await asyncio.gather(*(node.starts() for node in dead))

    async def redis_is_away(self, for_s: float) -> None:
        """Kill Redis and start it again."""
        self.redis.is_killed()
        await asyncio.sleep(for_s)
        await self.redis.starts()


@pytest.fixture(scope="module")
def running_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("nodes")
    redis = RedisServer(folder)
    others: list[Server] = []
    try:
        with founded_town(folder, REDIS_URL=redis.url) as town:
            shared = {"REDIS_URL": redis.url, "MONGODB_URL": town.server.database_url}
            for name in ("second", "third"):
                (folder / name).mkdir()
                others.append(Server(folder / name, log_name=name, **shared))
            yield Site(town, others, redis)
            for other in others:
                other.assert_clean_log()
    finally:
        redis.ends()
        for other in others:
            other.ends()


@pytest.fixture
async def site(running_site: Site) -> Site:
    await running_site.is_whole()
    return running_site


@pytest.fixture
async def visit(site: Site) -> AsyncIterator[Visit]:
    async with AsyncExitStack() as stack:
        yield Visit(site.town, stack)


async def arrives_everywhere(visit: Visit, site: Site, room: str) -> list[Person]:
    """Six people, two on each node."""
    return [
        await visit.arrives(name, room, site.nodes[n % 3], wire=PlainWire)
        for n, name in enumerate(NAMES)
    ]


async def talks(person: Person, room: str, rounds: int, seed: int) -> None:
    """Send, and change what is in sight."""
    dice = random.Random(seed)
    for n in range(rounds):
        await person.sends(f"{person.username} {seed} says {n}", room, f"{seed}-{n}")
        said = [m for m in person.room(room).messages if not m.system]
        if said and dice.random() < 0.3:
            kind = dice.choice(KINDS)
            value = {"edit": f"{seed} edits {n}", "delete": ""}.get(kind, dice.choice("👍🎉"))
            await person.amends(kind, dice.choice(said[-5:]).id, value, room)


async def all_read_the_same(visit: Visit, people: list[Person], room: str) -> None:
    asked = [*visit.history.sends, *visit.history.amends]
    head = max(ack.rev for each in asked for ack in each.acks)
    for person in people:
        await person.reaches(head, room)
    await assert_kept(visit.town, visit.history, room)


async def test_what_one_node_commits_the_others_show_at_once(visit: Visit, site: Site) -> None:
    room = await site.town.creates("quick", "private", "ben", "cleo", "dana")
    ana, *others = await arrives_everywhere(visit, site, room)
    began = time.monotonic()
    for n in range(20):
        text = f"message {n}"
        await ana.sends(text, room)
        for other in others:
            await eventually(lambda: text in other.room(room).texts(), "it is shown", 3)  # noqa: B023
    # The position check alone would bring one a second.
    assert time.monotonic() - began < 12
    await all_read_the_same(visit, [ana, *others], room)


async def breaks(site: Site, dice: random.Random) -> None:
    """Kill Redis, let it hang, kill a node, or kill the database."""
    kind = dice.choice(("redis", "redis", "hangs", "node", "database"))
    if kind == "redis":
        await site.redis_is_away(dice.uniform(0.1, 4))
    elif kind == "hangs":
        site.redis.freezes()
        await asyncio.sleep(dice.uniform(0.5, 5))
        site.redis.thaws()
    elif kind == "node":
        node = dice.choice(site.nodes[1:])
        node.is_killed()
        await node.starts()
    else:
        os.kill(site.town.server.mongod_pid, signal.SIGKILL)
        await asyncio.sleep(5)


@pytest.mark.slow
async def test_a_long_storm_of_20_000_messages(visit: Visit, site: Site) -> None:
    room = await site.town.creates("long storm", "private", "ben", "cleo", "dana")
    people = await arrives_everywhere(visit, site, room)
    dice = random.Random(18)
    async with asyncio.timeout(3_600), asyncio.TaskGroup() as group:
        talking = [
            group.create_task(talks(person, room, 3_334, seed))
            for seed, person in enumerate(people)
        ]
        while not all(task.done() for task in talking):
            await asyncio.sleep(dice.uniform(1, 4))
            await breaks(site, dice)
    assert sum(bool(send.acks) for send in visit.history.sends) == 6 * 3_334
    await all_read_the_same(visit, people, room)


async def test_nothing_is_lost_while_redis_and_a_node_are_killed(visit: Visit, site: Site) -> None:
    room = await site.town.creates("storm", "private", "ben", "cleo", "dana")
    people = await arrives_everywhere(visit, site, room)
    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        for seed, person in enumerate(people):
            group.create_task(talks(person, room, 30, seed))
        await site.redis_is_away(0.5)
        site.redis.freezes()
        await asyncio.sleep(0.3)
        site.redis.thaws()
        site.nodes[2].is_killed()
        await site.nodes[2].starts()
        await site.redis_is_away(0.2)
    assert sum(bool(send.acks) for send in visit.history.sends) == 6 * 30
    await all_read_the_same(visit, people, room)
