"""Three servers on one replica set and one Redis: what one commits, all show; whatever breaks."""

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from app.nodes.store import LEASE_S
from tests.checker.delays import quantile
from tests.checker.history import Acked, Send
from tests.faults.cluster_storm import CUT, NAMES, Break, ClusterStorm
from tests.faults.conftest import Visit
from tests.faults.hooked_room import has_arrived, hooked, talks
from tests.faults.site import Site, running_site
from tests.harness.delivery import assert_kept
from tests.harness.person import Person
from tests.harness.plain_wire import PlainWire
from tests.harness.waiting import eventually
from tests.hooks.receiver import open_receiver


@pytest.fixture(scope="module")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("nodes")) as site:
        yield site


@pytest.fixture
async def site(whole_site: Site) -> Site:
    await whole_site.is_whole()
    return whole_site


@pytest.fixture(scope="module")
def site_without_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("changes"), over_redis=False) as site:
        yield site


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
            await eventually(lambda: text in other.room(room).texts(), "it is shown")  # noqa: B023
    # The position check alone would bring one a second.
    assert time.monotonic() - began < 15
    await all_read_the_same(visit, [ana, *others], room)


async def test_two_nodes_change_the_same_message_at_the_same_instant(
    visit: Visit, site: Site
) -> None:
    room = await site.town.creates("same item")
    here, there = [await visit.arrives("ana", room, node) for node in site.nodes[:2]]
    for n in range(8):
        item = id_of(await here.sends(f"message {n}", room, client_id=f"same-{n}"))
        await asyncio.gather(
            here.amends("edit", item, f"here {n}", room),
            there.amends("edit", item, f"there {n}", room),
            here.amends("add", item, "👍", room),
            there.amends("add", item, "🎉", room),
        )
        if n % 2:
            await asyncio.gather(
                here.amends("delete", item, room=room),
                there.amends("edit", item, f"too late {n}", room),
                there.amends("delete", item, room=room),
            )
    await all_read_the_same(visit, [here, there], room)


async def test_same_message_sent_to_two_nodes_is_one(visit: Visit, site: Site) -> None:
    room = await site.town.creates("same client id")
    here, there = [await visit.arrives("ana", room, node) for node in site.nodes[1:]]
    for n in range(8):
        one, two = await asyncio.gather(
            here.sends(f"message {n}", room, client_id=f"both-{n}"),
            there.sends(f"message {n}", room, client_id=f"both-{n}"),
        )
        assert id_of(one) == id_of(two)
        visit.history.sends.remove(two)
    await all_read_the_same(visit, [here, there], room)


def id_of(send: Send) -> str:
    acked: list[Acked] = send.acks
    return acked[0].id


async def test_a_hook_is_delivered_once_and_misses_nothing_when_its_node_dies(
    visit: Visit, site: Site
) -> None:
    room = await site.town.opens("hooked by three")
    people = [
        await visit.arrives(name, room, node, wire=PlainWire)
        for name, node in zip(("ben", "cleo", "dana"), site.nodes, strict=True)
    ]
    said = asyncio.Semaphore(0)
    async with open_receiver() as receiver:
        hook = await hooked(visit, room, receiver)
        await asyncio.gather(*(talks(person, room, 15, said) for person in people))
        await has_arrived(visit, room, receiver, hook)
        assert len({each.id for each in receiver.tries}) == len(receiver.tries)
        async with asyncio.timeout(120), asyncio.TaskGroup() as group:
            receiver.may_answer.clear()
            taken = len(receiver.taken)
            for person in people:
                group.create_task(talks(person, room, 15, said))
            await eventually(lambda: len(receiver.taken) > taken, "a delivery is under way")
            place = site.holder_of(hook["id"])
            site.nodes[place].is_killed()
            receiver.may_answer.set()
            await site.nodes[place].starts()
        await has_arrived(visit, room, receiver, hook)


SHORT: tuple[Break, ...] = (
    "redis is killed",
    "to redis: half-open",
    "a node is killed",
    "to the database: cut",
    "the primary steps down",
    "the primary is stopped",
)


async def test_nothing_is_lost_in_a_storm(visit: Visit, site: Site) -> None:
    storm = ClusterStorm(
        visit,
        site,
        messages=180,
        breaks=SHORT,
        lasts_s=0.5,
        stopped_s=1.0,
        calm_s=0.0,
        pause_s=0.05,
    )
    await storm.passes("storm")


# How often each thing breaks in the long storm.
LONG: dict[Break, int] = {
    "redis is killed": 20,
    "redis hangs": 2,
    "a node is killed": 10,
    "the primary steps down": 5,
    "the primary is stopped": 5,
    "to redis: cut": 2,
    "to redis: slow": 2,
    "to redis: half-open": 2,
    "to the database: cut": 2,
    "to the database: slow": 2,
    "to the database: half-open": 3,
}


def long_breaks(*left_out: str) -> list[Break]:
    """Those of LONG in a fixed order by chance, without those whose names begin so."""
    breaks = [k for k, times in LONG.items() if not k.startswith(left_out) for _ in range(times)]
    random.Random(18).shuffle(breaks)
    return breaks


@pytest.mark.slow
async def test_people_of_a_node_without_its_database_stay_present(visit: Visit, site: Site) -> None:
    room = await site.town.creates("cut off", "private", "ben")
    ana = await visit.arrives("ana", room, site.nodes[0])
    ben = await visit.arrives("ben", room, site.nodes[1])
    await eventually(lambda: states(ana, ben)[-1:] == ["online"], "ana sees ben")
    ana.wire.events.clear()
    await site.database_link_is(CUT, 1, LEASE_S + 4)
    await site.all_are_ready()
    await ben.sends("back", room)
    await ana.sees("back", room)
    assert "offline" not in states(ana, ben)
    site.nodes[1].is_killed()
    await eventually(lambda: states(ana, ben)[-1:] == ["offline"], "ben is away")


def states(person: Person, of: Person) -> list[str]:
    """The states of another one that `person` was told of, in order."""
    heard = [payload for name, payload in person.wire.events if name == "presence"]
    return [user["state"] for payload in heard for user in payload["users"] if user["id"] == of.id]


@pytest.mark.slow
async def test_a_long_storm_of_20_000_messages(visit: Visit, site: Site) -> None:
    storm = ClusterStorm(
        visit,
        site,
        messages=20_000,
        breaks=long_breaks(),
        lasts_s=3.0,
        stopped_s=5.0,
        calm_s=2.0,
        pause_s=0.05,
    )
    delays = await storm.passes("long storm")
    figures = storm.figures(delays)
    sys.stdout.write(f"\n{figures}\n")
    assert quantile(delays.within(storm.redis_away), 0.99) <= 1.5, figures
    calm, back = delays.within(storm.calm), delays.within(storm.redis_back)
    assert quantile(back, 0.5) <= max(0.003, 2 * quantile(calm, 0.5)), figures
    assert quantile(back, 0.99) <= max(0.015, 2 * quantile(calm, 0.99)), figures


@pytest.mark.slow
async def test_a_long_storm_without_redis(site_without_redis: Site) -> None:
    site = site_without_redis
    async with AsyncExitStack() as stack:
        storm = ClusterStorm(
            Visit(site.town, stack),
            site,
            messages=5_000,
            breaks=long_breaks("redis", "to redis"),
            lasts_s=3.0,
            stopped_s=5.0,
            calm_s=2.0,
            pause_s=0.05,
        )
        delays = await storm.passes("over the change stream")
    sys.stdout.write(f"\n{storm.figures(delays)}\n")
