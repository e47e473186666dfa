"""The payloads that Slack's senders post, as far as they are shown. No I/O.

Values that are only text are kept as they came: programs send numbers for text, and null for what
they leave out. Fields that are not named here, and kinds of blocks that are not known, are passed
over unread.
"""

from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from app.errors import Invalid
from app.web import decoding

T = TypeVar("T")
Rows = list[Raw] | None

NOTHING = Raw(b"null")


class Kind(Struct):
    """The part that says what the rest is."""

    type: Raw = NOTHING


class Words(Struct):
    """A text object, `plain_text` or `mrkdwn`."""

    type: Raw = NOTHING
    text: Raw = NOTHING


class Field(Struct):
    title: Raw = NOTHING
    value: Raw = NOTHING


class Attachment(Struct):
    pretext: Raw = NOTHING
    author_name: Raw = NOTHING
    author_link: Raw = NOTHING
    title: Raw = NOTHING
    title_link: Raw = NOTHING
    text: Raw = NOTHING
    fields: Rows = None
    footer: Raw = NOTHING
    ts: Raw = NOTHING
    fallback: Raw = NOTHING
    color: Raw = NOTHING
    image_url: Raw = NOTHING
    thumb_url: Raw = NOTHING
    actions: Rows = None
    blocks: Rows = None
    mrkdwn_in: Raw = NOTHING


class Block(Struct):
    """Any block whose parts are text, fields, elements and addresses."""

    text: Raw = NOTHING
    fields: Rows = None
    elements: Rows = None
    accessory: Raw = NOTHING
    title: Raw = NOTHING
    title_url: Raw = NOTHING
    description: Raw = NOTHING
    image_url: Raw = NOTHING
    video_url: Raw = NOTHING
    alt_text: Raw = NOTHING
    slack_file: Raw = NOTHING


class Element(Struct):
    """A button, a menu, an image, a text object, or a piece of rich text."""

    type: Raw = NOTHING
    text: Raw = NOTHING
    url: Raw = NOTHING
    image_url: Raw = NOTHING
    alt_text: Raw = NOTHING
    options: Raw = NOTHING
    name: Raw = NOTHING
    unicode: Raw = NOTHING
    user_id: Raw = NOTHING
    channel_id: Raw = NOTHING
    usergroup_id: Raw = NOTHING
    range: Raw = NOTHING
    timestamp: Raw = NOTHING
    fallback: Raw = NOTHING
    value: Raw = NOTHING
    style: Raw = NOTHING


class Rich(Struct):
    """A part of rich text that holds others."""

    elements: Rows = None
    style: Raw = NOTHING
    indent: Raw = NOTHING
    offset: Raw = NOTHING


class Styles(Struct):
    bold: Raw = NOTHING
    italic: Raw = NOTHING
    strike: Raw = NOTHING
    code: Raw = NOTHING


def decoded(raw: Raw, kind: type[T], path: str) -> T:
    """A part of what was posted, at `path`. Raises Invalid with the whole path."""
    try:
        return decoding.from_json(bytes(raw), kind)
    except Invalid as error:
        field = f"{path}.{error.field}" if error.field else path
        raise Invalid(f"The field «{field}» is not what Slack has there.", field=field) from error


def is_object(raw: Raw) -> bool:
    return bytes(raw)[:1] == b"{"


def kind_of(raw: Raw, path: str) -> str:
    return text_of(decoded(raw, Kind, path).type)


def text_of(raw: Raw) -> str:
    """A text; a number as it was written; "" for what is no text."""
    value = bytes(raw)
    if value[:1] == b'"':
        return msgspec.json.decode(value, type=str)
    return "" if value[:1] in (b"n", b"{", b"[") else value.decode()


def number_of(raw: Raw) -> int:
    """A whole number that is not below zero; 0 for what is none."""
    text = text_of(raw)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0


def is_true(raw: Raw) -> bool:
    return bytes(raw) == b"true"


def is_false(raw: Raw) -> bool:
    return bytes(raw) == b"false"
