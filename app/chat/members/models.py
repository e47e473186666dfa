"""The requests about the members of a room, and the answers. No I/O."""

from typing import Annotated, TypedDict

from msgspec import Meta, Struct

from app.chat.large_rooms import SHOWN_AT_MOST
from app.chat.models import Limit, Query, Reference, Rev, UserId
from app.chat.payload_types import MemberDocument

UserIds = Annotated[list[UserId], Meta(max_length=SHOWN_AT_MOST)]


class ListMembers(Struct, kw_only=True):
    """`after` is the username or the id of the last member that the caller has."""

    room: Reference
    query: Query = ""
    after: UserId | None = None
    users: UserIds | None = None
    limit: Limit = 50


class MembersQuery(Struct, kw_only=True):
    """The query string of `GET /api/rooms/{room}/members`."""

    query: Query = ""
    after: UserId | None = None
    limit: Limit = 50


class ListReaders(Struct, kw_only=True):
    """A request for those who have read the message with this seq."""

    room: Reference
    seq: Rev


class ReadersQuery(Struct, kw_only=True):
    """The query string of `GET /api/rooms/{room}/readers`."""

    seq: Rev


class WatchPresence(Struct, kw_only=True):
    """The members of a large room whose presence this connection wants to hear of."""

    room: Reference
    users: UserIds


class MembersAnswer(TypedDict):
    """Members by username, and whether there are more."""

    items: list[MemberDocument]
    more: bool


class ReadersAnswer(TypedDict):
    """How many have read, the ids of up to 100 of them, and their names by id."""

    count: int
    users: list[str]
    names: dict[str, str]
