"""Passing states of rooms that nodes tell each other: who writes, and who has read how far.

Read positions are stored too; a hint only shows them on other nodes before these read them anew.
"""

import asyncio

from msgspec import Struct

from app.bus.bus import Bus
from app.chat.ephemeral_events import EphemeralEvents
from app.chat.models import Reading, stream_of
from app.chat.room_view import RoomView
from app.chat.room_views import RoomViews
from app.chat.typing import Typing

TYPING, READ, UNREAD = "typing", "read", "unread"
# A busy room reads together: one hint for all of its readers.
SHARED_AFTER_S = 0.05
READERS_A_HINT = 1_000


class TypingHint(Struct, frozen=True):
    """This person writes, or has stopped."""

    user: str
    is_on: bool


class ReadHint(Struct, frozen=True):
    """How far people have read, by the id of the person; a newer mark of unread stays."""

    reads: dict[str, Reading]


class UnreadHint(Struct, frozen=True):
    """This person wants to have read up to `read_seq` only: their mark number `unread_marks`."""

    user: str
    read_seq: int
    unread_marks: int


class RemoteHints:
    """Publishes on a room's stream what happens here, and notes what happens elsewhere."""

    def __init__(
        self, bus: Bus, views: RoomViews, typing: Typing, ephemeral: EphemeralEvents
    ) -> None:
        self._bus = bus
        self._views = views
        self._typing = typing
        self._ephemeral = ephemeral
        self._reads: dict[str, dict[str, Reading]] = {}
        bus.listen(TYPING, TypingHint, self._heard_typing)
        bus.listen(READ, ReadHint, self._heard_reads)
        bus.listen(UNREAD, UnreadHint, self._heard_unread)
        typing.changed_here.listen(self._share_typing)
        ephemeral.read_here.listen(self._share_read)
        ephemeral.unread_here.listen(self._share_unread)

    def _share_typing(self, change: tuple[str, str, bool]) -> None:
        room_id, user_id, is_on = change
        self._bus.publish(stream_of(room_id), TYPING, TypingHint(user_id, is_on))

    def _share_read(self, read: tuple[RoomView, str]) -> None:
        view, user_id = read
        member = view.members.get(user_id)
        if self._bus.is_alone or member is None:
            return
        if not self._reads:
            asyncio.get_running_loop().call_later(SHARED_AFTER_S, self._share_reads)
        self._reads.setdefault(view.room.stream, {})[user_id] = member.reading

    def _share_reads(self) -> None:
        reads, self._reads = self._reads, {}
        for stream, by_user in reads.items():
            pairs = list(by_user.items())
            for start in range(0, len(pairs), READERS_A_HINT):
                some = dict(pairs[start : start + READERS_A_HINT])
                self._bus.publish(stream, READ, ReadHint(some))

    def _share_unread(self, unread: tuple[RoomView, str]) -> None:
        view, user_id = unread
        self._forget_read(view.room.stream, user_id)
        if member := view.members.get(user_id):
            hint = UnreadHint(user_id, member.read_seq, member.unread_marks)
            self._bus.publish(view.room.stream, UNREAD, hint)

    def _forget_read(self, stream: str, user_id: str) -> None:
        """An earlier position must not be told after a mark of unread."""
        self._reads.get(stream, {}).pop(user_id, None)

    def _heard_typing(self, stream: str, hint: TypingHint) -> None:
        if (view := self._views.of_stream(stream)) and view.has(hint.user):
            self._typing.note(view.room.id, hint.user, is_on=hint.is_on)

    def _heard_reads(self, stream: str, hint: ReadHint) -> None:
        if view := self._views.of_stream(stream):
            for user_id, reading in hint.reads.items():
                if view.take_reading(user_id, reading):
                    self._ephemeral.note_read(view, user_id)

    def _heard_unread(self, stream: str, hint: UnreadHint) -> None:
        self._forget_read(stream, hint.user)
        view = self._views.of_stream(stream)
        reading = Reading(hint.unread_marks, hint.read_seq)
        if view and view.take_reading(hint.user, reading):
            self._ephemeral.entry_changed(view, hint.user)
