"""Structs of the parts of Slack's payloads that are shown. No I/O.

Texts are kept as raw JSON, because programs send numbers for texts, and null for missing ones.
Other fields, and unknown kinds of blocks, are not decoded.
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
    """The field that says which kind of part it is."""

    type: Raw = NOTHING


class TextObject(Struct):
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
    """A part of rich text with parts of its own."""

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
    """The part of the payload at `path`. Raises Invalid with the whole path as field."""
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
    """A text; a number as it was written; "" for other values."""
    value = bytes(raw)
    if value[:1] == b'"':
        return msgspec.json.decode(value, type=str)
    return "" if value[:1] in (b"n", b"{", b"[") else value.decode()


def number_of(raw: Raw) -> int:
    """A whole number of at least 0; 0 for other values."""
    text = text_of(raw)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0


def is_true(raw: Raw) -> bool:
    return bytes(raw) == b"true"


def is_false(raw: Raw) -> bool:
    return bytes(raw) == b"false"
