"""What happens in rooms, turned into notices: who is told of what, and of what no longer.

A person is told once of one message, for the reason that concerns them most. Changes for a few
come along with the message; for many, one entry of `broadcasts` does.
"""

import time
from collections.abc import Callable, Iterable, Sequence

from app.accounts.models import User
from app.chat.message_notifier import NewMessage, Notified, Recipients
from app.chat.models import Room
from app.notifications.inbox import Inbox
from app.notifications.models import Notice
from app.notifications.preferences import PreferenceBook
from app.notifications.sender import AT_ONCE, NotificationSender
from app.streams.models import Change, Item

EXCERPT_CHARACTERS = 140
WANTING_FRESH_S = 5.0
WANTING_ROOMS = 1_000

Reasons = dict[str, str]
"""Whom to tell, and in which category."""


def reasons(message: NewMessage, wanting_all: Iterable[str]) -> Reasons:
    """Who is to be told of a message and why: once each, for what concerns them most. Pure."""
    found: Reasons = {}
    if message.room.kind == "direct":
        found |= dict.fromkeys(message.members, "direct")
    else:
        found |= dict.fromkeys(wanting_all, "message")
        if message.answers is not None:
            found[message.answers] = "reply"
        found |= dict.fromkeys(message.mentions, "mention")
    silent = {message.by.id} | message.watching
    return {u: c for u, c in found.items() if u in message.members and u not in silent}


def title_of(category: str, message: NewMessage) -> str:
    """The line that says who did what where."""
    name, room = message.by.name, message.room.name
    return {
        "direct": name,
        "mention": f"{name} mentioned you in {room}",
        "reply": f"{name} answered you in {room}",
    }.get(category, f"{name} in {room}")


def excerpt(text: str) -> str:
    """The beginning of a message, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_CHARACTERS else f"{line[: EXCERPT_CHARACTERS - 1]}…"


def link_to(room: Room, message: str | None = None) -> str:
    return f"/rooms/{room.id}" + (f"#{message}" if message else "")


class RoomNotices:
    """The `MessageNotifier` of chat."""

    def __init__(
        self,
        sender: NotificationSender,
        book: PreferenceBook,
        inbox: Inbox,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sender = sender
        self._book = book
        self._inbox = inbox
        self._clock = clock
        self._wanting: dict[str, tuple[float, list[str]]] = {}

    async def of_message(self, message: NewMessage) -> Notified:
        return await self._tell(
            message, reasons(message, await self._wanting_all_of(message.room)), message.id
        )

    async def _wanting_all_of(self, room: Room) -> list[str]:
        """Remembered for a moment: it is asked for with every message."""
        now = self._clock()
        known = self._wanting.get(room.id)
        if known is None or now - known[0] > WANTING_FRESH_S:
            if len(self._wanting) >= WANTING_ROOMS:
                self._wanting.clear()
            known = self._wanting[room.id] = (now, await self._book.wanting_all_of(room.id))
        return known[1]

    async def _tell(self, message: NewMessage, why: Reasons, key: str) -> Notified:
        changes: list[Change] = []
        for category in dict.fromkeys(why.values()):
            people = [user_id for user_id, reason in why.items() if reason == category]
            # One key for all categories would make one broadcast of several.
            notice = self._notice(category, message)
            changes += await self._changes(people, notice, f"{key}:{category}")
        return Notified(tuple(changes), {u: f"{key}:{category}" for u, category in why.items()})

    def _notice(self, category: str, message: NewMessage) -> Notice:
        return Notice(
            title=title_of(category, message),
            body=excerpt(message.text),
            category=category,
            link=link_to(message.room, message.id),
            actor=message.by.id,
            actor_name=message.by.name,
            group=f"{category}:{message.room.id}",
            room=message.room.id,
            message=message.id,
        )

    async def _changes(self, people: Sequence[str], notice: Notice, key: str) -> list[Change]:
        if len(people) > AT_ONCE:
            return [self._sender.broadcast(list(people), notice, key)]
        return list(await self._sender.changes_for(people, notice, key))

    async def of_edit(self, message: NewMessage, edit: str, before: Recipients) -> Notified:
        mentioned = reasons(message, ())
        gone = {
            u: key
            for u, key in before.items()
            if key.endswith(":mention") and u not in message.mentions
        }
        new = {u: c for u, c in mentioned.items() if c == "mention" and u not in before}
        notified = await self._tell(message, new, f"{message.id}:{edit}")
        kept = {u: key for u, key in before.items() if u not in gone}
        return Notified(
            (*notified.changes, *await self._withdraw(gone)), {**kept, **notified.recipients}
        )

    async def of_deletion(self, before: Recipients) -> Notified:
        return Notified(await self._withdraw(before))

    async def _withdraw(self, recipients: Recipients) -> tuple[Change, ...]:
        changes: list[Change] = []
        for key in dict.fromkeys(recipients.values()):
            people = [user_id for user_id, sent_by in recipients.items() if sent_by == key]
            if len(people) > AT_ONCE:
                changes.append(self._sender.broadcast_withdrawal(people, key))
            else:
                changes += await self._sender.withdraw(people, key)
        return tuple(changes)

    async def of_reaction(self, message: Item, room: Room, by: User, symbol: str) -> Notified:
        if message.sender == by.id:
            return Notified()
        notice = Notice(
            title=f"{by.name} reacted {symbol} in {room.name}",
            body=excerpt(message.body.get("text", "")),
            category="reaction",
            link=link_to(room, message.id),
            actor=by.id,
            actor_name=by.name,
            group=f"reaction:{message.id}",
            room=room.id,
            message=message.id,
        )
        key = reaction_key(message, by, symbol)
        return Notified(tuple(await self._changes([message.sender], notice, key)))

    async def of_reaction_withdrawn(self, message: Item, by: User, symbol: str) -> Notified:
        return Notified(await self._withdraw({message.sender: reaction_key(message, by, symbol)}))

    async def of_invitation(self, room: Room, by: User, invited: Sequence[str]) -> Notified:
        people = [user_id for user_id in invited if user_id != by.id]
        if not people or room.kind == "direct":
            return Notified()
        notice = Notice(
            title=f"{by.name} added you to {room.name}",
            category="invitation",
            link=link_to(room),
            actor=by.id,
            actor_name=by.name,
            room=room.id,
        )
        key = f"invitation:{self._sender.new_key()}"
        return Notified(tuple(await self._changes(people, notice, key)))

    async def read(self, user_id: str, room: Room) -> None:
        await self._inbox.read_room(user_id, room.id)


def reaction_key(message: Item, by: User, symbol: str) -> str:
    return f"{message.id}:{by.id}:{symbol}"
