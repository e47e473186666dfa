"""The members of rooms as JSON, for the answers to `room:join`.

Each member is encoded once and again after a change, and the whole list is put together once for
all who join between two changes, not for each of a thousand people who join at the same time.
"""

from collections.abc import Sequence
from itertools import islice

import msgspec
from cachetools import LRUCache
from msgspec import Raw

from app.accounts.users import Users
from app.chat.profile_changes import ProfileChanges
from app.chat.room_view import RoomView
from app.chat.serializer import Serializer

MEMBERS_AT_MOST = 2_000
# Of all rooms together; each takes about 200 bytes.
CACHED_MEMBERS = 100_000


class MemberList:
    """The members of one room. `changes` tell whose document has to be encoded again."""

    def __init__(
        self,
        view: RoomView,
        users: Users,
        serializer: Serializer,
        changes: Sequence[ProfileChanges],
    ) -> None:
        self.view = view
        self._users = users
        self._serializer = serializer
        self._changes = changes
        self._seen = [each.count for each in changes]
        self._membership = view.membership_changes
        self._encoded: dict[str, bytes] = {}
        # Both as of the last answer; None where something has changed since.
        self._members: Raw | None = None
        self._reads: tuple[tuple[int, int], Raw] | None = None

    def __len__(self) -> int:
        return min(len(self.view.members), MEMBERS_AT_MOST)

    async def members(self) -> Raw:
        """A JSON list of `MemberDocument`, the first 2,000 by the time they came."""
        while missing := self._missing():
            found = await self._users.many(missing)
            for user_id in missing:
                self._encoded[user_id] = (
                    msgspec.json.encode(self._serializer.member(self.view.room.id, found[user_id]))
                    if user_id in found
                    else b""
                )
        if self._members is None:
            shown = (self._encoded[user_id] for user_id in self._shown())
            self._members = Raw(b"[%b]" % b",".join(filter(None, shown)))
        return self._members

    def reads(self) -> Raw:
        """A JSON object: the seq up to which each member has read."""
        state = (self.view.membership_changes, self.view.reading_changes)
        if self._reads is None or self._reads[0] != state:
            seqs = {user_id: member.read_seq for user_id, member in self.view.members.items()}
            self._reads = state, Raw(msgspec.json.encode(seqs))
        return self._reads[1]

    def _shown(self) -> list[str]:
        return list(islice(self.view.members, MEMBERS_AT_MOST))

    def _missing(self) -> list[str]:
        self._forget_changed()
        if self._members is not None:
            return []
        return [user_id for user_id in self._shown() if user_id not in self._encoded]

    def _forget_changed(self) -> None:
        for at, changes in enumerate(self._changes):
            changed = changes.since(self._seen[at])
            if changed is None:
                self._encoded.clear()
                self._members = None
            for user_id in changed or ():
                if self._encoded.pop(user_id, None) is not None:
                    self._members = None
            self._seen[at] = changes.count
        if self._membership != self.view.membership_changes:
            self._membership = self.view.membership_changes
            self._encoded = {u: one for u, one in self._encoded.items() if self.view.has(u)}
            self._members = None


class MemberLists:
    """The member lists of the rooms that were joined last."""

    def __init__(
        self, users: Users, serializer: Serializer, changes: Sequence[ProfileChanges]
    ) -> None:
        self._users = users
        self._serializer = serializer
        self._changes = changes
        self._lists: LRUCache[str, MemberList] = LRUCache(CACHED_MEMBERS, getsizeof=len)

    def of(self, view: RoomView) -> MemberList:
        """The members of this room."""
        found = self._lists.pop(view.room.id, None)
        if found is None or found.view is not view:
            found = MemberList(view, self._users, self._serializer, self._changes)
        self._lists[view.room.id] = found  # put in again: the cache weighs it as it is now
        return found
