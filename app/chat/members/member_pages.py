"""The members of a room, page by page, and who of them has read how far."""

import asyncio
from bisect import bisect_left, bisect_right, insort
from itertools import islice

from cachetools import LRUCache

from app.accounts.models import User
from app.accounts.users import Users
from app.chat.access import Access, must_be_readable
from app.chat.members.models import ListMembers, ListReaders, MembersAnswer, ReadersAnswer
from app.chat.room_view import RoomView
from app.chat.serializer import Serializer
from app.loop_pacing import Pace
from app.name_keys import folded, words

# Of all rooms together; each takes about 150 bytes.
CACHED_MEMBERS = 200_000
READERS_NAMED = 100
PORTION = 500
READ_ROOMS = 1_000

Key = tuple[str, str]


class MemberOrder:
    """The members of one room by username. A change of one costs a search, not a sort."""

    def __init__(self, view: RoomView, users: Users, pace: Pace) -> None:
        self.view = view
        self._users = users
        self._pace = pace
        self._keys: list[Key] = []
        self._of: dict[str, Key] = {}
        self._membership: int | None = None
        self._lock = asyncio.Lock()

    def __len__(self) -> int:
        return max(1, len(self.view.members))

    async def keys(self) -> list[Key]:
        """`(username, id)` of each member who has an account, in this order."""
        async with self._lock:
            count, known = self.view.membership.count, self._membership
            changed = None if known is None else self.view.membership.since(known)
            if changed is None:
                await self._sort()
            elif count != known:
                await self._change(set(changed))
            self._membership = count
            return self._keys

    async def _sort(self) -> None:
        members = list(self.view.members)
        found: dict[str, Key] = {}
        for start in range(0, len(members), PORTION):
            await self._pace.turn()
            people = await self._users.many(members[start : start + PORTION])
            found |= {user_id: (user.username, user_id) for user_id, user in people.items()}
        self._of, self._keys = found, sorted(found.values())

    async def _change(self, changed: set[str]) -> None:
        came = await self._users.many(filter(self.view.has, changed - self._of.keys()))
        for user_id in changed:
            if user_id in self._of and not self.view.has(user_id):
                del self._keys[bisect_left(self._keys, self._of.pop(user_id))]
            elif user_id in came and user_id not in self._of:
                self._of[user_id] = came[user_id].username, user_id
                insort(self._keys, self._of[user_id])


class MemberPages:
    """Answers questions about the members of rooms that the caller may read."""

    def __init__(self, access: Access, users: Users, serializer: Serializer) -> None:
        self._access = access
        self._users = users
        self._serializer = serializer
        self._pace = Pace(at_once=4)
        self._orders: LRUCache[str, MemberOrder] = LRUCache(CACHED_MEMBERS, getsizeof=len)
        self._readers: LRUCache[str, tuple[tuple[int, int, int], ReadersAnswer]] = LRUCache(
            READ_ROOMS
        )

    async def page(self, caller: User, asked: ListMembers) -> tuple[RoomView, MembersAnswer]:
        """Members by username, behind `after`; with a query those in whose name or username each
        of its words stands, with `users` those of these. Raises NotFound."""
        view = await self._access.readable(caller, asked.room)
        if asked.users is not None:
            people = await self._users.many(filter(view.has, asked.users))
            found = sorted(people.values(), key=lambda user: user.username)
        else:
            found = await self._behind(view, asked)
        must_be_readable(view, caller)
        items = [self._serializer.member(view.room.id, user) for user in found if view.has(user.id)]
        return view, {"items": items[: asked.limit], "more": len(found) > asked.limit}

    async def _behind(self, view: RoomView, asked: ListMembers) -> list[User]:
        """One more than was asked for, where there are so many."""
        keys = list(await self._order(view).keys())
        wanted = words(asked.query)
        found: list[User] = []
        start = bisect_right(keys, self._place(view, asked.after)) if asked.after else 0
        while start < len(keys) and len(found) <= asked.limit:
            await self._pace.turn()
            ids = [user_id for _, user_id in keys[start : start + PORTION]]
            people = await self._users.many(ids)
            found += (people[i] for i in ids if i in people and is_named(people[i], wanted))
            start += PORTION
        return found[: asked.limit + 1]

    def _order(self, view: RoomView) -> MemberOrder:
        found = self._orders.pop(view.room.id, None)
        if found is None or found.view is not view:
            found = MemberOrder(view, self._users, self._pace)
        if len(found) <= CACHED_MEMBERS:
            self._orders[view.room.id] = found
        return found

    def _place(self, view: RoomView, after: str) -> Key:
        user = self._users.known(after) if view.has(after) else None
        # Behind all ids of this username.
        return (after.lower() if user is None else user.username, "\U0010ffff")

    async def readers(self, caller: User, asked: ListReaders) -> tuple[RoomView, ReadersAnswer]:
        """The members who have read up to `seq` or further. Raises NotFound."""
        view = await self._access.readable(caller, asked.room)
        state = (view.membership.count, view.reading_changes, asked.seq)
        known = self._readers.get(view.room.id)
        if known is not None and known[0] == state:
            return view, known[1]
        read = [user for user, member in view.members.items() if member.read_seq >= asked.seq]
        users = list(islice(read, READERS_NAMED))
        people = await self._users.many(users)
        must_be_readable(view, caller)
        names = {user.id: self._serializer.name(user.id, user.name) for user in people.values()}
        answer = ReadersAnswer(count=len(read), users=users, names=names)
        self._readers[view.room.id] = state, answer
        return view, answer


def is_named(user: User, wanted: list[str]) -> bool:
    """Whether each of these words stands in the name or the username."""
    if not wanted:
        return True
    name = folded(f"{user.username} {user.name}")
    return all(word in name for word in wanted)
