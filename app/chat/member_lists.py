"""The members of rooms as JSON, for the answers to `room:join`.

Each member is encoded once and again after a change, and the whole list is put together once for
all who join between two changes, not for each of a thousand people who join at the same time. Of a
large room a list has the first 200, and what changes elsewhere in the room costs it nothing.
"""

from collections.abc import Iterable
from hashlib import blake2b
from itertools import chain, islice

import msgspec
from cachetools import LRUCache
from msgspec import Raw, Struct

from app.accounts.users import Users
from app.chat.large_rooms import SHOWN_AT_MOST
from app.chat.presence import Presence
from app.chat.profile_changes import ProfileChanges
from app.chat.room_view import RoomView
from app.chat.serializer import Serializer

# Of all rooms together; each takes about 200 bytes.
CACHED_MEMBERS = 100_000
NO_READS = Raw(b"{}")


class ShownMembers(Struct, frozen=True):
    """The members in an answer: JSON of `MemberDocument`s, and their ids.

    `rev` is the same number while the answer would be the same; in a large room, of which an answer
    has a part only, while the same people are members.
    """

    members: Raw
    ids: frozenset[str]
    rev: int


class MemberList:
    """The members of one room. `changes` tell whose document has to be encoded again."""

    def __init__(
        self,
        view: RoomView,
        users: Users,
        serializer: Serializer,
        presence: Presence,
        renamed: ProfileChanges,
    ) -> None:
        self.view = view
        self._users = users
        self._serializer = serializer
        self._presence = presence
        self._changes = (presence.changes, renamed)
        self._seen = [each.count for each in self._changes]
        self._membership = view.membership.count
        self._encoded: dict[str, bytes] = {}
        # Those who are connected, in the order in which they came; None until somebody asks.
        self._connected: dict[str, None] | None = None
        # Both as of the last answer; None where something has changed since.
        self._shown: ShownMembers | None = None
        self._reads: tuple[tuple[int, int], Raw] | None = None

    def __len__(self) -> int:
        return max(len(self._encoded), min(len(self.view.members), SHOWN_AT_MOST))

    @property
    def online(self) -> int:
        """How many of the members are connected, here or to another node."""
        self._follow()
        return len(self._present())

    async def shown(self) -> ShownMembers:
        """The members for an answer: all, or the first 200, those who are connected before others;
        otherwise by the time they came."""
        while missing := self._missing():
            found = await self._users.many(missing)
            for user_id in missing:
                self._encoded[user_id] = (
                    msgspec.json.encode(self._serializer.member(self.view.room.id, found[user_id]))
                    if user_id in found
                    else b""
                )
        if self._shown is None:
            self._shown = self._put_together()
        return self._shown

    def _put_together(self) -> ShownMembers:
        ids = self._ids()
        members = b"[%b]" % b",".join(filter(None, (self._encoded[user_id] for user_id in ids)))
        if self.view.is_large:
            rev = self.view.members_mark
            # Those who are no longer shown need not be kept.
            if len(self._encoded) > 2 * SHOWN_AT_MOST:
                self._encoded = {user_id: self._encoded[user_id] for user_id in ids}
        else:
            rev = int.from_bytes(blake2b(members, digest_size=6).digest())
        return ShownMembers(Raw(members), frozenset(ids), rev)

    def reads(self) -> Raw:
        """A JSON object: the seq up to which each member has read; none of a large room."""
        if self.view.is_large:
            return NO_READS
        state = (self.view.membership.count, self.view.reading_changes)
        if self._reads is None or self._reads[0] != state:
            seqs = {user_id: member.read_seq for user_id, member in self.view.members.items()}
            self._reads = state, Raw(msgspec.json.encode(seqs))
        return self._reads[1]

    def _ids(self) -> list[str]:
        members = self.view.members
        if len(members) <= SHOWN_AT_MOST:
            return list(members)
        present = self._present()
        others = (user_id for user_id in members if user_id not in present)
        return list(islice(chain(present, others), SHOWN_AT_MOST))

    def _present(self) -> dict[str, None]:
        if self._connected is None:
            self._connected = {u: None for u in self.view.members if self._is_connected(u)}
        return self._connected

    def _is_connected(self, user_id: str) -> bool:
        return self._presence.of(user_id) != "offline"

    def _missing(self) -> list[str]:
        self._follow()
        if self._shown is not None:
            return []
        return [user_id for user_id in self._ids() if user_id not in self._encoded]

    def _follow(self) -> None:
        """Take over what has changed since the last time."""
        membership = self.view.membership
        self._take(membership.since(self._membership), is_membership=True)
        self._membership = membership.count
        for at, changes in enumerate(self._changes):
            self._take(changes.since(self._seen[at]))
            self._seen[at] = changes.count

    def _take(self, changed: Iterable[str] | None, *, is_membership: bool = False) -> None:
        if changed is None:  # Too much to tell by name.
            self._connected = self._shown = None
            self._encoded = {} if not is_membership else self._encoded_of_members()
            return
        for user_id in changed:
            is_member = self.view.has(user_id)
            if is_membership or is_member:
                self._change(user_id, is_member=is_member)
                self._shown = None if is_membership or self._is_shown(user_id) else self._shown

    def _encoded_of_members(self) -> dict[str, bytes]:
        return {user_id: one for user_id, one in self._encoded.items() if self.view.has(user_id)}

    def _change(self, user_id: str, *, is_member: bool) -> None:
        self._encoded.pop(user_id, None)
        if self._connected is None:
            return
        if is_member and self._is_connected(user_id):
            self._connected.setdefault(user_id)
        else:
            self._connected.pop(user_id, None)

    def _is_shown(self, user_id: str) -> bool:
        """Whether this member is in the last answer, or has a place in the next."""
        if self._shown is None or user_id in self._shown.ids:
            return True
        return self._connected is not None and len(self._connected) <= SHOWN_AT_MOST


class MemberLists:
    """The member lists of the rooms that were joined last."""

    def __init__(
        self,
        users: Users,
        serializer: Serializer,
        presence: Presence,
        renamed: ProfileChanges,
    ) -> None:
        self._users = users
        self._serializer = serializer
        self._presence = presence
        self._renamed = renamed
        self._lists: LRUCache[str, MemberList] = LRUCache(CACHED_MEMBERS, getsizeof=len)

    def of(self, view: RoomView) -> MemberList:
        """The members of this room."""
        found = self._lists.pop(view.room.id, None)
        if found is None or found.view is not view:
            found = MemberList(view, self._users, self._serializer, self._presence, self._renamed)
        self._lists[view.room.id] = found  # put in again: the cache weighs it as it is now
        return found
