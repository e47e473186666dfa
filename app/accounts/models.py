"""Who is calling: the user and the way they proved it. No I/O."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from app.audit.actor import Actor

Role = Literal["admin", "member"]
FORMER_MEMBER = "former member"


class User(Struct, frozen=True, kw_only=True):
    """One account as the other features see it. A deleted one keeps its id and loses its name.

    `is_bot` never changes: a program has no password, and a token is its only way in. `made_by` is
    the admin who answers for a bot, None for one that was made on the machine.
    """

    id: str
    username: str
    name: str
    role: Role = "member"
    time_zone: str = "UTC"
    is_bot: bool = False
    made_by: str | None = None
    is_disabled: bool = False
    is_deleted: bool = False

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"

    @property
    def is_acting_admin(self) -> bool:
        """An admin whose account is open: links, invites and bots that they made are good."""
        return self.is_admin and self.is_open

    @property
    def is_open(self) -> bool:
        """Whether anybody can be this user at present."""
        return not self.is_disabled and not self.is_deleted

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

    `scopes` is None where the caller may do all that the person may. From `ends` on the proof is
    not good any more, also for what is open already; None where only somebody can end it.
    `address` is where the client is; the transport that accepted it sets that.
    """

    user: User
    session: str | None = None
    token: str | None = None
    scopes: frozenset[str] | None = None
    beyond_role: bool = False
    ends: datetime | None = None
    address: str = ""

    @property
    def actor(self) -> Actor:
        return Actor(user=self.user.id, name=self.user.username, address=self.address)

    def may(self, scope: str) -> bool:
        return self.scopes is None or self.holds(scope)

    def holds(self, scope: str) -> bool:
        """Whether the token names `scope` and its owner's present role still allows it."""
        if self.scopes is None or scope not in self.scopes:
            return False
        return scope not in ADMIN_SCOPES or self.user.is_admin or self.beyond_role

    def has_ended(self, now: datetime) -> bool:
        return self.ends is not None and self.ends <= now


class Revoked(Struct, frozen=True, kw_only=True):
    """What ended: every connection of this user, session or token has to be closed.

    `everyone` ends all connections there are.
    """

    user: str | None = None
    session: str | None = None
    token: str | None = None
    everyone: bool = False


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
    """A bearer token without its secret. One that belongs to a `session` dies with it.

    `by` made it: its owner, the admin who made a bot's, or None for the machine. `beyond_role`:
    the machine granted a scope to somebody who is no admin that admins have to grant.
    """

    id: str
    user: str
    label: str
    created: datetime
    scopes: list[str] | None = None
    ends: datetime | None = None
    session: str | None = None
    by: str | None = None
    beyond_role: bool = False


class Reset(Struct, frozen=True, kw_only=True):
    """A link to a new password for `user`; `by` is the admin who made it, None the machine."""

    user: str
    by: str | None


class Invite(Struct, frozen=True, kw_only=True):
    """An invite link without its code: `left` people can still use it until `ends`."""

    id: str
    by: str
    left: int
    created: datetime
    ends: datetime


# What a token can be narrowed to; without scopes it may do all that its owner may.
SCOPES = ("chat", "notifications:send", "topics:publish", "metrics:read")

# Rights of an admin: to reach everybody on this server, and to see how it is used.
ADMIN_SCOPES = frozenset({"notifications:send", "metrics:read"})


def grantable(user: User) -> list[str]:
    """What this person may put into a token of their own."""
    return [scope for scope in SCOPES if user.is_admin or scope not in ADMIN_SCOPES]
