"""Who is calling: the user and the way they proved it. No I/O."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

Role = Literal["admin", "member"]
FORMER_MEMBER = "former member"


class User(Struct, frozen=True, kw_only=True):
    """One account as the other features see it. A deleted one keeps its id and loses its name.

    `is_bot` never changes: a program has no password, and a token is its only way in.
    """

    id: str
    username: str
    name: str
    role: Role = "member"
    time_zone: str = "UTC"
    is_bot: bool = False
    is_disabled: bool = False
    is_deleted: bool = False

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"

    @property
    def profile(self) -> dict[str, str]:
        """What this person is told of themselves."""
        return {
            "id": self.id,
            "username": self.username,
            "name": self.name,
            "role": self.role,
            "time_zone": self.time_zone,
        }


class Caller(Struct, frozen=True, kw_only=True):
    """An authenticated request or connection: `session` or `token` is the id of what proved it.

    `scopes` is None where the caller may do all that the person may.
    """

    user: User
    session: str | None = None
    token: str | None = None
    scopes: frozenset[str] | None = None

    def may(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes


class Revoked(Struct, frozen=True, kw_only=True):
    """What ended: every connection of this user, session or token has to be closed."""

    user: str | None = None
    session: str | None = None
    token: str | None = None


class Account(Struct, frozen=True, kw_only=True):
    """The user with what only this feature may see. The state with the higher `rev` is newer."""

    user: User
    password: str | None
    rev: int


class Session(Struct, frozen=True, kw_only=True):
    """One signed-in browser or program, as its owner may list it."""

    id: str
    user: str
    started: datetime
    seen: datetime
    ends: datetime
    address: str
    agent: str


class Token(Struct, frozen=True, kw_only=True):
    """A bearer token without its secret. One that belongs to a `session` dies with it."""

    id: str
    user: str
    label: str
    scopes: list[str] | None
    created: datetime
    ends: datetime | None = None
    session: str | None = None


class Invite(Struct, frozen=True, kw_only=True):
    """An invite link without its code: `left` people can still use it until `ends`."""

    id: str
    by: str
    left: int
    created: datetime
    ends: datetime


# What a token can be narrowed to; without scopes it may do all that its owner may.
SCOPES = ("chat", "notifications:send", "topics:publish", "metrics:read")

# Those that an admin has to grant: they reach everybody on this server.
ADMIN_SCOPES = frozenset({"notifications:send"})


def grantable(user: User) -> list[str]:
    """What this person may put into a token of their own."""
    return [scope for scope in SCOPES if user.is_admin or scope not in ADMIN_SCOPES]
