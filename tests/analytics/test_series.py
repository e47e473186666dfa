"""Charts: without gaps, in the viewer's days, within bounds, by the index alone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.analytics.series import MOST_POINTS, Series
from app.analytics.store.figures import FigureStore
from app.analytics.time_buckets import DAY, HOUR, MINUTE, floor
from app.errors import Invalid
from app.storage.mongo import Database
from tests.analytics.conftest import NOW
from tests.analytics.past import Past, utc

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def series(store: FigureStore, clock: Callable[[], datetime]) -> Series:
    return Series(store, clock)


async def values(series: Series, metric: str, *asked: Any) -> list[float | int | None]:
    return [point.value for point in (await series.points(metric, *asked))[1]]


async def test_counts_without_a_gap(series: Series, past: Past) -> None:
    past.happened("signup", utc(2037, 11, 24, 10, 1))
    past.happened("signup", utc(2037, 11, 24, 10, 1, 59))
    past.happened("signup", utc(2037, 11, 24, 10, 3))
    await past.written()
    asked = (utc(2037, 11, 24, 10), utc(2037, 11, 24, 10, 5), None, UTC)
    step, points = await series.points("event:signup", *asked)
    assert step == "minute"
    assert points[1].at == "2037-11-24T10:01:00.000Z"
    assert [point.value for point in points] == [0, 2, 0, 1, 0]
    assert await values(series, "event:nothing", *asked) == [0] * 5


async def test_latencies_have_nothing_to_say_where_nothing_was(series: Series, past: Past) -> None:
    past.took("commit", utc(2037, 11, 24, 10, 30), *range(1, 101))
    await past.written()
    asked = (utc(2037, 11, 24, 9), utc(2037, 11, 24, 12), "hour", UTC)
    found = await values(series, "commit_p99", *asked)
    assert found == [None, pytest.approx(99, abs=2), None]


async def test_visitors_of_a_bucket_are_distinct(series: Series, past: Past) -> None:
    for n in range(90):
        past.happened("click", utc(2037, 11, 24, 9, n % 60), f"s:{n % 7}")
    await past.written()
    asked = (utc(2037, 11, 24, 9), utc(2037, 11, 24, 11), "hour", UTC)
    for metric in ("unique_visitors", "active_users", "sessions"):
        assert await values(series, metric, *asked) == [7, 0]


async def test_errors_and_connections_are_those_of_all_kinds(series: Series, past: Past) -> None:
    at = utc(2037, 11, 24, 10)
    past.counted("errors:invalid", at, 2)
    past.counted("errors:unavailable", at, 3)
    past.connected("websocket", at, "one", 2)
    past.connected("websocket", at, "two", 2)
    past.connected("polling", at, "one", 1)
    past.connected("websocket", at + MINUTE, "one", 1)
    await past.written()
    asked = (at, at + 3 * MINUTE, "minute", UTC)
    assert await values(series, "errors", *asked) == [5, 0, 0]
    assert await values(series, "connections", *asked) == [5, 1, 0]
    assert await values(series, "connections:polling", *asked) == [1, 0, 0]


@pytest.mark.parametrize(("day", "hours"), [(utc(2037, 3, 29), 23), (utc(2037, 10, 25), 25)])
async def test_a_day_is_the_viewers_also_when_clocks_change(
    series: Series, past: Past, day: datetime, hours: int
) -> None:
    local = day.replace(tzinfo=BERLIN)
    for hour in range(-48, 72):
        past.happened("click", day + hour * HOUR, f"s:{hour}")
    await past.written()
    asked = (local - DAY, local + 2 * DAY, "day", BERLIN)
    assert await values(series, "events", *asked) == [24, hours, 24]
    assert await values(series, "unique_visitors", *asked) == [24, hours, 24]


async def test_days_of_utc_and_of_a_zone_hold_the_same_events(series: Series, past: Past) -> None:
    for hour in range(24 * 20):
        past.happened("click", NOW - hour * HOUR)
    await past.written()
    for zone in (UTC, BERLIN, ZoneInfo("America/Los_Angeles")):
        asked = (NOW - 25 * DAY, NOW + DAY, "day", zone)
        assert sum(v or 0 for v in await values(series, "events", *asked)) == 480


async def test_days_from_before_hours_are_kept_are_still_there(
    series: Series, past: Past, database: Database
) -> None:
    past.happened("click", NOW - 500 * DAY)
    past.happened("click", NOW - 10 * DAY)
    await past.written()
    await database.collection("analytics_rollups").delete_many(
        {"step": {"$in": ["minute", "hour"]}, "at": {"$lt": NOW - 400 * DAY}}
    )
    asked = (NOW - 600 * DAY, NOW, "day", BERLIN)
    assert sum(v or 0 for v in await values(series, "events", *asked)) == 2


@pytest.mark.parametrize(
    ("metric", "start", "step", "field"),
    [
        ("nonsense", NOW - HOUR, None, "metric"),
        ("commit_p98", NOW - HOUR, None, "metric"),
        ("events", NOW - (MOST_POINTS + 10) * MINUTE, "minute", "step"),
        ("events", NOW - 32 * DAY, "minute", "step"),
        ("events", NOW - 401 * DAY, "hour", "step"),
        ("events", NOW + HOUR, None, "from"),
    ],
)
async def test_what_cannot_be_answered_is_said(
    series: Series, metric: str, start: datetime, step: Any, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await series.points(metric, start, NOW, step, UTC)
    assert refused.value.field == field


class Watched(FigureStore):
    """Notes what the database looked at for each read of roll-ups."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._database = database
        self.examined = 0

    async def within(self, series: Any, spans: Any, field: str) -> Any:
        for span in spans:
            wanted = {
                "series": series,
                "step": span.step,
                "at": {"$gte": span.start, "$lt": span.end},
            }
            plan = await self._database.db.command(
                {
                    "explain": {"find": "analytics_rollups", "filter": wanted},
                    "verbosity": "executionStats",
                }
            )
            assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
            stats = plan["executionStats"]
            assert stats["totalDocsExamined"] == stats["nReturned"]
            self.examined += stats["totalDocsExamined"]
        return await super().within(series, spans, field)


async def test_ninety_days_cost_little_more_than_one_and_only_what_is_indexed(
    database: Database, past: Past, clock: Callable[[], datetime]
) -> None:
    """With a thousand event types beside it."""
    for kind in range(1_000):
        past.counted(f"event:kind-{kind}", NOW)
    moments = [NOW - n * MINUTE for n in range(24 * 60)] + [NOW - n * HOUR for n in range(90 * 24)]
    for n, at in enumerate(moments):
        for series in ("events", "event:kind-7"):
            past.counted(series, at)
        past.seen("visitors", at, [f"s:{n % 500}"])
    await past.written()
    for metric in ("events", "event:kind-7", "unique_visitors"):
        day, quarter, in_utc = [
            await examined(Watched(database), clock, metric, length, zone)
            for length, zone in ((DAY, BERLIN), (90 * DAY, BERLIN), (90 * DAY, UTC))
        ]
        assert day > 1_000
        assert quarter <= 3 * day
        assert in_utc <= 92


async def examined(
    watched: Watched, clock: Callable[[], datetime], metric: str, length: timedelta, zone: ZoneInfo
) -> int:
    """How many documents a chart of the time before now costs."""
    await Series(watched, clock).points(metric, NOW - length, NOW, None, zone)
    return watched.examined


async def test_minutes_of_a_range_touch_its_last_bucket(series: Series, past: Past) -> None:
    past.happened("click", NOW)
    await past.written()
    found = await values(series, "events", NOW - timedelta(minutes=1), NOW, "minute", UTC)
    assert found == [0, 1]
    assert floor(NOW, "minute") < NOW
