"""The requests of the directory, and its answers. No I/O."""

from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta, Struct

from app.accounts.models import Role
from app.chat.models import Query, Reference, UserId
from app.chat.payload_types import OpenRoom, PresentUser

PageLimit = Annotated[int, Meta(ge=1, le=50)]
# Further down nobody looks: more letters find the one that is sought.
Offset = Annotated[int, Meta(ge=0, le=1_000)]


class FindPeople(Struct, kw_only=True):
    query: Query = ""
    room: Reference | None = None
    limit: PageLimit = 20
    offset: Offset = 0


class FindRooms(Struct, kw_only=True):
    query: Query = ""
    archived: bool = False
    limit: PageLimit = 20
    offset: Offset = 0


class ShowPerson(Struct, kw_only=True):
    user: UserId


class PeopleQuery(Struct, kw_only=True):
    """The query string of `GET /api/people`."""

    q: Query = ""
    room: Reference | None = None
    limit: PageLimit = 20
    offset: Offset = 0


class OpenRoomsQuery(Struct, kw_only=True):
    """The query string of `GET /api/open-rooms`."""

    q: Query = ""
    archived: bool = False
    limit: PageLimit = 20
    offset: Offset = 0


class FoundPerson(PresentUser):
    """A person; `member` says whether they are in the room that was asked about."""

    member: NotRequired[bool]


class Profile(PresentUser):
    """A person as their card shows them.

    `role` is that on this server. `time_zone` is an IANA name, missing while it is not known.
    """

    role: Role
    time_zone: NotRequired[str]
    disabled: NotRequired[bool]


class FoundRoom(OpenRoom):
    """An open room, and whether the caller is in it."""

    member: bool


class FoundPeople(TypedDict):
    items: list[FoundPerson]
    more: bool


class FoundRooms(TypedDict):
    items: list[FoundRoom]
    more: bool
