"""Notifications, preferences and the requests about them. No I/O."""

from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, structs

from app.streams.models import Body, Item

MAX_INTEGER = 2**53 - 1
SERVICE = "notification_service"
BROADCASTS = "broadcasts"

TITLE_CHARACTERS = 200
BODY_CHARACTERS = 4_000
LINK_CHARACTERS = 2_000
IDS_AT_ONCE = 200
RECIPIENTS_AT_ONCE = 10_000

Level = Literal["app", "desktop", "off"]
RoomLevel = Literal["all", "mentions", "muted"]

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Reference = Annotated[str, Meta(min_length=1, max_length=200)]
Rev = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Limit = Annotated[int, Meta(ge=1, le=200)]
Category = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,31}$(?!\n)")]
Minute = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")]


class Notice(Struct, frozen=True, kw_only=True):
    """The content of a notification.

    `actor` is the id of the user who caused it, `room` and `message` are what it is about.
    Notifications of the same `group` are shown as one.
    """

    title: str
    body: str = ""
    category: str = "system"
    link: str | None = None
    actor: str | None = None
    actor_name: str | None = None
    group: str | None = None
    room: str | None = None
    message: str | None = None


class Broadcast(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of a broadcast's entry: `notice` for the people `to`, or the withdrawal of the one
    that was sent under the same `key`.

    `is_delivered`: the sender has put it into the inboxes. `token` is the id of the token that
    gave the right to send, asked again while the broadcast is worked off.
    """

    key: str
    to: list[str]
    notice: Notice | None = None
    is_delivered: bool = False
    is_withdrawal: bool = False
    token: str | None = None


class Quiet(Struct, frozen=True, kw_only=True):
    """Hours in the person's own time zone in which notifications are silent."""

    start: Minute = msgspec.field(name="from")
    end: Minute = msgspec.field(name="to")


class Preferences(Struct, frozen=True, kw_only=True):
    """One person's notification preferences; missing categories and rooms have defaults."""

    categories: Annotated[dict[Category, Level], Meta(max_length=100)] = {}
    rooms: Annotated[dict[Id, RoomLevel], Meta(max_length=2_000)] = {}
    quiet: Quiet | None = None
    snooze_until: datetime | None = None


class SetRoomLevel(Struct, kw_only=True):
    room: Id
    level: RoomLevel


class SyncInbox(Struct, kw_only=True):
    cursor: Rev


class ListInbox(Struct, kw_only=True):
    before: Rev | None = None
    after: Rev | None = None
    limit: Limit = 50
    unread: bool = False
    archived: bool = False
    category: Category | None = None


class MarkRead(Struct, kw_only=True):
    ids: Annotated[list[Id], Meta(max_length=IDS_AT_ONCE)] = []
    all: bool = False


class Archive(Struct, kw_only=True):
    ids: Annotated[list[Id], Meta(min_length=1, max_length=IDS_AT_ONCE)]


class Nothing(Struct, kw_only=True):
    """An event without fields."""


class State(Struct, frozen=True, kw_only=True):
    """An inbox at one instant: its head `rev`, the `unread` count, the newest unread `items`."""

    rev: int
    unread: int
    items: list[Item]


def inbox_of(user_id: str) -> str:
    """The stream of a person's notifications."""
    return f"inbox:{user_id}"


def owner_of(stream: str) -> str:
    """The id of the person whose inbox a stream is."""
    return stream.removeprefix("inbox:")


def notification_id(key: str, user_id: str, by: str = SERVICE) -> str:
    """The id of a person's notification that `by` sends under `key`.

    It is always the same, so a repeat on any node makes no second notification.
    """
    return blake2b(f"{by}\0{key}\0{user_id}".encode()).hexdigest()[:24]


def fingerprint(*asked: object) -> bytes:
    """A hash of a request. The same key with another fingerprint is a conflict."""
    return blake2b(msgspec.json.encode(asked), digest_size=16).digest()


def body_of(notice: Notice) -> Body:
    """The stored body of a new notification, without fields that are None."""
    fields = {name: value for name, value in structs.asdict(notice).items() if value is not None}
    return {**fields, "unread": True, "archived": False}
