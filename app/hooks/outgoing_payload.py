"""One delivery: what is posted, of a bearable size, and the signature that proves it ours. No I/O.

The same hook and the same revs have the same `delivery`, whoever tries it how often; what an item
is at that time may be newer, and then the next delivery has it again.
"""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from app import __version__
from app.hooks.models import OutgoingHook

PAYLOAD_BYTES = 512 * 1024
VERSION = "v1"

# By the name of the error that a try ended with.
WORDS = {
    "NotAllowed": "its address is not a public one with https",
    "ClientConnectorDNSError": "its name is not found, or leads to no public address",
    "ClientConnectorError": "nobody answers at its address",
    "ClientConnectorCertificateError": "its certificate is not valid",
    "ClientConnectorSSLError": "it speaks no TLS that is good enough",
    "ServerDisconnectedError": "it hung up",
    "TimeoutError": "it did not answer in time",
}

Shown = Mapping[str, Any]


class Payload(Struct, frozen=True, kw_only=True):
    """A delivery that ends at the rev `rev`."""

    id: str
    rev: int
    body: bytes


def payload_of(
    hook: OutgoingHook, prev: int, rev: int, items: Sequence[Shown], *, is_reset: bool = False
) -> Payload:
    """Everything from `prev` to `rev`, or as much of it as fits; always one item.

    After a reset it is the newest that fits, and `prev` is 0: what was before is not known here.
    """
    kept, rev = _newest(items, rev) if is_reset else _first(items, rev)
    delivery = f"{hook.id}-{hook.cursor}-{rev}"
    content = {
        "hook": hook.id,
        "delivery": delivery,
        "stream": hook.place.shown,
        "prev": 0 if is_reset else prev,
        "rev": rev,
        "items": kept,
    }
    if is_reset:
        content["reset"] = True
    return Payload(id=delivery, rev=rev, body=msgspec.json.encode(content))


def test_payload(hook: OutgoingHook, number: str) -> Payload:
    """Nothing but word that it arrives: no items, and no cursor moves."""
    content = {
        "hook": hook.id,
        "delivery": f"test-{number}",
        "stream": hook.place.shown,
        "prev": hook.cursor,
        "rev": hook.cursor,
        "items": [],
        "test": True,
    }
    body = msgspec.json.encode(content)
    return Payload(id=f"test-{number}", rev=hook.cursor, body=body)


def why(reason: str) -> str:
    """The `reason` of an answer in words for admins: what to look at."""
    return WORDS.get(reason, reason)


def _first(items: Sequence[Shown], rev: int) -> tuple[list[Raw], int]:
    kept: list[Raw] = []
    left = PAYLOAD_BYTES
    for index, item in enumerate(items):
        encoded = msgspec.json.encode(item)
        left -= len(encoded)
        if kept and left < 0:
            return kept, items[index - 1]["rev"]
        kept.append(Raw(encoded))
    return kept, rev


def _newest(items: Sequence[Shown], rev: int) -> tuple[list[Raw], int]:
    kept, _ = _first(items[::-1], rev)
    return kept[::-1], rev


def headers_of(secret: str, payload: Payload, timestamp: int) -> dict[str, str]:
    """The headers of one try, made at `timestamp` (Unix seconds)."""
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Parley/{__version__}",
        "Parley-Delivery": payload.id,
        "Parley-Timestamp": str(timestamp),
        "Parley-Signature": f"{VERSION}={signature(secret, timestamp, payload.body)}",
    }


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over `timestamp.body`, as hex."""
    return hmac.digest(secret.encode(), f"{timestamp}.".encode() + body, "sha256").hex()
