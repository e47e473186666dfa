"""The figures of all time and of ranges, put together from roll-ups of every step."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from app.analytics.figures import Figures
from app.analytics.store.figures import FigureStore
from app.analytics.time_buckets import DAY, HOUR, MINUTE
from app.storage.mongo import Database
from tests.analytics.conftest import NOW
from tests.analytics.past import Past, utc


async def three() -> int:
    return 3


@pytest.fixture
def figures(store: FigureStore, clock: Callable[[], datetime]) -> Figures:
    return Figures(store, three, clock)


async def test_nothing_is_zero_and_no_latency(figures: Figures, past: Past) -> None:
    for metrics in (await figures.metrics(), await figures.metrics(NOW - DAY, NOW)):
        assert (metrics.page_views, metrics.unique_visitors, metrics.events) == (0, 0, 0)
        assert metrics.event_counts == {}
        assert metrics.latency["ack"] == {"p50": None, "p99": None}


async def test_all_time_counts_every_type_but_page_views_by_name(
    figures: Figures, past: Past
) -> None:
    past.happened("page_view", NOW - 500 * DAY, "u:ana", path="/a")
    past.happened("page_view", NOW, "u:ana", path="/b")
    past.happened("page_view", NOW, "s:1", path="/b")
    past.happened("signup", NOW, "u:ben")
    past.counted("errors:invalid", NOW, 4)
    await past.written()
    metrics = await figures.metrics()
    assert (metrics.page_views, metrics.events, metrics.event_counts) == (3, 4, {"signup": 1})
    assert (metrics.unique_visitors, metrics.sessions, metrics.active_users) == (3, 1, 3)
    assert metrics.top_pages == [{"name": "/b", "n": 2}, {"name": "/a", "n": 1}]
    assert metrics.errors == {"invalid": 4}


async def test_a_range_is_exact_to_the_minute(figures: Figures, past: Past) -> None:
    moments = [NOW - n * 7 * MINUTE for n in range(1_000)]
    for at in moments:
        past.happened("click", at, f"s:{at}")
    await past.written()
    for start, end in (
        (NOW - 3 * DAY - 7 * HOUR, NOW - DAY + 3 * MINUTE),
        (NOW - 20 * MINUTE, NOW),
        (NOW - 26 * HOUR, NOW - 25 * HOUR),
    ):
        first = start.replace(second=0)
        until = end.replace(second=0) + MINUTE
        within = [at for at in moments if first <= at < until]
        metrics = await figures.metrics(start, end)
        assert metrics.event_counts == {"click": len(within)}
        assert metrics.events == len(within)
        assert metrics.unique_visitors == pytest.approx(len(within), rel=0.02)


async def test_a_range_without_an_end_holds_what_is_ahead_by_minutes(
    figures: Figures, past: Past
) -> None:
    past.happened("click", NOW + 4 * MINUTE)
    past.happened("click", NOW - DAY)
    await past.written()
    assert (await figures.metrics(NOW - HOUR)).events == 1
    assert (await figures.metrics(None, NOW)).events == 1


async def test_somebody_who_is_there_each_day_is_one_visitor(figures: Figures, past: Past) -> None:
    for n in range(10):
        past.happened("click", NOW - n * DAY - n * HOUR, "u:ana")
    await past.written()
    assert (await figures.metrics(NOW - 20 * DAY, NOW)).unique_visitors == 1


async def test_twenty_thousand_visitors_of_many_hours_within_two_percent(
    figures: Figures, past: Past
) -> None:
    for part in range(8):
        seen = (f"u:{n}" for n in range(part * 2_000, 2_000 * part + 6_000))
        past.seen("visitors", NOW - 5 * part * HOUR, seen)
    await past.written()
    metrics = await figures.metrics(NOW - 3 * DAY, NOW)
    assert metrics.unique_visitors == pytest.approx(20_000, rel=0.02)


async def test_latencies_are_merged(figures: Figures, past: Past) -> None:
    past.took("ack", NOW - DAY, *range(1, 101))
    past.took("ack", NOW, *range(101, 201))
    await past.written()
    both = await figures.metrics(NOW - 2 * DAY, NOW)
    assert both.latency["ack"]["p50"] == pytest.approx(100, abs=4)
    assert both.latency["ack"]["p99"] == pytest.approx(198, abs=3)
    late = await figures.metrics(NOW - HOUR, NOW)
    assert late.latency["ack"]["p50"] == pytest.approx(150, abs=3)


async def test_connections_of_now_are_those_of_living_nodes(
    figures: Figures, past: Past, database: Database
) -> None:
    await database.collection("analytics_flushes").insert_many(
        [
            {"_id": "one", "seq": 1, "at": NOW, "gauges": {"connections:websocket": 2}},
            {
                "_id": "two",
                "seq": 1,
                "at": NOW - timedelta(seconds=4),
                "gauges": {"connections:websocket": 3, "connections:polling": 1},
            },
            {
                "_id": "gone",
                "seq": 9,
                "at": NOW - timedelta(seconds=6),
                "gauges": {"connections:websocket": 100},
            },
        ]
    )
    assert (await figures.metrics()).connections == {"websocket": 5, "polling": 1}


async def test_connections_of_a_range_are_the_most_there_were(figures: Figures, past: Past) -> None:
    past.connected("websocket", NOW - 2 * HOUR, "one", 4)
    past.connected("websocket", NOW - 2 * HOUR, "two", 3)
    past.connected("websocket", NOW, "one", 5)
    await past.written()
    assert (await figures.metrics(NOW - DAY, NOW)).connections == {"websocket": 7}


async def test_messages_per_minute(figures: Figures, past: Past) -> None:
    for second in range(60):
        past.happened("message_sent", utc(2037, 11, 24, 12, 29, second))
    await past.written()
    assert (await figures.metrics()).messages_per_minute == 45.0
    assert (await figures.metrics(NOW - HOUR, NOW)).messages_per_minute == 1.0
