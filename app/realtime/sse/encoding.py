"""Events as they go over the wire of an event stream. No I/O."""

from typing import Any

import msgspec

from app.realtime.line.frame import Chunk
from app.realtime.server_event import Event

HEARTBEAT = b": still here\n\n"

_encoder = msgspec.json.Encoder()


def connection(retry_ms: int, cursor: str) -> bytes:
    """The first event: how soon to come back, and from where."""
    return f"retry: {retry_ms}\nevent: connection\ndata: Connected\nid: {cursor}\n\n".encode()


def retry(after_ms: int) -> bytes:
    """How soon to come back, without an event."""
    return f"retry: {after_ms}\n\n".encode()


def unnumbered(name: str, payload: Any) -> bytes:
    """An event from which no reader resumes."""
    return body(name, payload) + b"\n"


def numbered(event: Event, name: str, cursor: str, stream: str) -> Chunk:
    """A batch, after which the reader is at `cursor`: encoded once for all who are there then, its
    body for all others too."""

    def whole(_: Event) -> Chunk:
        shared = event.encoded(f"sse {name}", lambda e: body(name, e.payload))
        return Chunk(b"%bid: %b\n\n" % (shared, cursor.encode()), stream)

    return event.encoded(f"sse {name} {cursor}", whole)


def body(name: str, payload: Any) -> bytes:
    """Without the empty line that ends an event. JSON has no line breaks, so it is one line."""
    return b"event: %b\ndata: %b\n" % (name.encode(), _encoder.encode(payload))
