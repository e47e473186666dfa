"""Ranges and buckets: nothing is counted twice, nothing left out, and days are the viewer's."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analytics.time_buckets import (
    DAY,
    HOUR,
    KEPT,
    MINUTE,
    buckets,
    ceiling,
    cut,
    finest,
    fitting,
    floor,
)
from tests.analytics.past import utc

NOW = utc(2037, 11, 24, 12, 30, 15)
minutes = st.integers(min_value=0, max_value=29 * 24 * 60)


@given(minutes, minutes)
def test_pieces_of_a_recent_range_touch_each_other_and_are_whole(first: int, last: int) -> None:
    start, end = sorted(floor(NOW, "minute") - n * MINUTE for n in (first, last + 1))
    pieces = cut(start, end, NOW)
    if start == end:
        assert pieces == []
        return
    assert (pieces[0].start, pieces[-1].end) == (start, end)
    assert all(one.end == next_.start for one, next_ in pairwise(pieces))
    assert all(floor(p.start, p.step) == p.start and floor(p.end, p.step) == p.end for p in pieces)


@given(minutes, minutes)
def test_a_range_costs_few_documents(first: int, last: int) -> None:
    start, end = sorted(NOW - n * MINUTE for n in (first, last))
    pieces = cut(start, end, NOW)
    most = {"minute": 2 * 60 - 1, "hour": 2 * 24 - 1}
    for step, length in (("minute", MINUTE), ("hour", HOUR)):
        held = sum((p.end - p.start) // length for p in pieces if p.step == step)
        assert held <= most[step]


def test_first_and_last_minute_are_whole() -> None:
    pieces = cut(utc(2037, 11, 24, 9, 10, 59), utc(2037, 11, 24, 9, 12, 1), NOW)
    assert [(p.step, p.start.minute, p.end.minute) for p in pieces] == [("minute", 10, 13)]


def test_where_minutes_are_gone_hours_are_taken_whole() -> None:
    start = NOW - timedelta(days=40)
    assert finest(start, NOW) == "hour"
    assert cut(start, start + HOUR, NOW)[0].start == floor(start, "hour")
    ancient = cut(NOW - timedelta(days=500), NOW, NOW)
    assert (ancient[0].step, ancient[0].start) == ("day", floor(NOW - timedelta(days=500), "day"))


@pytest.mark.parametrize(
    ("length", "step"),
    [
        (timedelta(minutes=30), "minute"),
        (timedelta(hours=24), "minute"),
        (timedelta(days=7), "hour"),
        (timedelta(days=30), "day"),
        (timedelta(days=90), "day"),
    ],
)
def test_a_chart_has_a_step_that_fits(length: timedelta, step: str) -> None:
    assert fitting(NOW - length, NOW, NOW) == step


def test_a_short_chart_of_long_ago_has_the_finest_step_that_is_kept() -> None:
    start = NOW - KEPT["minute"] - DAY
    assert fitting(start, start + HOUR, NOW) == "hour"


@pytest.mark.parametrize(
    ("day", "hours"), [(datetime(2037, 3, 29), 23), (datetime(2037, 10, 25), 25)]
)
def test_days_of_a_zone_have_the_hours_that_they_have_there(day: datetime, hours: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    start = day.replace(tzinfo=zone)
    found = buckets(start, start + 2 * DAY, "day", zone)
    assert found[1] - found[0] == timedelta(hours=hours)
    assert [at.astimezone(zone).hour for at in found] == [0, 0]


def test_every_bucket_that_a_range_touches_is_there() -> None:
    found = buckets(utc(2037, 1, 1, 0, 59, 59), utc(2037, 1, 1, 2, 0, 1), "hour", ZoneInfo("UTC"))
    assert [at.hour for at in found] == [0, 1, 2]


def test_ceiling_of_a_beginning_is_itself() -> None:
    assert ceiling(utc(2037, 1, 1), "day") == utc(2037, 1, 1)
    assert ceiling(utc(2037, 1, 1, 0, 0, 1), "day") == utc(2037, 1, 2)
