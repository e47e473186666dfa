"""Invite links, with which people make an account where registration isn't open."""

from collections.abc import Callable
from datetime import timedelta

from app import times
from app.accounts.models import Invite, User
from app.accounts.secrets import Mint, fingerprint, mint
from app.accounts.store.one_time_codes import InviteStore
from app.accounts.users import Users
from app.errors import Forbidden, Invalid, NotFound
from app.ids import new_id
from app.storage.mongo import Database
from app.storage.transactions import Transaction, transact
from app.times import Clock

LIFETIME_S = 7 * 24 * 3600
MOST_USES = 100
LISTED = 100


class Invites:
    """Makes, lists, uses and withdraws invites."""

    def __init__(
        self,
        database: Database,
        users: Users,
        *,
        clock: Clock = times.now,
        new_id: Callable[[], str] = new_id,
        mint: Mint = mint,
    ) -> None:
        self._database = database
        self._store = InviteStore(database)
        self._users = users
        self._clock = clock
        self._new_id = new_id
        self._mint = mint

    async def make(self, by: User, uses: int = 1) -> str:
        """The code of a link with which `uses` people can make an account within a week.

        Raises Invalid, and Forbidden where `by` is no admin any more.
        """
        if not 1 <= uses <= MOST_USES:
            raise Invalid(f"An invite is for 1 to {MOST_USES} people.", field="uses")
        code, now = self._mint(), self._clock()
        invite = Invite(
            id=self._new_id(),
            by=by.id,
            left=uses,
            created=now,
            ends=now + timedelta(seconds=LIFETIME_S),
        )

        async def insert(within: Transaction) -> None:
            await self._users.must_act(by.id, within)
            await self._store.insert(invite, fingerprint(code), within)

        await transact(self._database, insert)
        return code

    async def open(self) -> list[Invite]:
        """The invites that can still be used, newest first."""
        return await self._store.open(self._clock(), LISTED)

    async def inviter(self, code: str) -> User:
        """The admin who made the invite. Raises NotFound where it is used up, withdrawn or over."""
        invite = await self._store.by_key(fingerprint(code), self._clock())
        if invite is None or not await self._users.may_act(invite.by):
            raise _used_up()
        return await self._users.get(invite.by)

    async def use(self, code: str, username: str, password: str, name: str | None = None) -> User:
        """Make an account; a refused name doesn't use the invite up. Raises as `Users.create`, and
        NotFound as `inviter`."""
        await self.inviter(code)

        async def claim(within: Transaction) -> None:
            invite = await self._store.spend(fingerprint(code), self._clock(), within)
            if invite is None:
                raise _used_up()
            try:
                await self._users.must_act(invite.by, within)
            except Forbidden:
                raise _used_up() from None

        return await self._users.create(username, password, name, claim=claim)

    async def withdraw(self, invite_id: str) -> None:
        """End an invite. Raises NotFound without one."""
        if not await self._store.delete(invite_id):
            raise NotFound("There is no such invite.")


def _used_up() -> NotFound:
    return NotFound("This invite was used already or has ended. Ask for a new one.")
