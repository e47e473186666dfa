"""Who is in a room, as an answer tells it: encoded once, and of a change only the one who changed.

A thousand people who come in at once would otherwise each be told a list that is made anew.
"""

from collections import OrderedDict
from itertools import islice

import msgspec
from msgspec import Raw

from app.accounts.models import User
from app.accounts.users import Users
from app.chat.presence import Presence
from app.chat.profile_changes import ProfileChanges
from app.chat.room_view import RoomView
from app.chat.serializer import Serializer, bot_flag

MEMBERS_AT_MOST = 2_000
# Of all rooms together; each takes about 200 bytes.
KEPT_MEMBERS = 100_000


class MemberList:
    """The members of one room and how far they have read, as JSON."""

    def __init__(
        self,
        view: RoomView,
        users: Users,
        serializer: Serializer,
        presence: Presence,
        profile_changes: ProfileChanges,
    ) -> None:
        self.view = view
        self._users = users
        self._serializer = serializer
        self._presence = presence
        self._journals = (presence.changes, profile_changes)
        self._looked = [journal.count for journal in self._journals]
        self._membership = view.membership
        self._each: dict[str, bytes] = {}
        self._members: Raw | None = None
        self._read_seqs: tuple[tuple[int, int], Raw] | None = None

    def __len__(self) -> int:
        return len(self._each)

    async def members(self) -> Raw:
        """The list of members, as of now."""
        while missing := self._missing():
            found = await self._users.many(missing)
            for user_id in missing:
                user = found.get(user_id)
                self._each[user_id] = self._encoded(user) if user is not None else b""
        if self._members is None:
            shown = (self._each[user_id] for user_id in self._shown())
            self._members = Raw(b"[%b]" % b",".join(filter(None, shown)))
        return self._members

    def _shown(self) -> list[str]:
        return list(islice(self.view.members, MEMBERS_AT_MOST))

    def _missing(self) -> list[str]:
        self._forget_changed()
        if self._members is not None:
            return []
        return [user_id for user_id in self._shown() if user_id not in self._each]

    def _forget_changed(self) -> None:
        for place, journal in enumerate(self._journals):
            changed = journal.since(self._looked[place])
            if changed is None:
                self._each.clear()
                self._members = None
            for user_id in changed or ():
                if self._each.pop(user_id, None) is not None:
                    self._members = None
            self._looked[place] = journal.count
        if self._membership != self.view.membership:
            self._membership = self.view.membership
            self._each = {u: one for u, one in self._each.items() if self.view.has(u)}
            self._members = None

    def _encoded(self, user: User) -> bytes:
        return msgspec.json.encode(
            {
                "id": user.id,
                "username": user.username,
                "name": self._serializer.name(user.id, user.name),
                "role": "owner" if self.view.is_owner(user.id) else "member",
                "state": self._presence.of(user.id),
                **bot_flag(user),
            }
        )

    def reads(self) -> Raw:
        """The seq up to which each member has read."""
        moment = (self.view.membership, self.view.reading)
        if self._read_seqs is None or self._read_seqs[0] != moment:
            seqs = {user_id: member.read_seq for user_id, member in self.view.members.items()}
            self._read_seqs = moment, Raw(msgspec.json.encode(seqs))
        return self._read_seqs[1]


class MemberLists:
    """The member_lists that were asked for last."""

    def __init__(
        self,
        users: Users,
        serializer: Serializer,
        presence: Presence,
        profile_changes: ProfileChanges,
    ) -> None:
        self._sources = (users, serializer, presence, profile_changes)
        self._member_lists: OrderedDict[str, MemberList] = OrderedDict()

    def of(self, view: RoomView) -> MemberList:
        """The member_list of a room, kept for the next one who asks."""
        member_list = self._member_lists.pop(view.room.id, None)
        if member_list is None or member_list.view is not view:
            member_list = MemberList(view, *self._sources)
            self._forget_unused()
        self._member_lists[view.room.id] = member_list
        return member_list

    def _forget_unused(self) -> None:
        kept = sum(map(len, self._member_lists.values()))
        while kept > KEPT_MEMBERS:
            kept -= len(self._member_lists.popitem(last=False)[1])
