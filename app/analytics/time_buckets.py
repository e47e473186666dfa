"""Buckets of time: those of a range, and the roll-ups that cover a range. No I/O."""

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

# Roll-ups are deleted a day later than this, so that a range at the edge is still complete.
KEPT: dict[Step, timedelta] = {"minute": timedelta(days=30), "hour": timedelta(days=399)}

# A roll-up: its series, its step (or `all`) and its beginning.
Key = tuple[str, str, datetime]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Span(Struct, frozen=True):
    """Roll-ups of one step, from one bucket up to another, exclusive."""

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
    """The smallest step that is still kept for the time from `at` on."""
    for step, kept in KEPT.items():
        if at >= now - kept:
            return step
    return "day"


def cut(start: datetime, end: datetime, now: datetime) -> list[Span]:
    """A range as whole days with hours and minutes at its ends: few roll-ups for a long one.

    The ends are rounded outwards to the minute, or to the finest step that is still kept.
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
    """The default step for a chart of this range."""
    steps: tuple[Step, ...] = ("minute", "hour", "day")
    longest = {"minute": timedelta(days=2), "hour": timedelta(days=8), "day": timedelta.max}
    by_length = next(step for step in steps if end - start <= longest[step])
    return max(by_length, finest(start, now), key=steps.index)


def buckets(start: datetime, end: datetime, step: Step, zone: ZoneInfo) -> list[datetime]:
    """The starts, in UTC, of all buckets that the range touches; days are those of `zone`."""
    if step == "day":
        return list(_midnights(start, end, zone))
    first = floor(start, step)
    count = -((first - end) // LENGTH[step])
    return [first + n * LENGTH[step] for n in range(count)]


def count(start: datetime, end: datetime, step: Step) -> int:
    """The number of buckets in a range, rounded down."""
    return (end - start) // LENGTH[step]


def _midnights(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    day = start.astimezone(zone).date()
    while (at := midnight(day, zone)) < end:
        yield at
        day += DAY


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The start of a day of `zone`, in UTC; such days can have 23 or 25 hours."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
