"""The one who does something that is audited. No I/O."""

from typing import Protocol

from msgspec import Struct


class Actor(Struct, frozen=True):
    """`user` is an account's id and `name` its username; a visitor without a session has neither.

    `address` is where the client is, as far as the trusted proxies tell.
    """

    user: str | None
    name: str | None
    address: str


class HasActor(Protocol):
    """A caller, or a visitor who has not signed in."""

    @property
    def actor(self) -> Actor: ...


# No username has a space, so this is nobody's.
COMMAND_LINE = Actor(user=None, name="command line", address="")
