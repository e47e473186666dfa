"""The body and headers of one delivery of an outgoing webhook. No I/O.

The same hook and the same revs give the same `delivery`, in whichever process and however often it
is tried. An item may be newer by then; the next delivery has it again.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw, Struct

from app import __version__
from app.hooks.models import OutgoingHook
from app.outbound.delivery_worker import Request
from app.streams.portions import fitting

PAYLOAD_BYTES = 512 * 1024
VERSION = "v1"

Items = Sequence[Mapping[str, Any]]
"""Messages or events in the wire form of docs/PROTOCOL.md."""


class Content(Struct, kw_only=True, omit_defaults=True):
    """The JSON that is posted. It continues at the rev `prev` and ends at `rev`."""

    hook: str
    delivery: str
    stream: dict[str, str]
    prev: int
    rev: int
    items: list[Raw]
    reset: bool = False
    test: bool = False


class Payload(Struct, frozen=True, kw_only=True):
    """A delivery that ends at the rev `rev`, encoded."""

    id: str
    rev: int
    body: bytes


def payload_of(hook: OutgoingHook, rev: int, items: Items, *, is_reset: bool = False) -> Payload:
    """Everything from the cursor to `rev`, or as much of it as fits, and always one item.

    After a reset: the newest items that fit, and `prev` is 0, since older ones are not known here.
    """
    encoded = (msgspec.json.encode(item) for item in (reversed(items) if is_reset else items))
    kept = fitting(encoded, len, PAYLOAD_BYTES)
    if is_reset:
        kept.reverse()
    elif len(kept) < len(items):
        rev = items[len(kept) - 1]["rev"]
    return _payload(
        Content(
            hook=hook.id,
            delivery=f"{hook.id}-{hook.cursor}-{rev}",
            stream=hook.place.wire,
            prev=0 if is_reset else hook.cursor,
            rev=rev,
            items=[Raw(item) for item in kept],
            reset=is_reset,
        )
    )


def test_payload(hook: OutgoingHook, number: str) -> Payload:
    """A delivery without items, to see that it arrives; no cursor moves."""
    return _payload(
        Content(
            hook=hook.id,
            delivery=f"test-{number}",
            stream=hook.place.wire,
            prev=hook.cursor,
            rev=hook.cursor,
            items=[],
            test=True,
        )
    )


def _payload(content: Content) -> Payload:
    return Payload(id=content.delivery, rev=content.rev, body=msgspec.json.encode(content))


def request_of(hook: OutgoingHook, payload: Payload, at: datetime) -> Request:
    """The signed request that posts `payload` to the hook's address at the time `at`."""
    return Request(
        url=hook.url,
        body=payload.body,
        headers=headers_of(hook.secret, payload, int(at.timestamp())),
        failures=hook.failures,
        failing_since=hook.failing_since,
    )


def headers_of(secret: str, payload: Payload, timestamp: int) -> dict[str, str]:
    """The headers of one attempt, made at `timestamp` (Unix seconds)."""
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Parley/{__version__}",
        "Parley-Delivery": payload.id,
        "Parley-Timestamp": str(timestamp),
        "Parley-Signature": f"{VERSION}={signature(secret, timestamp, payload.body)}",
    }


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 (RFC 2104) over `timestamp.body`, in hexadecimal."""
    return hmac.digest(secret.encode(), f"{timestamp}.".encode() + body, "sha256").hex()
