"""The pool of open connections: people who signed in come first.

Each connection has a lease from its handshake to its end. Until a person has signed in over it, it
gives way to a newcomer when the pool is full: the oldest such one of the network that has the most.
No step of this takes longer the more connections there are. Rules without I/O.
"""

from collections import OrderedDict
from collections.abc import Callable

from app.errors import RateLimited, Unavailable
from app.settings import Settings

FULL = "Maximum connections reached"
RETRY_AFTER_S = 5.0
# For a person's devices, tabs and programs where the pool is very small.
FEWEST_PER_PERSON = 5


class Lease:
    """One connection's lease in the pool. `give_way` ends the connection; it may be set anew."""

    __slots__ = ("_pool", "give_way", "has_ended", "is_anonymous", "site", "user")

    def __init__(self, pool: "Pool", site: str, give_way: Callable[[], None]) -> None:
        self._pool = pool
        self.site = site
        self.give_way: Callable[[], None] | None = give_way
        self.user: str | None = None
        self.is_anonymous = False
        self.has_ended = False

    def sign_in(self, user: str) -> None:
        """It belongs to this person from now on, and no longer gives way.

        Raises RateLimited where they have too many, Unavailable where it has just given way.
        """
        self._pool.sign_in(self, user)

    def sign_out(self, give_way: Callable[[], None]) -> None:
        """The person has left; the connection is still open."""
        self._pool.sign_out(self, give_way)

    def stay_anonymous(self) -> None:
        """It stays without a sign-in. Raises Unavailable, RateLimited where there are too many."""
        self._pool.stay_anonymous(self)

    def end(self) -> None:
        """The connection has ended; harmless where its lease has."""
        self._pool.end(self)


class Pool:
    """All leases of this process."""

    def __init__(self, settings: Settings) -> None:
        size = settings.websocket_max_connections
        self._size = size
        asked = settings.connections_per_person
        self._per_person = max(FEWEST_PER_PERSON, size // 2) if asked is None else asked
        self._most_anonymous = settings.anonymous_connections or max(1, size // 10)
        self._per_site = self._fair(settings.anonymous_connections_per_address)
        self._taken = 0
        self._by_user: dict[str, int] = {}
        self._unsigned = BySite()
        self._anonymous: dict[str, int] = {}
        self._anonymous_taken = 0

    def _fair(self, per_site: int) -> int:
        """So many anonymous ones of a network that another one finds room too; 0 is no limit."""
        return min(per_site, max(1, self._most_anonymous // 2))

    def __len__(self) -> int:
        return self._taken

    @property
    def unsigned(self) -> int:
        """How many connections have no sign-in."""
        return len(self._unsigned)

    def enter(self, site: str, give_way: Callable[[], None]) -> Lease:
        """A lease for a connection from `site`. Raises Unavailable where people have them all."""
        if self._taken >= self._size:
            self._make_room()
        lease = Lease(self, site, give_way)
        self._taken += 1
        self._unsigned.add(lease)
        return lease

    def _make_room(self) -> None:
        lease = self._unsigned.oldest_of_most()
        if lease is None:
            raise Unavailable(FULL, retry_after=RETRY_AFTER_S)
        give_way = lease.give_way
        self.end(lease)
        if give_way is not None:
            give_way()

    def sign_in(self, lease: Lease, user: str) -> None:
        if lease.has_ended:
            raise Unavailable(FULL, retry_after=RETRY_AFTER_S)
        if lease.user is not None:
            return
        mine = self._by_user.get(user, 0)
        if 0 < self._per_person <= mine:
            raise RateLimited(
                f"You have {mine:,} open connections already; close one of them first.",
                retry_after=RETRY_AFTER_S,
            )
        self._unsigned.remove(lease)
        self._by_user[user] = mine + 1
        lease.user = user
        # It may hold on to much of the handshake.
        lease.give_way = None

    def sign_out(self, lease: Lease, give_way: Callable[[], None]) -> None:
        if lease.user is not None and not lease.has_ended:
            _decrease(self._by_user, lease.user)
            lease.user = None
            lease.give_way = give_way
            self._unsigned.add(lease)

    def stay_anonymous(self, lease: Lease) -> None:
        there = self._anonymous.get(lease.site, 0)
        if lease.has_ended or self._anonymous_taken >= self._most_anonymous:
            raise Unavailable(FULL, retry_after=RETRY_AFTER_S)
        if 0 < self._per_site <= there:
            raise RateLimited(
                f"There are {there:,} connections from your address without signing in already.",
                retry_after=RETRY_AFTER_S,
            )
        lease.is_anonymous = True
        self._anonymous[lease.site] = there + 1
        self._anonymous_taken += 1

    def end(self, lease: Lease) -> None:
        if lease.has_ended:
            return
        lease.has_ended = True
        lease.give_way = None
        self._taken -= 1
        if lease.user is not None:
            _decrease(self._by_user, lease.user)
            return
        self._unsigned.remove(lease)
        if lease.is_anonymous:
            _decrease(self._anonymous, lease.site)
            self._anonymous_taken -= 1


class BySite:
    """Leases by network, oldest first, and the networks by how many they have."""

    def __init__(self) -> None:
        # Ordered: the first key of a plain dict is found past all that were deleted before it.
        self._leases: dict[str, OrderedDict[Lease, None]] = {}
        self._sites: dict[int, OrderedDict[str, None]] = {}
        self._most = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, lease: Lease) -> None:
        leases = self._leases.setdefault(lease.site, OrderedDict())
        self._move(lease.site, len(leases), len(leases) + 1)
        leases[lease] = None
        self._count += 1

    def remove(self, lease: Lease) -> None:
        leases = self._leases[lease.site]
        del leases[lease]
        self._move(lease.site, len(leases) + 1, len(leases))
        self._count -= 1
        if not leases:
            del self._leases[lease.site]

    def oldest_of_most(self) -> Lease | None:
        """The oldest lease of a network that has the most; None where there is none."""
        if not self._most:
            return None
        site = next(iter(self._sites[self._most]))
        return next(iter(self._leases[site]))

    def _move(self, site: str, before: int, after: int) -> None:
        if before:
            sites = self._sites[before]
            del sites[site]
            if not sites:
                del self._sites[before]
        if after:
            self._sites.setdefault(after, OrderedDict())[site] = None
        # It changes by one at a time.
        if after > self._most or (before == self._most and before not in self._sites):
            self._most = after


def _decrease(counts: dict[str, int], key: str) -> None:
    if counts[key] > 1:
        counts[key] -= 1
    else:
        del counts[key]
