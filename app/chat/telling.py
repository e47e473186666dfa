"""What chat tells of to whoever notifies people. Chat knows nothing of notifications but this.

Each answer is a set of changes to commit along with what they tell of: neither stays without the
other.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from app.accounts.models import User
from app.chat.models import Room
from app.streams.models import Change, Item

# Who was told of a message, under which key: kept in its body, for corrections.
Told = Mapping[str, str]


class Said(Struct, frozen=True, kw_only=True):
    """A message on its way: who may be told of it, and why. `members` are those at the moment of
    asking; `watching` are those who have the room in front of them at this moment."""

    id: str
    room: Room
    by: User
    text: str
    members: Collection[str]
    mentions: tuple[str, ...] = ()
    answers: str | None = None
    watching: frozenset[str] = frozenset()


class Telling(Struct, frozen=True):
    """The changes to commit along, and who is told by them."""

    changes: tuple[Change, ...] = ()
    told: Told = {}


class Teller(Protocol):
    """Who notifies people of what happens in rooms."""

    async def of_message(self, said: Said) -> Telling:
        """A new message."""

    async def of_edit(self, said: Said, edit: str, before: Told) -> Telling:
        """An edited message: who is newly mentioned; who is not any more is told no longer."""

    async def of_deletion(self, before: Told) -> Telling:
        """A deleted message: nobody is told of it any more."""

    async def of_reaction(self, message: Item, room: Room, by: User, symbol: str) -> Telling:
        """A reaction to somebody's message."""

    async def of_reaction_withdrawn(self, message: Item, by: User, symbol: str) -> Telling:
        """A reaction that was taken back."""

    async def of_invitation(self, room: Room, by: User, invited: Sequence[str]) -> Telling:
        """People who were brought into a room."""

    async def read(self, user_id: str, room: Room) -> None:
        """This person has read all of a room: what told of it is read, too."""
