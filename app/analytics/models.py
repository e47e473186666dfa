"""Events as they are sent and as they are accepted. No I/O."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from app.errors import Invalid

PAGE_VIEW = "page_view"
OLDEST = timedelta(days=30)
AHEAD = timedelta(minutes=5)

Key = Annotated[str, Meta(max_length=200)]


class Event(Struct, kw_only=True):
    """What happened. `user_id` is taken but never believed: the session's is used."""

    event_type: Annotated[str, Meta(min_length=1, max_length=64)]
    user_id: Annotated[str, Meta(max_length=200)] | None = None
    properties: Annotated[dict[Key, Any], Meta(max_length=100)] = field(default_factory=dict)
    timestamp: Annotated[datetime, Meta(tz=True)] | None = None
    session_id: Annotated[str, Meta(min_length=1, max_length=128)] | None = None


class Accepted(Struct, frozen=True, kw_only=True):
    """An event that counts."""

    id: str
    event_type: str
    user_id: str | None
    session_id: str | None
    visitor: str | None
    properties: Mapping[str, Any]
    timestamp: datetime
    arrived: datetime


def visitor_of(user_id: str | None, session_id: str | None) -> str | None:
    """Who is counted once: the person, or where nobody is signed in the session of their tab."""
    if user_id is not None:
        return f"u:{user_id}"
    return None if session_id is None else f"s:{session_id}"


def check(event: Event, now: datetime, place: str) -> None:
    """Raises Invalid for what the types can't say; `place` is where in the request it stands."""
    if not event.event_type.isprintable() or event.event_type.isspace():
        raise Invalid("An event type has printable characters only.", field=f"{place}event_type")
    at = event.timestamp
    if at is not None and not now - OLDEST <= at <= now + AHEAD:
        raise Invalid(
            "An event is counted up to 30 days later, and at most 5 minutes ahead of the clock.",
            field=f"{place}timestamp",
        )
