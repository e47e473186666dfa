"""One text in every part of what Slack's senders post that shows a text."""

from typing import Any

import msgspec

from app.hooks.incoming_payload import RoomMessage, room_message

ADDRESS = "https://a.example/"
# The parts of one payload share the length of a message.
SHARES = 8
# Marks, references and fences: these enter all of the conversion.
MESSAGES = (
    "<!here> <@U1|bob> <#C1|c> <https://a.example/|b> <!date^1^{date}|c> &lt;b&gt; :tada: `a`",
    "```py\na\n``` *b* ~c~ `` `d` `` [e](https://a.example/) https://a.example/(f)",
    "> a\n>>> b\n- c\n1. d\n# e",
)
# A share of it is shown by several blocks.
LONGER_THAN_A_MESSAGE = "```\n" + "a b\n" * 60_000


def plainly(text: str) -> RoomMessage:
    """As `text` without marks."""
    return room_message(msgspec.json.encode({"text": text, "mrkdwn": False}))


def as_blocks(text: str) -> RoomMessage:
    part = text[: len(text) // SHARES]
    words, plain = {"type": "mrkdwn", "text": part}, {"type": "plain_text", "text": part}
    button = {"type": "button", "text": plain, "url": ADDRESS + part}
    return _posted(
        {"type": "header", "text": plain},
        {"type": "section", "text": words, "fields": [plain], "accessory": button},
        {"type": "context", "elements": [words]},
        {"type": "image", "image_url": ADDRESS, "alt_text": part},
        {"type": "markdown", "text": part},
    )


def as_rich_text(text: str) -> RoomMessage:
    part = text[: len(text) // SHARES]
    styles = {"bold": True, "italic": True, "strike": True}
    elements: list[dict[str, Any]] = [
        {"type": "text", "text": part},
        {"type": "text", "text": part, "style": styles},
        {"type": "text", "text": part, "style": {"code": True}},
        {"type": "link", "url": ADDRESS + part, "text": part},
        {"type": "emoji", "unicode": part, "name": part},
        {"type": "user", "user_id": part},
    ]
    section = {"type": "rich_text_section", "elements": elements}
    code = {"type": "rich_text_preformatted", "elements": elements[:1]}
    listed = {"type": "rich_text_list", "elements": [section]}
    return _posted({"type": "rich_text", "elements": [section, code, listed]})


def as_attachment(text: str) -> RoomMessage:
    part = text[: len(text) // SHARES]
    names = ("pretext", "author_name", "title", "text", "footer", "color", "ts", "fallback")
    attachment = {
        **dict.fromkeys(names, part),
        "title_link": ADDRESS + part,
        "fields": [{"title": part, "value": part}],
        "mrkdwn_in": ["text", "fields"],
    }
    return room_message(msgspec.json.encode({"attachments": [attachment]}))


def _posted(*blocks: dict[str, Any]) -> RoomMessage:
    return room_message(msgspec.json.encode({"blocks": blocks}))
