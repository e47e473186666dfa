"""The structs of accounts: users, callers, sessions, tokens, links. No I/O."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from app.accounts.scopes import ADMIN_SCOPES
from app.audit.actor import Actor

Role = Literal["admin", "member"]
FORMER_MEMBER = "former member"


class User(Struct, frozen=True, kw_only=True):
    """One account as the other features see it. A deleted one keeps its id and loses its name.

    `is_bot` never changes: a bot has no password and signs in with a token only. `made_by` is the
    id of the admin who answers for a bot, None for one that was made on the command line.
    `time_zone` is an IANA name, empty until a device of the person or they themselves say it.
    """

    id: str
    username: str
    name: str
    role: Role = "member"
    time_zone: str = ""
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
        """Whether the account is neither disabled nor deleted."""
        return not self.is_disabled and not self.is_deleted

    @property
    def zone(self) -> str:
        """The time zone to reckon with: UTC until theirs is known."""
        return self.time_zone or "UTC"

    @property
    def profile(self) -> dict[str, str]:
        """The user object that `/api/me` and sign-in answer with."""
        return {
            "id": self.id,
            "username": self.username,
            "name": self.name,
            "role": self.role,
            "time_zone": self.zone,
        }


class Caller(Struct, frozen=True, kw_only=True):
    """The user of an authenticated request or connection, and how they authenticated.

    `session` or `token` is the id of the credential. `scopes` is None where the caller may do all
    that the person may. The credential, and every connection opened with it, ends at `ends`; None
    where it lasts until it is revoked. `address` is the client's, set by the transport.
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
    """A revocation: every connection of this user, session or token has to be closed.

    With `everyone` all connections are closed.
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
    """A bearer token without its secret. One that belongs to a `session` ends with it.

    `by` is the id of the person who made it: its owner, or an admin for a bot; None for the
    command line. `beyond_role` says that the command line granted a member a scope of admins.
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
    """A link to a new password for `user`, made by the admin `by` or the command line (None)."""

    user: str
    by: str | None


class Invite(Struct, frozen=True, kw_only=True):
    """An invite link without its code: `left` people can still use it until `ends`."""

    id: str
    by: str
    left: int
    created: datetime
    ends: datetime
