"""How much of a room somebody has not seen: counted over its newest messages. No I/O."""

from bisect import bisect_right
from collections.abc import Iterable

from msgspec import Struct

WINDOW = 300
AT_MOST = 1_000


class CountableMessage(Struct):
    """What counting needs of one message."""

    seq: int
    sender: str
    mentions: tuple[str, ...] = ()


class RecentMessages:
    """The newest countable messages of a room: not system entries, not deleted ones.

    It knows everything after `complete_after`; for who read less far the log is asked.
    """

    def __init__(self, newest: Iterable[CountableMessage], complete_after: int) -> None:
        self._messages = sorted(newest, key=lambda m: m.seq)
        self.complete_after = complete_after

    def add(self, message: CountableMessage) -> None:
        """A message was sent, or is seen again after a change."""
        if message.seq <= self.complete_after:
            return
        self.remove(message.seq)
        at = bisect_right(self._messages, message.seq, key=lambda m: m.seq)
        self._messages.insert(at, message)
        if len(self._messages) > 2 * WINDOW:
            self._messages, dropped = self._messages[WINDOW:], self._messages[:WINDOW]
            self.complete_after = dropped[-1].seq

    def remove(self, seq: int) -> None:
        """A message was deleted."""
        at = bisect_right(self._messages, seq, key=lambda m: m.seq) - 1
        if at >= 0 and self._messages[at].seq == seq:
            del self._messages[at]

    def covers(self, read_seq: int) -> bool:
        """Whether everything after `read_seq` is known here."""
        return read_seq >= self.complete_after

    def unread(self, user_id: str, read_seq: int) -> tuple[int, int]:
        """Messages of others after `read_seq`, and how many of them mention this person; both at
        most `AT_MOST`."""
        unread = mentions = 0
        for message in reversed(self._messages):  # Most people have read nearly all.
            if message.seq <= read_seq or unread == AT_MOST:
                break
            if message.sender != user_id:
                unread += 1
                mentions += user_id in message.mentions
        return unread, mentions
