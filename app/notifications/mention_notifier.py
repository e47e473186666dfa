"""Decides who is notified of what happens in rooms: mentions, replies, reactions, invitations.

A person is notified once of a message, for the reason that concerns them most. The changes are
committed together with their cause.
"""

import time
from collections.abc import Callable, Iterable, Sequence

from cachetools import TTLCache

from app.accounts.models import User
from app.chat.message_notifier import NewMessage, Notified, Recipients
from app.chat.models import Room
from app.emoji_shortcodes import with_emoji
from app.notifications import titles
from app.notifications.inbox import Inbox
from app.notifications.models import Notice
from app.notifications.preferences import PreferenceBook
from app.notifications.sender import NotificationSender
from app.streams.models import Change, Item

EXCERPT_CHARACTERS = 140
# They are asked for with every message. Changes on other nodes are seen so much later.
WANTING_FRESH_S = 5.0
WANTING_ROOMS = 1_000

Reasons = dict[str, str]
"""User id → category of the notification."""


def reasons(message: NewMessage, wanting_all: Iterable[str]) -> Reasons:
    """The users to notify of a message; `wanting_all` want to hear of every message."""
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
    """The line that says who did what in which room."""
    name, room = message.by.name, message.room.name
    if category == "direct":
        return name
    form = {"mention": titles.MENTIONED, "reply": titles.ANSWERED}.get(category, titles.WROTE)
    return form.format(name=name, room=room)


def excerpt(text: str) -> str:
    """The beginning of a message, on one line."""
    line = with_emoji(" ".join(text.split()))
    return line if len(line) <= EXCERPT_CHARACTERS else f"{line[: EXCERPT_CHARACTERS - 1]}…"


def link_to(room: Room, message: str | None = None) -> str:
    return f"/rooms/{room.id}" + (f"#{message}" if message else "")


def reaction_key(message: Item, by: User, symbol: str) -> str:
    return f"{message.id}:{by.id}:{symbol}"


class MentionNotifier:
    """Chat's `MessageNotifier`, whose docstrings say what each method does."""

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
        self._wanting_all: TTLCache[str, list[str]] = TTLCache(
            WANTING_ROOMS, WANTING_FRESH_S, timer=clock
        )

    def preferences_changed(self, *_: object) -> None:
        """Ask for preferences again: a listener of the preference book."""
        self._wanting_all.clear()

    async def of_message(self, message: NewMessage) -> Notified:
        wanting_all = await self._wanting_all_of(message.room)
        return await self._notify(message, reasons(message, wanting_all), message.id)

    async def _wanting_all_of(self, room: Room) -> list[str]:
        known = self._wanting_all.get(room.id)
        if known is None:
            known = self._wanting_all[room.id] = await self._book.wanting_all_of(room.id)
        return known

    async def _notify(self, message: NewMessage, why: Reasons, key: str) -> Notified:
        changes: list[Change] = []
        for category in dict.fromkeys(why.values()):
            people = [user_id for user_id, reason in why.items() if reason == category]
            # A key of its own, since two broadcasts under one key would be a repeat.
            notice = self._notice(category, message)
            changes += await self._sender.additions(people, notice, f"{key}:{category}")
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

    async def of_edit(self, message: NewMessage, edit: str, before: Recipients) -> Notified:
        mentioned, still = reasons(message, ()), frozenset(message.mentions)
        gone = {u: k for u, k in before.items() if k.endswith(":mention") and u not in still}
        new = {u: c for u, c in mentioned.items() if c == "mention" and u not in before}
        notified = await self._notify(message, new, f"{message.id}:{edit}")
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
            changes += await self._sender.withdrawals(people, key)
        return tuple(changes)

    async def of_reaction(self, message: Item, room: Room, by: User, symbol: str) -> Notified:
        if message.sender == by.id:
            return Notified()
        notice = Notice(
            title=titles.REACTED.format(name=by.name, emoji=symbol, room=room.name),
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
        return Notified(await self._sender.additions([message.sender], notice, key))

    async def of_reaction_withdrawn(self, message: Item, by: User, symbol: str) -> Notified:
        return Notified(await self._withdraw({message.sender: reaction_key(message, by, symbol)}))

    async def of_invitation(self, room: Room, by: User, invited: Sequence[str]) -> Notified:
        people = [user_id for user_id in invited if user_id != by.id]
        if not people or room.kind == "direct":
            return Notified()
        notice = Notice(
            title=titles.ADDED.format(name=by.name, room=room.name),
            category="invitation",
            link=link_to(room),
            actor=by.id,
            actor_name=by.name,
            room=room.id,
        )
        key = f"invitation:{self._sender.new_key()}"
        return Notified(await self._sender.additions(people, notice, key))

    async def read(self, user_id: str, room: Room) -> None:
        await self._inbox.read_room(user_id, room.id)
