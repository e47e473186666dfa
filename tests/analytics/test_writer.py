"""Accepted events are written once, also when answers of the database are lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from app.analytics.counted_names import MOST
from app.analytics.ingestion import Ingestion
from app.analytics.intake import MOST_BYTES
from app.analytics.models import Event
from app.analytics.writer import GAUGES_EVERY
from app.errors import Invalid, Unavailable
from app.storage.mongo import Database
from app.times import now
from tests.analytics.clock import Clock
from tests.analytics.past import Past, utc
from tests.harness.waiting import eventually
from tests.streams.link import Link, commits, linked

NASTY = {"$set": "<b>", "a.b": {"c": [1, None]}, "=1+1": 2**53 - 1, "": "ü", "deep": {"$x": {}}}


async def all_time(database: Database, series: str) -> dict[str, Any]:
    found = await database.collection("analytics_rollups").find_one(
        {"series": series, "step": "all"}
    )
    return dict(found) if found else {}


async def count(database: Database, series: str) -> int:
    n: int = (await all_time(database, series)).get("n", 0)
    return n


@pytest.fixture
async def line(
    database: Database, past: Past, mongo_url: str
) -> AsyncIterator[tuple[Link, Ingestion]]:
    """A node that reaches mongod over a link, and has already used it."""
    async with linked(mongo_url, database.name) as (link, far):
        analytics = Ingestion(far, 10_000, now)
        tracked(analytics, "warm")
        await analytics.writer.flush()
        yield link, analytics


def tracked(analytics: Ingestion, event_type: str, times: int = 1, **more: Any) -> None:
    analytics.intake.take([Event(event_type=event_type, **more) for _ in range(times)], None)


async def stored(database: Database, event_type: str) -> int:
    return int(await database.collection("analytics_events").count_documents({"type": event_type}))


async def test_a_commit_without_an_answer_is_counted_once(
    database: Database, line: tuple[Link, Ingestion]
) -> None:
    link, analytics = line
    link.lose_reply(commits)
    tracked(analytics, "bought", 3, session_id="a")
    async with asyncio.timeout(20):
        await analytics.writer.flush()
    assert link.lost == 1
    assert await count(database, "event:bought") == 3
    tracked(analytics, "bought")
    await analytics.writer.flush()
    assert await count(database, "event:bought") == 4


async def test_a_commit_that_never_arrived_is_counted_once(
    database: Database, line: tuple[Link, Ingestion]
) -> None:
    link, analytics = line
    link.lose_request(commits)
    tracked(analytics, "bought", 3)
    async with asyncio.timeout(20):
        await analytics.writer.flush()
    assert link.lost == 1
    assert await count(database, "event:bought") == 3


async def test_raw_events_without_an_answer_are_stored_once(
    database: Database, line: tuple[Link, Ingestion]
) -> None:
    link, analytics = line
    link.lose_reply(lambda message: b"analytics_events\x00" in message)
    tracked(analytics, "bought", 50)
    async with asyncio.timeout(20):
        await analytics.writer.flush()
    assert link.lost == 1
    assert await stored(database, "bought") == 50
    assert await count(database, "event:bought") == 50


async def test_with_the_database_away_events_wait_up_to_the_buffer(
    database: Database, line: tuple[Link, Ingestion]
) -> None:
    link, analytics = line
    await link.cut()
    running = asyncio.ensure_future(analytics.writer.run())
    tracked(analytics, "bought", 6_000)
    tracked(analytics, "bought", 4_000)
    with pytest.raises(Unavailable):
        tracked(analytics, "bought")
    analytics.intake.note("dropped")
    assert (analytics.intake.waiting, analytics.intake.dropped) == (10_000, 1)
    await link.mend()
    await eventually(lambda: analytics.intake.waiting == 0, "everything is written", 30)
    tracked(analytics, "bought", 5)
    await analytics.writer.finish(10)
    await running
    assert await count(database, "event:bought") == 10_005
    assert await count(database, "event:dropped") == 0
    assert await stored(database, "bought") == 10_005
    with pytest.raises(Unavailable):
        tracked(analytics, "bought")


async def test_every_step_holds_late_events_too(database: Database, past: Past) -> None:
    analytics = Ingestion(database, 10_000, now)
    tracked(analytics, "bought", timestamp=now() - timedelta(days=20))
    tracked(analytics, "bought", 2)
    await analytics.writer.flush()
    found = database.collection("analytics_rollups").find({"series": "event:bought"})
    by_step: dict[str, list[int]] = {}
    async for each in found:
        by_step.setdefault(each["step"], []).append(each["n"])
        assert ("expires" in each) == (each["step"] in {"minute", "hour"})
    assert {step: sorted(n) for step, n in by_step.items()} == {
        "minute": [1, 2],
        "hour": [1, 2],
        "day": [1, 2],
        "all": [3],
    }


async def test_two_nodes_at_once_add_up(database: Database, past: Past) -> None:
    nodes = [Ingestion(database, 10_000, now) for _ in range(2)]
    for round_ in range(10):
        for number, analytics in enumerate(nodes):
            tracked(analytics, f"type {round_}", 3, session_id=f"{round_}-{number}")
        await asyncio.gather(*(analytics.writer.flush() for analytics in nodes))
    assert await count(database, "events") == 60
    assert [await count(database, f"event:type {n}") for n in range(10)] == [6] * 10


async def test_names_beyond_the_limit_are_other_on_every_node(
    database: Database, past: Past
) -> None:
    one, two = (Ingestion(database, 10_000, now) for _ in range(2))
    for n in range(MOST["event"] - 1):
        tracked(one, f"t{n}")
    await one.writer.flush()
    for analytics, name in ((one, "first"), (two, "second"), (one, "third"), (two, "t1")):
        tracked(analytics, name)
        await analytics.writer.flush()
    assert await count(database, "event:first") == 1
    assert await count(database, "event:second") == 0
    assert await count(database, "event:other") == 2
    assert await count(database, "event:t1") == 2


async def test_any_property_is_stored_as_it_is(database: Database, past: Past) -> None:
    analytics = Ingestion(database, 10_000, now)
    tracked(analytics, "odd", properties=NASTY)
    await analytics.writer.flush()
    [found] = await database.collection("analytics_events").find({"type": "odd"}).to_list(None)
    assert {p["k"] for p in found["properties"]} == set(NASTY)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"timestamp": timedelta(days=-31)}, "[1].timestamp"),
        ({"timestamp": timedelta(minutes=6)}, "[1].timestamp"),
        ({"event_type": "bell\x07"}, "[1].event_type"),
    ],
)
async def test_a_list_with_one_wrong_is_refused_whole(
    database: Database, wrong: dict[str, Any], field: str
) -> None:
    analytics = Ingestion(database, 10_000, now)
    if "timestamp" in wrong:
        wrong = {"timestamp": now() + wrong["timestamp"]}
    event = Event(**{"event_type": "fine", **wrong})
    with pytest.raises(Invalid) as refused:
        analytics.intake.take([Event(event_type="fine"), event], None)
    assert refused.value.field == field
    assert analytics.intake.waiting == 0


async def test_who_sends_faster_than_is_written_waits_and_is_not_refused(
    database: Database, past: Past
) -> None:
    analytics = Ingestion(database, 50_000, now)
    running = asyncio.ensure_future(analytics.writer.run())
    waited: list[int] = []

    async def sends() -> None:
        for _ in range(60):
            await analytics.intake.room(200)
            waited.append(analytics.intake.waiting)
            tracked(analytics, "bought", 200)

    # The speed of one flush decides how many events may wait from then on.
    tracked(analytics, "bought", 2_000)
    await analytics.writer.flush()
    await asyncio.gather(*(sends() for _ in range(4)))
    await analytics.writer.finish(20)
    await running
    assert await count(database, "event:bought") == 50_000
    assert max(waited) < 40_000


async def test_pages_are_counted_without_their_query_and_referrers_by_host(
    database: Database, past: Past
) -> None:
    analytics = Ingestion(database, 10_000, now)
    seen = {"path": "/rooms/a?token=secret#x", "referrer": "https://example.org/some?thing"}
    tracked(analytics, "page_view", properties=seen)
    tracked(analytics, "page_view", properties={"path": "/rooms/a", "referrer": "example.org"})
    tracked(analytics, "page_view", properties={"path": 7, "referrer": "http://[broken"})
    await analytics.writer.flush()
    assert await count(database, "page_views") == 3
    assert await count(database, "page:/rooms/a") == 2
    assert await count(database, "referrer:example.org") == 2


async def test_events_of_a_whole_month_are_written_in_parts(database: Database, past: Past) -> None:
    analytics = Ingestion(database, 10_000, now)
    some = [
        Event(event_type="late", session_id=f"s{n}", timestamp=now() - timedelta(minutes=100 * n))
        for n in range(400)
    ]
    analytics.intake.take(some, None)
    await analytics.writer.flush()
    flushes = await database.collection("analytics_flushes").find().to_list(None)
    assert [each["seq"] > 1 for each in flushes] == [True]
    assert await count(database, "event:late") == 400
    assert await stored(database, "late") == 400
    assert analytics.intake.waiting == 0


async def test_what_can_not_be_stored_does_not_hold_up_the_rest(
    database: Database, past: Past
) -> None:
    analytics = Ingestion(database, 10_000, now)
    tracked(analytics, "fine", 2)
    analytics.intake.note("odd", properties={"thing": object()})
    tracked(analytics, "fine", 3)
    await analytics.writer.flush()
    assert (await stored(database, "fine"), await stored(database, "odd")) == (5, 0)
    assert await count(database, "event:fine") == 5


async def test_a_damaged_sketch_does_not_hold_up_what_comes_after(
    database: Database, past: Past
) -> None:
    analytics = Ingestion(database, 10_000, now)
    tracked(analytics, "first", session_id="a")
    await analytics.writer.flush()
    await database.collection("analytics_rollups").update_many(
        {"series": "visitors"}, {"$set": {"hll": b"no sketch"}}
    )
    tracked(analytics, "second", session_id="a")
    await analytics.writer.flush()
    tracked(analytics, "third")
    await analytics.writer.flush()
    counts = [await count(database, f"event:{name}") for name in ("first", "second", "third")]
    assert counts == [1, 0, 1]


def test_few_events_that_are_huge_wait_up_to_a_bound_too(database: Database) -> None:
    analytics = Ingestion(database, 10_000, now)
    analytics.intake.take([Event(event_type="huge")], None, size_bytes=MOST_BYTES + 1)
    with pytest.raises(Unavailable):
        analytics.intake.take([Event(event_type="huge")], None, size_bytes=1)


async def test_durations_alone_wait_for_a_later_round_and_events_do_not(
    database: Database, past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    analytics = Ingestion(database, 10_000, now)
    intake, writer = analytics.intake, analytics.writer
    flushed: list[int] = []

    async def flush() -> None:
        flushed.append(writer._rounds)
        intake.swap()

    monkeypatch.setattr(writer, "flush", flush)
    intake.timed("latency:ack", 5.0)
    for _ in range(GAUGES_EVERY):
        await writer._round()
    assert flushed == [GAUGES_EVERY]
    tracked(analytics, "one")
    await writer._round()
    intake.failed("invalid")
    await writer._round()
    intake.timed("latency:ack", 5.0)
    await writer._round()
    assert flushed[1:] == [GAUGES_EVERY + 1, GAUGES_EVERY + 2]
    await writer._round(is_last=True)
    assert len(flushed) == 4


async def test_connections_of_nodes_add_up_while_they_live(database: Database, past: Past) -> None:
    clock = Clock(utc(2037, 11, 24, 12, 0, 0))
    for seconds, opened in ((0, 2), (1, 3), (20, 4)):
        clock.now = utc(2037, 11, 24, 12, 0, seconds)
        node = Ingestion(database, 10_000, clock)
        node.intake.gauge("connections:websocket", lambda n=opened: n)
        await node.writer.flush()
    # The first two ran beside each other; the third was there after both had gone.
    found = database.collection("analytics_rollups").find({"series": "connections:websocket"})
    assert {each["step"]: each["peak"] async for each in found} == {
        "minute": 5,
        "hour": 5,
        "day": 5,
        "all": 5,
    }
