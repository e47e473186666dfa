"""What is posted to an incoming webhook: JSON, or a form with JSON in `payload`. No I/O.

That is how Slack takes it, so what can write to Slack can write here. Of Slack's fields `text` is
looked at, and its way of writing links; the others are left alone, whatever they hold.
"""

import re
from typing import Any
from urllib.parse import parse_qs

from msgspec import Struct

from app.chat.models import ClientId
from app.errors import Invalid, TooLarge
from app.lengths import Written
from app.web import strict

# A text of 64 KB can be several times as long in JSON, and once more in a form.
BODY_BYTES = 512 * 1024
FORM = "application/x-www-form-urlencoded"
SLACK_LINK = re.compile(r"<(https?://[^|<>\s]{1,2000})\|([^<>\n]{1,500})>")


class Said(Struct, kw_only=True):
    """A message for a room."""

    text: Written
    client_id: ClientId | None = None


def too_large() -> TooLarge:
    return TooLarge(f"What is posted to a webhook has at most {BODY_BYTES // 1024} KB.")


def json_of(raw: bytes, content_type: str) -> bytes:
    """The JSON that was posted. Raises Invalid for a form without it, TooLarge."""
    if len(raw) > BODY_BYTES:
        raise too_large()
    if content_type != FORM:
        return raw
    try:
        fields = parse_qs(raw.decode(), strict_parsing=True, errors="strict", max_num_fields=20)
    except ValueError as error:
        raise Invalid("Send JSON, or a form with JSON in the field «payload».") from error
    if "payload" not in fields:
        raise Invalid("Send JSON, or a form with JSON in the field «payload».", field="payload")
    return fields["payload"][0].encode()


def said(raw: bytes) -> Said:
    """The message for a room. Raises Invalid."""
    asked = strict.decode(raw, Said)
    asked.text = SLACK_LINK.sub(r"[\2](\1)", asked.text)
    return asked


def data(raw: bytes) -> dict[str, Any]:
    """The event for a topic: the whole object. Raises Invalid."""
    found: dict[str, Any] = strict.decode(raw, dict[str, Any])
    return found
