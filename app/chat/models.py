"""Rooms, memberships and the requests of chat. No I/O."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from app.lengths import Medium, Short, Written
from app.text import comparable

MAX_INTEGER = 2**53 - 1

Kind = Literal["open", "private", "direct"]
Reference = Annotated[str, Meta(min_length=1, max_length=200)]
ClientId = Annotated[str, Meta(min_length=1, max_length=64)]
Rev = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Limit = Annotated[int, Meta(ge=1, le=200)]


def stream_of(room_id: str) -> str:
    """The stream that holds a room's messages and its memberships' changes."""
    return f"room:{room_id}"


def room_of(stream: str) -> str:
    """The id of the room whose stream this is."""
    return stream.removeprefix("room:")


class Room(Struct, frozen=True, kw_only=True):
    """A room as its document says; `slug` never changes, so addresses stay good."""

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


class Membership(Struct, kw_only=True):
    """One person in one room. `read_seq` is the seq of the newest message they have seen."""

    user: str
    read_seq: int = 0


class JoinRoom(Struct, kw_only=True):
    room: Reference
    cursor: Rev | None = None


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
    """`room` is the one that the person has in front of them, in a focused window."""

    state: Literal["online", "idle", "away"]
    room: Reference | None = None


def room_from(document: Mapping[str, Any]) -> Room:
    """The room that a document holds."""
    return Room(
        id=document["_id"],
        slug=document["slug"],
        name=document["name"],
        kind=document["kind"],
        owner=document["owner"],
        topic=document["topic"],
        archived=document["archived"],
    )


def room_document(room: Room, at: datetime, direct_key: str | None = None) -> dict[str, Any]:
    """The document of a new room."""
    document: dict[str, Any] = {
        "_id": room.id,
        "slug": room.slug,
        "name": room.name,
        "kind": room.kind,
        "owner": room.owner,
        "topic": room.topic,
        "archived": room.archived,
        "created_at": at,
    }
    if room.kind != "direct":
        document["name_key"] = comparable(room.name)
    if direct_key is not None:
        document["direct_key"] = direct_key
    return document
