"""Events as they are sent and as they are accepted. No I/O."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, field


class Event(Struct, kw_only=True):
    """What happened. `user_id` is taken but never believed: the session's is used."""

    event_type: Annotated[str, Meta(min_length=1, max_length=64)]
    user_id: str | None = None
    properties: Annotated[dict[str, Any], Meta(max_length=100)] = field(default_factory=dict)
    timestamp: datetime | None = None
    session_id: str | None = None


class Accepted(Struct, frozen=True, kw_only=True):
    """An event that counts."""

    id: str
    event_type: str
    user_id: str | None
    session_id: str | None
    visitor: str | None
    properties: dict[str, Any]
    timestamp: datetime
    arrived: datetime
