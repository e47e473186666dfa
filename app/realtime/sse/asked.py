"""What a request for an event stream asks for. No I/O."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from app.errors import Invalid
from app.realtime.sse.cursor import LONGEST
from app.web.http import query

STREAMS_AT_MOST = 50


class Asked(Struct, frozen=True):
    """`streams` are pairs such as `("chat", "hallway")`; `last_event_id` is where to go on."""

    streams: list[tuple[str, str]]
    last_event_id: str | None


class Query(Struct, kw_only=True):
    """The header comes first; a page that opens a new stream can only send the field."""

    streams: Annotated[str, Meta(max_length=16_384)] = ""
    last_event_id: Annotated[str, Meta(max_length=LONGEST)] = ""


def asked_of(request: web.Request) -> Asked:
    """Raises Invalid."""
    asked = query(request, Query)
    named = [part.strip() for part in asked.streams.split(",") if part.strip()]
    if len(named) > STREAMS_AT_MOST:
        raise Invalid(f"At most {STREAMS_AT_MOST} streams at once.", field="streams")
    cursor = request.headers.get("Last-Event-ID") or asked.last_event_id
    return Asked([_pair(name) for name in dict.fromkeys(named)], cursor or None)


def _pair(named: str) -> tuple[str, str]:
    kind, _, name = named.partition(":")
    return kind, name
