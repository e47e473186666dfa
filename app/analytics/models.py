"""Events as they are sent and as they are accepted. No I/O."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from app.errors import Invalid

PAGE_VIEW = "page_view"
OLDEST = timedelta(days=30)
AHEAD = timedelta(minutes=5)

Naming = Literal["vouched", "proposed", "none"]
"""Whether the names in an event may be added to those that are counted as themselves: yes, as far
as the share of strangers goes, or no (see `app.analytics.names`)."""

Key = Annotated[str, Meta(max_length=200)]


# Thousands of both wait at once, none refers to itself: the collector need not look at them.
class Event(Struct, kw_only=True, gc=False):
    """What happened. `user_id` is taken but never believed: the session's is used."""

    event_type: Annotated[str, Meta(min_length=1, max_length=64)]
    user_id: Annotated[str, Meta(max_length=200)] | None = None
    properties: Annotated[dict[Key, Any], Meta(max_length=100)] = field(default_factory=dict)
    timestamp: Annotated[datetime, Meta(tz=True)] | None = None
    session_id: Annotated[str, Meta(min_length=1, max_length=128)] | None = None


class Accepted(Struct, frozen=True, gc=False):
    """An event that counts."""

    id: str
    event_type: str
    user_id: str | None
    session_id: str | None
    visitor: str | None
    properties: Mapping[str, Any]
    timestamp: datetime
    arrived: datetime
    naming: Naming = "vouched"


def visitor_of(user_id: str | None, session_id: str | None) -> str | None:
    """Who is counted once: the person, or where nobody is signed in the session of their tab."""
    if user_id is not None:
        return f"u:{user_id}"
    return None if session_id is None else f"s:{session_id}"


def accepted(
    events: Sequence[Event],
    user_id: str | None,
    now: datetime,
    call: str,
    place: str,
    naming: Naming = "vouched",
) -> list[Accepted]:
    """All of `events` as they are counted, with ids that begin with `call`.

    Raises Invalid for what the types can't say; `place` is where in the request an index stands.
    """
    oldest, newest = now - OLDEST, now + AHEAD
    taken = []
    for index, event in enumerate(events):
        event_type, session_id, at = event.event_type, event.session_id, event.timestamp
        if not event_type.isprintable() or event_type.isspace():
            raise Invalid(
                "An event type has printable characters only.",
                field=f"{place.format(index)}event_type",
            )
        if at is None:
            at = now
        elif not oldest <= at <= newest:
            raise Invalid(
                "An event is counted up to 30 days later, and at most 5 minutes ahead of the "
                "clock.",
                field=f"{place.format(index)}timestamp",
            )
        visitor = visitor_of(user_id, session_id)
        # In the order of the fields: naming them would take as long as all the rest.
        taken.append(
            Accepted(
                f"{call}{index:04x}",
                event_type,
                user_id,
                session_id,
                visitor,
                event.properties,
                at,
                now,
                naming,
            )
        )
    return taken
