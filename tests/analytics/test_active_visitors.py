"""Active visitors are counted to the millisecond, on every node, also after a restart."""

from datetime import datetime, timedelta

from app.analytics.active_visitors import (
    EXACT,
    WINDOW_MS,
    VisitorWindow,
    hashed,
    milliseconds,
    packed,
)
from app.analytics.ingestion import Ingestion
from app.analytics.models import Event
from app.analytics.store.flushes import ArrivalStore
from app.storage.mongo import Database
from tests.analytics.clock import Clock
from tests.analytics.past import Past, utc

CAPACITY = 50_000


def node(database: Database, clock: Clock) -> Ingestion:
    return Ingestion(database, CAPACITY, clock)


def tracks(where: Ingestion, *visitors: str) -> None:
    where.intake.take([Event(event_type="looked", session_id=v) for v in visitors], None)


async def test_five_minutes_are_five_minutes(database: Database, past: Past) -> None:
    clock = Clock(utc(2037, 11, 24, 12, 0, 0))
    here = node(database, clock)
    tracks(here, "a", "b")
    clock.passes(seconds=10)
    tracks(here, "b")
    assert await here.active.count() == 2
    clock.passes(seconds=289, milliseconds=999)
    assert await here.active.count() == 2
    clock.passes(milliseconds=1)
    assert await here.active.count() == 1
    clock.passes(seconds=10)
    assert await here.active.count() == 0


async def test_what_counts_is_when_an_event_arrived(database: Database, past: Past) -> None:
    clock = Clock(utc(2037, 11, 24, 12, 0, 0))
    here = node(database, clock)
    old = Event(event_type="looked", session_id="a", timestamp=clock.now - timedelta(days=2))
    here.intake.take([old], None)
    assert await here.active.count() == 1


async def test_nodes_count_each_visitor_once_to_the_same_edge(
    database: Database, past: Past
) -> None:
    clock = Clock(utc(2037, 11, 24, 12, 0, 0))
    one, two = node(database, clock), node(database, clock)
    tracks(one, "a", "b")
    clock.passes(milliseconds=400)
    tracks(two, "b", "c")
    for each in (one, two):
        await each.writer.flush()
    restarted = node(database, clock)
    for each in (one, two, restarted):
        assert await each.active.count() == 3
    clock.passes(seconds=299, milliseconds=600)
    for each in (one, two, restarted):
        assert await each.active.count() == 2
    clock.passes(milliseconds=400)
    for each in (one, two, restarted, node(database, clock)):
        assert await each.active.count() == 0


def test_beyond_what_can_be_named_it_is_sketched_and_goes_back_to_exact() -> None:
    window = VisitorWindow()
    start = 1_000_000_000
    for visitor in range(3 * EXACT):
        window.add(visitor, start)
    assert abs(window.count(start) - 3 * EXACT) < 0.02 * 3 * EXACT
    later = start + WINDOW_MS + 10_000
    for visitor in range(7):
        window.add(visitor, later)
    assert window.count(later) == 7


async def test_more_than_can_be_named_is_carried_to_other_nodes(
    database: Database, past: Past
) -> None:
    clock = Clock(utc(2037, 11, 24, 12, 0, 0))
    one, two = node(database, clock), node(database, clock)
    many = 15_000
    tracks(one, *(f"s{n}" for n in range(many)))
    await one.writer.flush()
    tracks(two, "s1", "s2")
    assert abs(await two.active.count() - many) < 0.02 * many


async def test_what_another_node_could_write_late_only_counts_all_the_same(
    database: Database, past: Past
) -> None:
    clock = Clock(utc(2037, 11, 24, 12, 0, 0))
    here = node(database, clock)
    arrivals = ArrivalStore(database)

    async def commits(seq: int, visitor: str, at: datetime) -> None:
        pairs, _ = packed({hashed(visitor): milliseconds(at)}, milliseconds(at))
        written = {"node": "away", "seq": seq, "at": at, "arrivals": pairs}
        await arrivals.add(written, None)

    await commits(1, "s:a", clock.now)
    assert await here.active.count() == 1
    tried_since = clock.now + timedelta(seconds=1)
    clock.passes(seconds=60)
    assert await here.active.count() == 1
    await commits(2, "s:b", tried_since)
    assert await here.active.count() == 2
