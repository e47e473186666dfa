"""A room in the memory of this node: its settings, its members, its newest messages.

The entries of the room's stream keep it current, in the order of their revs, and before any
connection gets them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from app.chat.large_rooms import LARGE_ABOVE, mark_of
from app.chat.models import Membership, Reading, Room
from app.chat.profile_changes import ProfileChanges
from app.chat.unread import WINDOW, CountableMessage, RecentMessages
from app.streams.models import Batch, Item

Tail = Sequence[Mapping[str, Any]]

ADDING = {"joined", "invited"}
REMOVING = {"left", "removed"}
MEMBERSHIP = ADDING | REMOVING
# Changes of membership that lists of members can take over one by one.
REMEMBERED = 1_000


class RoomObserver:
    """Is told what a room's entries changed; this one does nothing about it."""

    def messages_changed(self, view: "RoomView") -> None:
        """New messages, or changes of old ones, were applied to `view`."""

    def member_added(self, view: "RoomView", user_id: str) -> None:
        """This person became a member."""

    def member_removed(self, view: "RoomView", user_id: str) -> None:
        """This person is no longer a member."""

    def room_changed(self, view: "RoomView") -> None:
        """The room's name, topic or state changed."""


class RoomView:
    """Follows the stream of one room and answers from memory, without I/O."""

    def __init__(self, observer: RoomObserver) -> None:
        self._observer = observer
        self.room: Room = Room(id="", slug="", name="", kind="private", owner="")
        self.members: dict[str, Membership] = {}
        # Changes, so that encoded lists of the members can be kept until the next one.
        self.membership = ProfileChanges(REMEMBERED)
        self.reading_changes = 0
        self._mark: int | None = None
        # Counts changes of messages that were there before.
        self.message_changes = 0
        self.recent = RecentMessages((), 0)
        # Whether `recent` has fewer than WINDOW messages although the room has more.
        self.is_shallow = False
        self.rev = 0
        # When the newest message was written; None for a room without any.
        self.active_at: datetime | None = None

    def reset(
        self, room: Room, members: Iterable[Membership], tail: Tail, rev: int, most: int = WINDOW
    ) -> None:
        """Take over what was read from the database at or after `rev`; `tail` has the newest
        messages first, `most` of them where there are so many."""
        self.room = room
        self.members = {member.user: member for member in members}
        self.membership.forget()
        self._mark = None
        complete_after = complete_after_of(tail, most)
        self.recent = RecentMessages(filter(None, map(countable_from, tail)), complete_after)
        self.is_shallow = most < WINDOW and complete_after > 0
        self.rev = rev
        written = (each for each in tail if countable_from(each) is not None)
        newest = next(written, None)
        self.active_at = newest.get("at") if newest is not None else None

    def deepen(self, tail: Tail) -> None:
        """Take over the newest WINDOW messages, read while none of the known ones changed."""
        older = filter(None, map(countable_from, tail))
        self.recent.reach_back(older, complete_after_of(tail, WINDOW))
        self.is_shallow = False

    def is_owner(self, user_id: str) -> bool:
        """Whether this is the room's owner; a direct room has none."""
        return self.room.kind != "direct" and self.room.owner == user_id

    @property
    def is_large(self) -> bool:
        """Whether this room has over 100 members, so that less is told of each of them."""
        return len(self.members) > LARGE_ABOVE

    @property
    def members_mark(self) -> int:
        """A number that stands for the set of members, the same on all nodes."""
        if self._mark is None:
            self._mark = mark_of(self.members)
        return self._mark

    def has(self, user_id: str) -> bool:
        """Whether this person is a member."""
        return user_id in self.members

    def read_seq(self, user_id: str) -> int:
        """The seq up to which this person has read; for others than members the newest."""
        member = self.members.get(user_id)
        return self.rev if member is None else member.read_seq

    def mark_read(self, user_id: str, seq: int) -> bool:
        """Note that this person has read up to `seq`; returns False where that is known already."""
        member = self.members.get(user_id)
        if member is None or seq <= member.read_seq:
            return False
        member.read_seq = seq
        self.reading_changes += 1
        return True

    def take_reading(self, user_id: str, reading: Reading) -> bool:
        """Take over how far this person has read, as the database has it; returns False where this
        is no news. It may be less far than before: another node may have marked messages as unread.
        """
        member = self.members.get(user_id)
        if member is None or reading <= member.reading:
            return False
        member.unread_marks, member.read_seq = reading
        self.reading_changes += 1
        return True

    def announce(self) -> None:
        """Report all members of a new room to the observer."""
        for user_id in list(self.members):
            self._observer.member_added(self, user_id)

    def deliver(self, batch: Batch) -> None:
        """Apply a batch, then tell the observer."""
        self.rev = batch.rev
        for item in batch.items:
            self._apply(item)
        self._observer.messages_changed(self)

    def _apply(self, item: Item) -> None:
        self.message_changes += item.rev != item.seq
        system = item.body.get("system")
        if system is not None:
            self._apply_system(system)
        elif item.deleted:
            self.recent.remove(item.seq)
        else:
            self.recent.add(countable(item.seq, item.sender, item.body))
            if self.active_at is None or item.at > self.active_at:
                self.active_at = item.at

    def _apply_system(self, system: Mapping[str, Any]) -> None:
        kind, user_id = system["kind"], system.get("user", "")
        if kind in ADDING:
            # A member who is here already was read from the database after this entry was written.
            if user_id not in self.members:
                self.members[user_id] = Membership(user=user_id)
                self._membership_changed(user_id)
            self.mark_read(user_id, system["read_seq"])
            self._observer.member_added(self, user_id)
        elif kind in REMOVING:
            if self.members.pop(user_id, None) is not None:
                self._membership_changed(user_id)
            self._observer.member_removed(self, user_id)
        elif kind in ("renamed", "topic", "archived", "unarchived"):
            self.room = replace(self.room, **system["fields"])
            self._observer.room_changed(self)

    def _membership_changed(self, user_id: str) -> None:
        self.membership.note(user_id)
        if self._mark is not None:
            self._mark ^= mark_of((user_id,))


def complete_after_of(tail: Tail, most: int) -> int:
    """The seq after which a tail has every message; `most` were asked for."""
    return int(tail[-1]["rev"]) - 1 if len(tail) >= most else 0


def has_message(tail: Tail) -> bool:
    """Whether some of these are messages of people."""
    return any(countable_from(each) is not None for each in tail)


def countable_from(document: Mapping[str, Any]) -> CountableMessage | None:
    """The part of a stored message that counting needs; None for one that is never unread."""
    body = document.get("body", {})
    if document.get("deleted") or body.get("system"):
        return None
    return countable(document["rev"], document["sender"], body)


def countable(seq: int, sender: str, body: Mapping[str, Any]) -> CountableMessage:
    """The part of a stored message that counting needs."""
    return CountableMessage(
        seq=seq,
        sender=sender,
        mentions=tuple(body.get("mentions", ())),
        is_to_all="everyone" in body.get("mention_groups", ()),
        here=body.get("here", ""),
    )
