"""Requests for figures, their answers, and the limits of both. No I/O."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta, Struct, field

from app.analytics.models import Event
from app.errors import Invalid

MAX_STEPS = 5
MAX_WEEKS = 12
# More than fit into a request, which is limited in bytes.
MAX_EVENTS = 100_000

Moment = Annotated[datetime, Meta(tz=True)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
EventType = Annotated[str, Meta(min_length=1, max_length=64)]
Weeks = Annotated[int, Meta(ge=1, le=MAX_WEEKS)]
Steps = Annotated[list[EventType], Meta(min_length=2, max_length=MAX_STEPS)]
Step = Literal["minute", "hour", "day", "60", "3600", "86400", 60, 3600, 86400]
Format = Literal["json", "csv"]


class Track(Struct, kw_only=True):
    """Events to count; all of them are accepted, or none."""

    events: Annotated[list[Event], Meta(min_length=1, max_length=MAX_EVENTS)]


class Range(Struct, kw_only=True):
    """From a time up to another, exclusive; open at an end that is left out."""

    start: Moment | None = field(default=None, name="from")
    end: Moment | None = field(default=None, name="to")

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("it ends before it begins")


class MetricsRequest(Range, kw_only=True):
    pass


class SeriesRequest(Range, kw_only=True):
    metric: Name
    step: Step | None = None
    zone: Annotated[str, Meta(max_length=64)] | None = None


class BreakdownRequest(Range, kw_only=True):
    event_type: EventType
    property: Name


class PropertiesRequest(Struct, kw_only=True):
    event_type: EventType


class FunnelRequest(Range, kw_only=True):
    steps: Steps


class RetentionRequest(Struct, kw_only=True):
    weeks: Weeks = 8


class PageNamesRequest(Struct, kw_only=True):
    """`page_names`: how these pages are called."""

    paths: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=50)] = []


class Follow(Struct, kw_only=True):
    """`feed:start`: of these types only, where some are named."""

    types: Annotated[list[EventType], Meta(max_length=50)] = []


class Nothing(Struct, kw_only=True):
    """An event without fields."""


class NamedCount(TypedDict):
    """How often something of this name was counted."""

    name: str
    n: int


class Metrics(Struct, frozen=True, kw_only=True):
    """The figures of a range, or of all time. Latencies are in milliseconds.

    `active_users`, and `connections` where no range is given, are those of this moment;
    `connections` of a range are the most that there were.
    """

    page_views: int
    unique_visitors: int
    active_users: int
    sessions: int
    events: int
    event_counts: dict[str, int]
    messages_per_minute: float
    connections: dict[str, int]
    latency: dict[str, dict[str, float | None]]
    errors: dict[str, int]
    top_pages: list[NamedCount]
    referrers: list[NamedCount]
    timestamp: str


class ValueCount(TypedDict):
    """How many events had this value; it is decoded from JSON."""

    value: Any
    n: int


class BreakdownAnswer(TypedDict):
    """The commonest `values`; `other` events had a rarer one, `without` had none."""

    values: list[ValueCount]
    other: int
    without: int
    total: int


class FunnelStep(TypedDict):
    """How many visitors did this step after all steps before it."""

    event_type: str
    visitors: int


class FunnelAnswer(TypedDict):
    steps: list[FunnelStep]


class Cohort(TypedDict):
    """The new visitors of the week whose Monday (UTC) is `week`; `back` has how many of them came
    in each later week."""

    week: str
    visitors: int
    back: list[int]


class RetentionAnswer(TypedDict):
    cohorts: list[Cohort]


class Point(Struct, frozen=True):
    """One value of a series, of the bucket that begins at `at`; None where nothing was measured."""

    at: str
    value: float | int | None


def bounded(
    asked: Range, now: datetime, *, longest_days: int, standard_days: int
) -> tuple[datetime, datetime]:
    """Both ends of a range; by default the last `standard_days`.

    Raises Invalid where it is longer than `longest_days`.
    """
    end = asked.end or now + timedelta(minutes=5)
    start = asked.start or end - timedelta(days=standard_days)
    if start >= end:
        raise Invalid("The range ends before it begins.", field="from")
    if end - start > timedelta(days=longest_days, minutes=5):
        raise Invalid(f"Ask for at most {longest_days} days at once.", field="from")
    return start, end
