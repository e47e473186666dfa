"""Users: looked up through a cache, made and described.

Every feature looks people up here; `known` reads the cache alone, for rendering without I/O.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence

from app import times
from app.accounts import names
from app.accounts.models import Account, Role, User
from app.accounts.passwords import Passwords, acceptable
from app.accounts.revocations import Revocations
from app.accounts.store.one_time_codes import SetupStore
from app.accounts.store.users import UserStore
from app.errors import Forbidden, NotFound
from app.ids import new_id
from app.name_keys import folded, name_keys, words
from app.signals import Signal
from app.storage.mongo import Database
from app.storage.transactions import Transaction, transact
from app.times import Clock

CACHED = 20_000
DISABLED_LOOKED_AT = 1_000
PAGE = REFRESHED_AT_ONCE = 500
Hook = Callable[[User], Awaitable[None]]
Claim = Callable[[Transaction], Awaitable[None]]


class Users:
    """Looks people up and makes new ones.

    `created` and `deleted` are hooks, awaited in turn after the change is on disk.
    `profile_changed` sends the id of each user whose cached state changed, `renamed` the user
    whose display name did.
    """

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        revocations: Revocations,
        *,
        clock: Clock = times.now,
        new_id: Callable[[], str] = new_id,
        cached: int = CACHED,
    ) -> None:
        self._database = database
        self._store = UserStore(database)
        self._setup = SetupStore(database)
        self._passwords = passwords
        self._revocations = revocations
        self._clock = clock
        self._new_id = new_id
        self._cached = cached
        self._cache: OrderedDict[str, Account] = OrderedDict()
        self.created: list[Hook] = []
        self.deleted: list[Hook] = []
        self.profile_changed: Signal[str] = Signal("profile changed")
        self.renamed: Signal[User] = Signal("user renamed")
        revocations.watch(self.load)

    def known(self, user_id: str) -> User | None:
        """The user from the cache, without I/O; None when it isn't there (see `load`)."""
        account = self._cache.get(user_id)
        return account.user if account else None

    async def load(self, ids: Iterable[str]) -> None:
        """Read these users again, so that `known` has their present state."""
        self._keep(await self._store.many(ids))

    def learn(self, account: Account | None) -> None:
        """Keep an account that was read along with something else."""
        if account is not None:
            self._keep([account])

    async def refresh(self) -> None:
        """Read all cached users again: a process may have died before it announced a change."""
        known = list(self._cache)
        for start in range(0, len(known), REFRESHED_AT_ONCE):
            await self.load(known[start : start + REFRESHED_AT_ONCE])

    async def get(self, user_id: str) -> User:
        """The user with this id, also a deleted one. Raises NotFound."""
        known = self.known(user_id)
        if known is not None:
            self._cache.move_to_end(user_id)
            return known
        account = await self._store.by_id(user_id)
        if account is None:
            raise NotFound("There is no such person.")
        return self._keep([account])[0]

    async def find(self, id_or_username: str) -> User:
        """The user with this id or username (any case). Raises NotFound, also for a deleted one."""
        known = self.known(id_or_username)
        account = None
        if known is None:
            account = await self._store.by_username(id_or_username.lower())
            account = account or await self._store.by_id(id_or_username)
        user = account.user if account else known
        if user is None or user.is_deleted:
            raise NotFound(f"There is nobody called «{id_or_username[:64]}».", field="user")
        return user

    async def many(self, ids: Iterable[str]) -> dict[str, User]:
        """The users with these ids, by id; unknown ids are left out."""
        wanted = set(ids)
        missing = wanted - self._cache.keys()
        fetched = self._keep(await self._store.many(missing)) if missing else []
        found = {user.id: user for user in fetched}
        return {i: found.get(i) or self._cache[i].user for i in wanted - (missing - found.keys())}

    async def all(self, limit: int = 100, after: str | None = None) -> list[User]:
        """Up to `limit` users by username, behind the username `after`; without deleted ones."""
        return [account.user for account in await self._store.page(limit, after)]

    async def search(
        self, query: str, limit: int, skip: int = 0, first: Sequence[str] = ()
    ) -> tuple[list[User], bool]:
        """`(users, whether there are more)`: open accounts whose name or username contains each
        word of `query`, behind the first `skip`. Without words these are all, by username.

        The people with the ids of `first` come before the others, then the best matches. Their
        state is the stored one, so that nobody is found who was disabled a moment ago.
        """
        at_most = skip + limit + 1
        if not words(query):
            found = await self._store.open_page(skip, limit + 1)
            return [account.user for account in found[:limit]], len(found) > limit
        near = await self._store.search(query, at_most, first) if first else []
        ranked = {account.user.id: account.user for account in near}
        if len(ranked) < at_most:
            for account in await self._store.search(query, at_most):
                ranked.setdefault(account.user.id, account.user)
        users = list(ranked.values())
        return users[skip : skip + limit], len(users) > skip + limit

    async def search_all(self, query: str, limit: int, skip: int = 0) -> list[User]:
        """Like `search`, with disabled people behind the others."""
        found, _ = await self.search(query, skip + limit)
        wanted = words(query)
        for account in await self._store.disabled(DISABLED_LOOKED_AT):
            named = folded(f"{account.user.username} {account.user.name}")
            if all(word in named for word in wanted):
                found.append(account.user)
        return found[skip : skip + limit]

    async def everyone(self) -> AsyncIterator[User]:
        """All users by username, read page by page; without deleted ones."""
        last: str | None = None
        while page := await self.all(PAGE, last):
            for user in page:
                yield user
            last = page[-1].username

    async def exist(self) -> bool:
        """Whether there is any account yet."""
        return await self._store.exist()

    async def create(
        self,
        username: str,
        password: str,
        name: str | None = None,
        role: Role = "member",
        *,
        claim: Claim | None = None,
    ) -> User:
        """Make an account for a person.

        `claim` runs in the same transaction, so that an invite is used up together with it.
        Raises Invalid naming the field, and Conflict where the username is taken.
        """
        user = User(
            id=self._new_id(),
            username=names.username(username),
            name=names.display_name(name or username),
            role=role,
        )
        hashed = await self._passwords.hash(acceptable(password, username=user.username))
        return await self._add(user, hashed, claim)

    async def create_bot(
        self, username: str, name: str | None = None, *, by: str | None = None
    ) -> User:
        """Make an account for a program, without a password.

        The admin `by` answers for it, or the command line (None). Raises as `create`, and
        Forbidden where `by` is no admin any more.
        """
        user = User(
            id=self._new_id(),
            username=names.username(username),
            name=names.display_name(name or username),
            is_bot=True,
            made_by=by,
        )

        async def claim(within: Transaction) -> None:
            await self.must_act(by, within)

        return await self._add(user, None, claim)

    async def must_act(self, maker: str | None, within: Transaction) -> None:
        """Raise Forbidden unless `maker` is an admin until the commit, or the command line."""
        if maker is not None and not await self._store.hold_admin(maker, within):
            raise Forbidden("Only an admin of this server can do this.")

    async def may_act(self, maker: str | None) -> bool:
        """Whether `maker` is still an admin, or the command line (None), so that their links work.

        Asks the database: another process may have changed the role a moment ago.
        """
        if maker is None:
            return True
        account = await self._store.by_id(maker)
        return account is not None and account.user.is_acting_admin

    async def describe(
        self, user_id: str, *, name: str | None = None, time_zone: str | None = None
    ) -> User:
        """Change the display name, the time zone, or both. An empty time zone is not known."""
        fields: dict[str, object] = {}
        if name is not None:
            fields["name"] = shown = names.display_name(name)
            fields |= name_keys((await self.get(user_id)).username, shown)
        if time_zone is not None:
            fields["time_zone"] = time_zone and names.time_zone(time_zone)
        return await self.change(user_id, fields) if fields else await self.get(user_id)

    async def change(self, user_id: str, fields: Mapping[str, object]) -> User:
        """Store `fields` of a user and make the change known everywhere."""
        return await self.changed(await self._store.change(user_id, fields))

    async def changed(self, account: Account) -> User:
        """Make known what was stored of this user: here at once, in other processes soon."""
        user = self._keep([account])[0]
        await self._revocations.announce_change(user.id)
        return user

    async def _add(self, user: User, hashed: str | None, claim: Claim | None) -> User:
        await self._insert(user, hashed, claim)
        for hook in self.created:
            await hook(user)
        return user

    async def _insert(self, user: User, hashed: str | None, claim: Claim | None) -> None:
        async def insert(within: Transaction) -> Account:
            if claim is not None:
                await claim(within)
            return await self._store.insert(user, hashed, self._clock(), within)

        self._keep([await transact(self._database, insert)])
        # The first account ends set-up, also one that was made on the command line.
        await self._setup.close()

    def _keep(self, accounts: list[Account]) -> list[User]:
        """Cache what was read, unless something newer is there; the users as now known."""
        users = []
        for account in accounts:
            held = self._cache.get(account.user.id)
            newer = held if held is not None and held.rev > account.rev else account
            # Password hashes are not kept in memory.
            self._cache[newer.user.id] = Account(user=newer.user, password=None, rev=newer.rev)
            self._cache.move_to_end(newer.user.id)
            users.append(newer.user)
            if held is None or held.user != newer.user:
                self.profile_changed.tell(newer.user.id)
            if held is not None and held.user.name != newer.user.name:
                self.renamed.tell(newer.user)
        while len(self._cache) > self._cached:
            self._cache.popitem(last=False)
        return users
