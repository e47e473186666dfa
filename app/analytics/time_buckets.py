"""Buckets of time: which there are in a range, and which roll-ups cover a range. No I/O."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

Step = Literal["minute", "hour", "day"]

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LENGTH: dict[Step, timedelta] = {"minute": MINUTE, "hour": HOUR, "day": DAY}
FINER: dict[Step, Step] = {"day": "hour", "hour": "minute"}
NAMED: dict[str, Step] = {
    **{step: step for step in LENGTH},
    **{str(int(length.total_seconds())): step for step, length in LENGTH.items()},
}

# Roll-ups go a day later than this, so that what is asked for is still whole.
KEPT: dict[Step, timedelta] = {"minute": timedelta(days=30), "hour": timedelta(days=399)}

# A roll-up: its series, its step (or `all`) and its beginning.
Key = tuple[str, str, datetime]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Span(Struct, frozen=True):
    """Roll-ups of one step, from a bucket up to another, which no longer belongs to it."""

    step: Step
    start: datetime
    end: datetime


def floor(at: datetime, step: Step) -> datetime:
    """The beginning of the bucket that `at` is in."""
    return at - (at - EPOCH) % LENGTH[step]


def ceiling(at: datetime, step: Step) -> datetime:
    """`at`, or the beginning of the next bucket."""
    return at + (EPOCH - at) % LENGTH[step]


def finest(at: datetime, now: datetime) -> Step:
    """The smallest step that is kept of the time from `at` on."""
    for step, kept in KEPT.items():
        if at >= now - kept:
            return step
    return "day"


def cut(start: datetime, end: datetime, now: datetime) -> list[Span]:
    """A range as whole days, and hours and minutes at its ends: few documents for a long one.

    To the minute, its first and last whole; to the hour or day where nothing finer is kept.
    """
    first, last = finest(start, now), finest(end, now)
    return list(_cut(floor(start, first), ceiling(end, last), "day"))


def _cut(start: datetime, end: datetime, step: Step) -> Iterator[Span]:
    if start >= end:
        return
    whole_from, whole_to = ceiling(start, step), floor(end, step)
    if step == "minute":
        yield Span(step, start, end)
    elif whole_from >= whole_to:
        yield from _cut(start, end, FINER[step])
    else:
        yield from _cut(start, whole_from, FINER[step])
        yield Span(step, whole_from, whole_to)
        yield from _cut(whole_to, end, FINER[step])


def fitting(start: datetime, end: datetime, now: datetime) -> Step:
    """The step that a chart of this range has where none is chosen."""
    steps: tuple[Step, ...] = ("minute", "hour", "day")
    longest = {"minute": timedelta(days=2), "hour": timedelta(days=8), "day": timedelta.max}
    by_length = next(step for step in steps if end - start <= longest[step])
    return max(by_length, finest(start, now), key=steps.index)


def buckets(start: datetime, end: datetime, step: Step, zone: ZoneInfo) -> list[datetime]:
    """The beginnings of all buckets that the range touches, in UTC; days are those of the zone."""
    if step == "day":
        return list(_midnights(start, end, zone))
    first = floor(start, step)
    count = -((first - end) // LENGTH[step])
    return [first + n * LENGTH[step] for n in range(count)]


def count(start: datetime, end: datetime, step: Step) -> int:
    """About how many buckets a range has."""
    return (end - start) // LENGTH[step]


def _midnights(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    day = start.astimezone(zone).date()
    while (at := midnight(day, zone)) < end:
        yield at
        day += DAY


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins where `zone` is; days there can have 23 or 25 hours."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
