"""Changes passwords: with the present one, or through an admin's one-time reset link."""

from datetime import timedelta

from app import times
from app.accounts.models import Account, Reset, User
from app.accounts.passwords import Passwords, acceptable
from app.accounts.secrets import Mint, fingerprint, mint
from app.accounts.sessions import Sessions
from app.accounts.store.one_time_codes import ResetStore
from app.accounts.store.users import UserStore
from app.accounts.users import Users
from app.errors import Forbidden, Invalid, NotFound
from app.security.rate_limiter import RateLimiter
from app.storage.mongo import Database
from app.storage.transactions import Transaction, transact
from app.times import Clock

RESET_S = 24 * 3600
# Someone at another person's open browser must not be able to guess the password there.
TRIES_PER_MINUTE = 10


class PasswordChanges:
    """Verifies and replaces passwords; makes and uses reset links."""

    def __init__(
        self,
        database: Database,
        users: Users,
        sessions: Sessions,
        passwords: Passwords,
        limiter: RateLimiter,
        *,
        clock: Clock = times.now,
        mint: Mint = mint,
    ) -> None:
        self._database = database
        self._store = UserStore(database)
        self._resets = ResetStore(database)
        self._users = users
        self._sessions = sessions
        self._passwords = passwords
        self._limiter = limiter
        self._clock = clock
        self._mint = mint

    async def verify(self, user_id: str, password: str, field: str = "password") -> None:
        """Check the person's password, before something that can't be undone.

        Raises Invalid naming `field`, and RateLimited after TRIES_PER_MINUTE.
        """
        self._limiter.hit("password", user_id, TRIES_PER_MINUTE)
        account = await self._store.by_id(user_id)
        if not await self._passwords.verify(account.password if account else None, password):
            raise Invalid("This isn't your present password.", field=field)
        self._limiter.give_back("password", user_id, TRIES_PER_MINUTE)

    async def change(self, user: User, present: str, new: str, *, keep: str | None) -> None:
        """Replace the password and end the person's sessions except `keep`.

        Raises Invalid for a wrong `present` or an unacceptable `new` one, and RateLimited.
        """
        await self.verify(user.id, present, field="present")
        hashed = await self._hash(user, new)
        await self._users.change(user.id, {"password": hashed})
        await self._sessions.end_all(user.id, but=keep)

    async def make_reset(self, user: User, by: User | None = None) -> str:
        """Make a link with which this person sets a new password within a day; its code.

        It takes the place of an earlier one, and is good while `by`, its maker, is an admin; None
        is the command line. Raises Invalid, and Forbidden where `by` is no admin any more.
        """
        if not user.is_open:
            raise Invalid("This account is disabled. Enable it first.")
        if user.is_bot:
            raise Invalid("A bot has no password. Make it a new token instead.")
        code, ends = self._mint(), self._clock() + timedelta(seconds=RESET_S)
        reset = Reset(user=user.id, by=by.id if by else None)

        async def put(within: Transaction) -> None:
            await self._users.must_act(reset.by, within)
            await self._resets.put(reset, fingerprint(code), ends, within)

        await transact(self._database, put)
        return code

    async def reset_owner(self, code: str) -> User:
        """The person a link is for. Raises NotFound where it was used or has ended."""
        reset = await self._resets.by_key(fingerprint(code), self._clock())
        if reset is None or not await self._users.may_act(reset.by):
            raise _used_up()
        return await self._users.get(reset.user)

    async def reset(self, code: str, new: str) -> User:
        """Set a new password with a link, which is used up, and end all sessions.

        Raises NotFound as `reset_owner`, Invalid for an unacceptable password, Forbidden where
        the account was disabled meanwhile.
        """
        user = await self.reset_owner(code)
        hashed = await self._hash(user, new)

        async def spend(within: Transaction) -> Account:
            reset = await self._resets.spend(fingerprint(code), self._clock(), within)
            if reset is None or reset.user != user.id:
                raise _used_up()
            await self._must_stand(reset, within)
            account = await self._store.change(user.id, {"password": hashed}, within)
            if account.user.is_disabled:
                raise Forbidden("This account is disabled. Ask an admin of this server.")
            return account

        await self._users.changed(await transact(self._database, spend))
        await self._sessions.end_all(user.id)
        return user

    async def _must_stand(self, reset: Reset, within: Transaction) -> None:
        try:
            await self._users.must_act(reset.by, within)
        except Forbidden:
            raise _used_up() from None

    async def _hash(self, user: User, new: str) -> str:
        return await self._passwords.hash(acceptable(new, username=user.username, field="password"))


def _used_up() -> NotFound:
    return NotFound("This link was used already or has ended. Ask an admin for a new one.")
