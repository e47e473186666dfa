"""The shapes of what chat sends: docs/PROTOCOL.md describes them for programs.

Ids are strings, times are RFC 3339 in UTC, `seq` and `rev` count entries of the room's stream.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from msgspec import Raw

from app.chat.models import Kind
from app.chat.reactions import Reactions


class UserDocument(TypedDict):
    """A person or a program; only a program has `bot`."""

    id: str
    username: str
    name: str
    bot: NotRequired[bool]


class PresentUser(UserDocument):
    """A person with their presence: `online`, `idle`, `away` or `offline`."""

    state: str


class MemberDocument(PresentUser):
    """A member of a room."""

    role: Literal["owner", "member"]


class NamedPresence(TypedDict):
    """The display name and the presence of a person."""

    id: str
    name: str
    state: str


class WatchedPresence(TypedDict):
    """The people whom a connection watches in a large room, and how many are online there."""

    users: list[NamedPresence]
    online: int


class Author(TypedDict):
    """The sender of a message, under the name of now."""

    id: str
    name: str
    bot: NotRequired[bool]


class RoomDocument(TypedDict):
    """A room as everyone sees it who may know of it."""

    id: str
    slug: str
    name: str
    kind: Kind
    topic: str
    owner: str
    archived: bool


class OpenRoom(RoomDocument):
    """An open room that the reader is not in."""

    member_count: int


class RoomOverview(RoomDocument):
    """A room as one person sees it."""

    member: bool
    rev: int
    unread: int
    mentions: int
    last_read: int


# `with` is a keyword, so this part can't be written as a class.
_DirectPartner = TypedDict("_DirectPartner", {"with": NotRequired[PresentUser]})


class RoomEntry(RoomOverview, _DirectPartner):
    """A room in the list of one person; a direct one has the other person as `with`.

    `active_at` is when the newest message was written.
    """

    active_at: NotRequired[str]


class MessageDocument(TypedDict):
    """A message; a deleted one has the fields up to `deleted` only."""

    id: str
    room: str
    seq: int
    rev: int
    client_id: str
    at: str
    by: Author
    deleted: NotRequired[Literal[True]]
    text: NotRequired[str]
    html: NotRequired[str]
    mentions: NotRequired[Sequence[str]]
    mention_groups: NotRequired[Sequence[str]]
    reactions: NotRequired[Reactions]
    reaction_counts: NotRequired[Mapping[str, int]]
    reply_to: NotRequired[str]
    edited_at: NotRequired[str]
    pinned: NotRequired[Mapping[str, str]]
    system: NotRequired[Mapping[str, Any]]


class SyncAnswer(TypedDict):
    """The items that changed after a cursor, as JSON of `MessageDocument`s."""

    rev: int
    items: list[Raw]
    more: bool
    reset: bool
    older: bool


class RoomState(TypedDict):
    """The rest of what a page needs to show a room. `members` is JSON of `MemberDocument`s, at most
    200 of `member_count`, and missing where the client has those of `members_rev`. `reads` has the
    seq up to which each member has read, `pins` the ids of the pinned messages; `online` is how
    many of a large room's members are connected."""

    room: RoomEntry
    members: NotRequired[Raw]
    member_count: int
    members_rev: int
    online: NotRequired[int]
    reads: Raw
    last_read: int
    pins: list[str]


class JoinAnswer(SyncAnswer, RoomState):
    """The answer to `room:join`."""


class Snapshot(RoomState):
    """A room as it stands in the HTML of its page; `items` is one JSON list. `newer`: there are
    messages after them."""

    rev: int
    items: Raw
    more: bool
    reset: bool
    older: bool
    newer: bool


class HistoryAnswer(TypedDict):
    """Messages in the order of seq, and whether there are more."""

    items: list[MessageDocument]
    more: bool


class SavedDocument(TypedDict):
    """A message that a person saved `at` that time, and its room."""

    at: str
    room: RoomDocument
    message: MessageDocument


class SavedAnswer(TypedDict):
    """Saved messages, the newest first, and whether the oldest are left out."""

    items: list[SavedDocument]
    more: bool


class PinsAnswer(TypedDict):
    """Pinned messages, the newest pin first, and whether the oldest are left out."""

    items: list[MessageDocument]
    more: bool


class ContextAnswer(TypedDict):
    """A contiguous part of a room's history, in the order of seq, whether there are messages on
    either side of it, and the seq of the message that was asked for."""

    items: list[MessageDocument]
    older: bool
    newer: bool
    seq: int
