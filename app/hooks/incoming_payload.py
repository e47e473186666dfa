"""Parses the body posted to an incoming webhook: JSON, or a form with JSON in `payload`. No I/O.

Slack takes the same forms (https://api.slack.com/messaging/webhooks), so programs that post to
Slack can post here; `hooks/slack/` converts their messages to Markdown. Fields that show nothing,
such as a name, an icon or a channel, are ignored whatever they hold.
"""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qs

from msgspec import Meta, Raw, Struct, field

from app.chat.models import ClientId
from app.errors import Invalid, TooLarge
from app.hooks.slack.message import message
from app.hooks.slack.schema import NOTHING, is_false
from app.lengths import Written
from app.text_checks import is_visible
from app.web import decoding

# 64 KB of text can be several times as long in JSON, and longer still in a form.
BODY_BYTES = 512 * 1024
FORM = "application/x-www-form-urlencoded"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
TEXT_BYTES = 65_536
# Only the first hundred are shown, with a note; no real sender comes near this limit.
Parts = Annotated[list[Raw], Meta(max_length=100_000)]


EventData = dict[str, Any]
"""Any JSON object."""


class IncomingPayload(Struct, kw_only=True):
    """`POST /api/hooks/{secret}` for a room. `text` is used where `blocks` show nothing."""

    text: Written | None = None
    blocks: Parts | None = None
    attachments: Parts | None = None
    # A factory, because the OpenAPI document cannot describe a default of type Raw.
    mrkdwn: Raw = field(default_factory=lambda: NOTHING)
    client_id: ClientId | None = None


class RoomMessage(Struct, kw_only=True):
    """A message for a room. `bars`: line in which a quotation begins (from 0) → its colour."""

    text: str
    bars: Mapping[int, str] = {}
    client_id: ClientId | None = None


def too_large() -> TooLarge:
    return TooLarge(f"What is posted to a webhook has at most {BODY_BYTES // 1024} KB.")


def json_of(raw: bytes, content_type: str) -> bytes:
    """The JSON of a body. Raises Invalid for a form without it, TooLarge."""
    if len(raw) > BODY_BYTES:
        raise too_large()
    raw = raw.removeprefix(BYTE_ORDER_MARK)
    # `curl -d` calls everything a form.
    if content_type != FORM or raw.lstrip()[:1] == b"{":
        return raw
    try:
        fields = parse_qs(raw.decode(), strict_parsing=True, errors="strict", max_num_fields=20)
    except ValueError as error:
        raise Invalid("Send JSON, or a form with JSON in the field «payload».") from error
    if "payload" not in fields:
        raise Invalid("Send JSON, or a form with JSON in the field «payload».", field="payload")
    return fields["payload"][0].encode()


def room_message(raw: bytes) -> RoomMessage:
    """The message for a room in posted JSON. Raises Invalid, TooLarge."""
    asked = decoding.from_json(raw, IncomingPayload)
    text = asked.text or ""
    if len(text.encode()) > TEXT_BYTES:
        raise TooLarge(f"The text has at most {TEXT_BYTES:,} bytes; this is longer.", field="text")
    if "\0" in text:
        raise Invalid("A message can't hold the character NUL.", field="text")
    blocks, attachments = asked.blocks or (), asked.attachments or ()
    made = message(text, blocks, attachments, is_formatted=not is_false(asked.mrkdwn))
    if not is_visible(made.text):
        raise nothing_to_show(has_others=bool(blocks or attachments))
    return RoomMessage(text=made.text, bars=made.bars, client_id=asked.client_id)


def nothing_to_show(*, has_others: bool) -> Invalid:
    """The error for a message without visible content."""
    if has_others:
        return Invalid(
            "Nothing of the blocks and attachments can be shown, and the field «text» is missing.",
            field="text",
        )
    return Invalid("Send something to show: «text», «blocks» or «attachments».", field="text")


def topic_event(raw: bytes) -> EventData:
    """The event for a topic: the whole posted object. Raises Invalid."""
    found: EventData = decoding.from_json(raw, dict[str, Any])
    return found
