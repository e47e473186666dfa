"""How many rooms a person can be in and own, and how many of these others can choose.

A person who adds somebody to a room uses a quota of their own and never takes the last places, so
that everyone can always make and join rooms.
"""

from collections.abc import Collection

from app.accounts.models import User
from app.chat.store import ChatStore, RoomCounts
from app.errors import Conflict
from app.security.rate_limiter import RateLimiter
from app.settings import Settings

# Of one person: each welcome lists all of them.
ROOMS_AT_MOST = 2_000
# At most so many of these by the choice of others.
BY_OTHERS_AT_MOST = 1_500
# At most so many by the choice of the same other person.
BY_ONE_AT_MOST = 200
# Rooms that a person has made and not archived, whether they are in them or not.
OWNED_AT_MOST = 1_000


class RoomQuotas:
    """Checks quotas, and the limits of a minute: how many rooms a person makes, and how many people
    they add to rooms."""

    def __init__(self, store: ChatStore, limits: RateLimiter, settings: Settings) -> None:
        self._store = store
        self._limits = limits
        self._rooms_per_minute = settings.rooms_per_minute
        self._invitations_per_minute = settings.invitations_per_minute

    def begin(self, owner: User, invited: int) -> None:
        """Count one more room with so many invited people. Raises RateLimited."""
        self._limits.hit("room", owner.id, self._rooms_per_minute)
        if invited:
            self._count_invited(owner, invited)

    async def create(self, owner: User, members: Collection[User]) -> None:
        """Check that `owner` may have one more room with these members. Raises Conflict."""
        await self.enter(owner)
        if await self._store.owned(owner.id) >= OWNED_AT_MOST:
            raise Conflict(
                f"You have made {OWNED_AT_MOST:,} rooms. Archive one that nobody needs any more."
            )
        await self._must_have_places(owner, [user for user in members if user.id != owner.id])

    async def reopen(self, owner_id: str) -> None:
        """Check that this owner may have one more room that isn't archived. Raises Conflict."""
        if await self._store.owned(owner_id) >= OWNED_AT_MOST:
            raise Conflict(f"Its owner has {OWNED_AT_MOST:,} other rooms. Archive one first.")

    async def enter(self, user: User) -> None:
        """Check that this person may join one more room. Raises Conflict."""
        if (await self._store.places([user.id])).get(user.id, RoomCounts()).all >= ROOMS_AT_MOST:
            raise Conflict(f"{user.name} is in {ROOMS_AT_MOST:,} rooms, and there can't be more.")

    async def put_in(self, by: User, user: User) -> None:
        """Check that `by` may add this person to a room. Raises RateLimited, Conflict."""
        self._count_invited(by, 1)
        await self._must_have_places(by, [user])

    def _count_invited(self, by: User, people: int) -> None:
        self._limits.hit("invitation", by.id, self._invitations_per_minute, cost=people)

    async def _must_have_places(self, by: User, people: Collection[User]) -> None:
        if not people:
            return
        places = await self._store.places([user.id for user in people], by.id)
        for user in people:
            taken = places.get(user.id, RoomCounts())
            if taken.all >= ROOMS_AT_MOST or taken.by_others >= BY_OTHERS_AT_MOST:
                raise Conflict(f"Others have put {user.name} into too many rooms already.")
            if taken.by_one >= BY_ONE_AT_MOST:
                raise Conflict(f"You have put {user.name} into {BY_ONE_AT_MOST} rooms already.")
