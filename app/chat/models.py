"""Rooms, memberships and the requests of chat. No I/O."""

from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from app.errors import NotFound
from app.lengths import Medium, Short, Written

MAX_INTEGER = 2**53 - 1

Kind = Literal["open", "private", "direct"]
Reference = Annotated[str, Meta(min_length=1, max_length=200)]
ClientId = Annotated[str, Meta(min_length=1, max_length=64)]
# A search; longer than any name.
Query = Annotated[str, Meta(max_length=200)]
UserId = Annotated[str, Meta(min_length=1, max_length=64)]
Rev = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Moment = Annotated[datetime, Meta(tz=True)]
Limit = Annotated[int, Meta(ge=1, le=200)]


def stream_of(room_id: str) -> str:
    """The stream of a room: its messages, and the changes of its members and settings."""
    return f"room:{room_id}"


def room_of(stream: str) -> str:
    """The id of the room whose stream this is."""
    return stream.removeprefix("room:")


class RoomNotFound(NotFound):
    """There is no such room, or the caller may not know of it."""

    def __init__(self) -> None:
        super().__init__("There is no such room, or it is private.")


class Room(Struct, frozen=True, kw_only=True, rename={"id": "_id"}):
    """A room, with the fields of its document; `slug` never changes, so links stay good."""

    id: str
    slug: str
    name: str
    kind: Kind
    owner: str
    topic: str = ""
    archived: bool = False

    @property
    def stream(self) -> str:
        return stream_of(self.id)


class Reading(NamedTuple):
    """How far a person has read in a room: up to `read_seq`, having marked messages as unread so
    often. Of two the greater one is the newer: otherwise reading only goes forwards."""

    unread_marks: int
    read_seq: int


class Membership(Struct, kw_only=True):
    """One person in one room. `read_seq` is the seq of the newest message that they have read, and
    `unread_marks` how often they marked messages as unread."""

    user: str
    read_seq: int = 0
    unread_marks: int = 0

    @property
    def reading(self) -> Reading:
        return Reading(self.unread_marks, self.read_seq)


class JoinRoom(Struct, kw_only=True):
    """`members_rev` is that of the members that the caller holds."""

    room: Reference
    cursor: Rev | None = None
    members_rev: Rev | None = None


class InRoom(Struct, kw_only=True):
    room: Reference


class SyncRoom(Struct, kw_only=True):
    room: Reference
    cursor: Rev


class ReadHistory(Struct, kw_only=True):
    room: Reference
    before: Rev
    after: Rev | None = None
    limit: Limit = 50


class ReadContext(Struct, kw_only=True):
    """One of `id`, `seq` and `at` names the message; `at` means the first one since then."""

    room: Reference
    id: Reference | None = None
    seq: Rev | None = None
    at: Moment | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class MarkRead(Struct, kw_only=True):
    room: Reference
    seq: Rev


class SendMessage(Struct, kw_only=True):
    room: Reference
    text: Written
    client_id: ClientId | None = None
    reply_to: Reference | None = None


class EditMessage(Struct, kw_only=True):
    room: Reference
    id: Reference
    text: Written
    client_id: ClientId | None = None


class DeleteMessage(Struct, kw_only=True):
    room: Reference
    id: Reference


class React(Struct, kw_only=True):
    room: Reference
    id: Reference
    emoji: Annotated[str, Meta(min_length=1, max_length=32)]


class Nothing(Struct, kw_only=True):
    """An event without fields."""


class CreateRoom(Struct, kw_only=True):
    name: Short
    kind: Literal["open", "private"] = "open"
    members: Annotated[list[Reference], Meta(max_length=1000)] = []


class OpenDirect(Struct, kw_only=True):
    user: Reference


class UpdateRoom(Struct, kw_only=True):
    room: Reference
    name: Short | None = None
    topic: Medium | None = None


class OfMember(Struct, kw_only=True):
    room: Reference
    user: Reference


class SetPresence(Struct, kw_only=True):
    """`room` is the room that the person has in front of them, in a focused window."""

    state: Literal["online", "idle", "away"]
    room: Reference | None = None
