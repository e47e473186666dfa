"""The push message of a notification: its JSON payload and headers (RFC 8030). No I/O."""

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct

from app.streams.models import Item

# The link of a notification that has none.
NOTIFICATIONS_PAGE = "/notifications"

# RFC 8030, 7.2: push services take 4,096 bytes; encryption needs some of them.
PAYLOAD_BYTES = 3_000
TITLE_CHARACTERS = 120
BODY_CHARACTERS = 240

# RFC 8030, 5.3. A push service may hold other messages back until a phone wakes by itself.
URGENCY = {"mention": "high", "direct": "high", "reply": "high", "invitation": "high"}
URGENCY |= {"reaction": "low"}


class PushMessage(Struct, frozen=True, kw_only=True):
    """`ttl_s`: for how long a push service may keep it for a browser that is off.

    Of several messages that it keeps with one `topic`, only the latest is delivered.
    """

    payload: bytes
    ttl_s: int
    urgency: str
    topic: str


def push_message(item: Item, now: datetime, until: datetime) -> PushMessage:
    """The push message of a notification, to be delivered before `until`."""
    body = item.body
    return PushMessage(
        payload=_fitting(item),
        ttl_s=max(0, int((until - now).total_seconds())),
        urgency=URGENCY.get(body["category"], "normal"),
        topic=topic_of(_tag(item)),
    )


def topic_of(tag: str) -> str:
    """A topic for a tag: 32 characters of base64url, the longest allowed (RFC 8030, 5.4)."""
    return base64.urlsafe_b64encode(blake2b(tag.encode(), digest_size=24).digest()).decode()


def one_line(text: str, characters: int) -> str:
    """The beginning of `text` without line breaks."""
    flat = " ".join(text.split())
    return flat if len(flat) <= characters else flat[: characters - 1].rstrip() + "…"


def _fitting(item: Item) -> bytes:
    """The JSON of the fullest form that is small enough."""
    payload = b""
    for content in _forms(item):
        payload = msgspec.json.encode(content)
        if len(payload) <= PAYLOAD_BYTES:
            break
    return payload


def _forms(item: Item) -> Iterator[Mapping[str, Any]]:
    """The content, then shorter forms of it."""
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
    """The tag: a device replaces a shown notification by one with the same tag."""
    group: str | None = item.body.get("group")
    return group or item.id
