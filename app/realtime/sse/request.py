"""Decodes a request for an event stream: its streams and its cursor. No I/O."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct, field

from app.errors import Invalid
from app.realtime.sse.cursor import LONGEST
from app.web.route_helpers import query

STREAMS_AT_MOST = 50

Cursor = Annotated[str, Meta(max_length=LONGEST)]


class StreamRequest(Struct, frozen=True):
    """`streams` are pairs of kind and name: `("a", "b")` of `a:b`. `last_event_id` is the cursor to
    go on from."""

    streams: list[tuple[str, str]]
    last_event_id: str | None


class Query(Struct, kw_only=True):
    """The header comes first; a page that opens a new stream can only send the field.

    It goes by the names that the common substitutes for `EventSource` give it, too.
    """

    streams: Annotated[str, Meta(max_length=16_384)] = ""
    last_event_id: Cursor = ""
    lastEventId: Cursor = ""  # noqa: N815  # as event-source-polyfill sends it
    header_in_address: Cursor = field(name="Last-Event-ID", default="")


def stream_request(request: web.Request) -> StreamRequest:
    """Raises Invalid."""
    asked = query(request, Query)
    named = [part.strip() for part in asked.streams.split(",") if part.strip()]
    if len(named) > STREAMS_AT_MOST:
        raise Invalid(f"At most {STREAMS_AT_MOST} streams at once.", field="streams")
    return StreamRequest([_pair(name) for name in dict.fromkeys(named)], _cursor(request, asked))


def _cursor(request: web.Request, asked: Query) -> str | None:
    header = request.headers.get("Last-Event-ID")
    in_address = asked.last_event_id or asked.lastEventId or asked.header_in_address
    return header or in_address or None


def _pair(named: str) -> tuple[str, str]:
    kind, _, name = named.partition(":")
    return kind, name
