"""Analytics events, as clients send them and as they are accepted. No I/O."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from app.errors import Invalid

PAGE_VIEW = "page_view"
OLDEST = timedelta(days=30)
AHEAD = timedelta(minutes=5)

Naming = Literal["vouched", "proposed", "none"]
"""Whether the names in an event may become counts of their own: "vouched" yes, "proposed" within
the share of anonymous clients, "none" no (see `app.analytics.counted_names`)."""

Key = Annotated[str, Meta(max_length=200)]


# gc=False: thousands of both structs wait at once, and none of them can refer to itself.
class Event(Struct, kw_only=True, gc=False):
    """One event, as sent. Its `user_id` is ignored: the session's is used."""

    event_type: Annotated[str, Meta(min_length=1, max_length=64)]
    user_id: Annotated[str, Meta(max_length=200)] | None = None
    properties: Annotated[dict[Key, Any], Meta(max_length=100)] = field(default_factory=dict)
    timestamp: Annotated[datetime, Meta(tz=True)] | None = None
    session_id: Annotated[str, Meta(min_length=1, max_length=128)] | None = None


class Accepted(Struct, frozen=True, gc=False):
    """An event that counts; `visitor` is what `visitor_of` returns.

    `is_first_signed_in`: its session was counted as an anonymous visitor before.
    """

    id: str
    event_type: str
    user_id: str | None
    session_id: str | None
    visitor: str | None
    properties: Mapping[str, Any]
    timestamp: datetime
    arrived: datetime
    naming: Naming = "vouched"
    is_first_signed_in: bool = False


def visitor_of(user_id: str | None, session_id: str | None) -> str | None:
    """The key of a visitor: `u:<user id>`, without a user `s:<session id>`, else None."""
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
    """All of `events` as they are counted; their ids are `call` and their index.

    Raises Invalid for what the types can't express; `place` formats an index as the field's path.
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
        # Positional: keyword arguments would take as long as all the rest.
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
