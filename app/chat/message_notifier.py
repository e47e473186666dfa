"""The interface through which chat has people notified of messages, reactions and invitations.

The notifications feature implements `MessageNotifier`; chat knows nothing else of it. Each method
returns changes that are committed in the same transaction as the change they are about.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from app.accounts.models import User
from app.chat.models import Room
from app.streams.models import Change, Item

Recipients = Mapping[str, str]
"""User id → key of their notification. Kept in the body of a message (`told`), so that an edit or a
deletion can withdraw exactly these."""


class NewMessage(Struct, frozen=True, kw_only=True):
    """A message about to be committed. `members` are the ids of the room's present members,
    `watching` of those who have the room in front of them, `answers` of the author of the message
    it replies to."""

    id: str
    room: Room
    by: User
    text: str
    members: Collection[str]
    mentions: tuple[str, ...] = ()
    answers: str | None = None
    watching: frozenset[str] = frozenset()


class Notified(Struct, frozen=True):
    """The changes to commit along with a message, and the people whom they notify."""

    changes: tuple[Change, ...] = ()
    recipients: Recipients = {}


class MessageNotifier(Protocol):
    """Notifies people of what happens in rooms."""

    async def of_message(self, message: NewMessage) -> Notified:
        """Notify people of a new message."""

    async def of_edit(self, message: NewMessage, edit: str, before: Recipients) -> Notified:
        """Notify those newly mentioned; withdraw from those no longer mentioned. `edit` is the id
        of this edit, `before` those notified so far."""

    async def of_deletion(self, before: Recipients) -> Notified:
        """Withdraw all notifications of a deleted message."""

    async def of_reaction(self, message: Item, room: Room, by: User, symbol: str) -> Notified:
        """Notify the author of a message of a reaction."""

    async def of_reaction_withdrawn(self, message: Item, by: User, symbol: str) -> Notified:
        """Withdraw the notification of a reaction that was taken back."""

    async def of_invitation(self, room: Room, by: User, invited: Sequence[str]) -> Notified:
        """Notify those whom `by` added to a room."""

    async def read(self, user_id: str, room: Room) -> None:
        """Mark this person's notifications of a room as read."""
