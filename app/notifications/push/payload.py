"""One notification as a push message: small, and with what push services go by. No I/O."""

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct

from app.streams.models import Item

# Where a notification without a link leads to.
NOTIFICATIONS_PAGE = "/notifications"

# Push services take 4,096 bytes, of which encryption needs some.
PAYLOAD_BYTES = 3_000
TITLE_CHARACTERS = 120
BODY_CHARACTERS = 240

# What somebody waits for; the rest may wait for a phone to wake by itself.
URGENCY = {"mention": "high", "direct": "high", "reply": "high", "invitation": "high"}
URGENCY |= {"reaction": "low"}


class PushMessage(Struct, frozen=True, kw_only=True):
    """`ttl_s` is how long a push service may keep it for a browser that is off.

    Of those it keeps with the same `topic` only the latest is delivered.
    """

    payload: bytes
    ttl_s: int
    urgency: str
    topic: str


def push_message(item: Item, now: datetime, until: datetime) -> PushMessage:
    """The push message of a notification, which is worth nothing after `until`."""
    body = item.body
    return PushMessage(
        payload=_fitting(item),
        ttl_s=max(0, int((until - now).total_seconds())),
        urgency=URGENCY.get(body["category"], "normal"),
        topic=topic_of(_tag(item)),
    )


def topic_of(tag: str) -> str:
    """At most 32 characters of base64url, which is all that a topic may have."""
    return base64.urlsafe_b64encode(blake2b(tag.encode(), digest_size=24).digest()).decode()


def one_line(text: str, characters: int) -> str:
    """The beginning of `text` without line breaks."""
    flat = " ".join(text.split())
    return flat if len(flat) <= characters else flat[: characters - 1].rstrip() + "…"


def _fitting(item: Item) -> bytes:
    """The fullest form that is small enough."""
    payload = b""
    for content in _forms(item):
        payload = msgspec.json.encode(content)
        if len(payload) <= PAYLOAD_BYTES:
            break
    return payload


def _forms(item: Item) -> Iterator[Mapping[str, Any]]:
    """From everything to the least that still says something."""
    body = item.body
    whole = {
        "id": item.id,
        "title": one_line(body["title"], TITLE_CHARACTERS),
        "body": one_line(body["body"], BODY_CHARACTERS),
        "link": body.get("link", NOTIFICATIONS_PAGE),
        "tag": _tag(item),
    }
    yield whole
    yield whole | {"body": ""}
    yield whole | {"body": "", "link": NOTIFICATIONS_PAGE, "tag": topic_of(_tag(item))}


def _tag(item: Item) -> str:
    """Of several with the same one a device shows the latest."""
    group: str | None = item.body.get("group")
    return group or item.id
