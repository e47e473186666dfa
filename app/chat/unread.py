"""Unread counts, taken from the newest messages of a room. No I/O."""

from bisect import bisect_right
from collections.abc import Iterable

from msgspec import Struct

WINDOW = 300
# A room is loaded with so many; most people have read nearly all.
SHALLOW = 30
AT_MOST = 1_000


class CountableMessage(Struct):
    """The part of a message that counting needs. `here` has the ids of those whom `@here` called in
    a large room."""

    seq: int
    sender: str
    mentions: tuple[str, ...] = ()
    is_to_all: bool = False
    here: str = ""

    def concerns(self, user_id: str) -> bool:
        """Whether it mentions this person."""
        return self.is_to_all or user_id in self.mentions or user_id in self.here


class RecentMessages:
    """The newest messages of a room, without system messages and deleted ones.

    All after the seq `complete_after` are here; counts from an earlier one have to ask the log.
    """

    def __init__(self, newest: Iterable[CountableMessage], complete_after: int) -> None:
        self._messages = sorted(newest, key=lambda m: m.seq)
        self.complete_after = complete_after

    def add(self, message: CountableMessage) -> None:
        """Add a new message, or one that was changed."""
        if message.seq <= self.complete_after:
            return
        if not self._messages or message.seq > self._messages[-1].seq:
            self._messages.append(message)
        else:
            self.remove(message.seq)
            at = bisect_right(self._messages, message.seq, key=lambda m: m.seq)
            self._messages.insert(at, message)
        if len(self._messages) > 2 * WINDOW:
            self._messages, dropped = self._messages[WINDOW:], self._messages[:WINDOW]
            self.complete_after = dropped[-1].seq

    def remove(self, seq: int) -> None:
        """Take out a deleted message."""
        at = bisect_right(self._messages, seq, key=lambda m: m.seq) - 1
        if at >= 0 and self._messages[at].seq == seq:
            del self._messages[at]

    def reach_back(self, older: Iterable[CountableMessage], complete_after: int) -> None:
        """Take in messages from before the known ones: all of those after `complete_after`."""
        new = [message for message in older if message.seq <= self.complete_after]
        self._messages = sorted(new, key=lambda m: m.seq) + self._messages
        self.complete_after = min(self.complete_after, complete_after)

    def covers(self, read_seq: int) -> bool:
        """Whether all messages after `read_seq` are here."""
        return read_seq >= self.complete_after

    def unread(self, user_id: str, read_seq: int) -> tuple[int, int]:
        """`(unread, mentions)`: messages of others after `read_seq`, and those of them that mention
        this person; each at most `AT_MOST`."""
        unread = mentions = 0
        for message in reversed(self._messages):  # Most people have read nearly all.
            if message.seq <= read_seq or unread == AT_MOST:
                break
            if message.sender != user_id:
                unread += 1
                mentions += message.concerns(user_id)
        return unread, mentions
