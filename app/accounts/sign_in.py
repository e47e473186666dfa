"""Signing in: who knows the password, how often one may try, and the session that begins.

Unknown names, wrong passwords and disabled accounts take the same time and the same sentence.
"""

import structlog
from msgspec import Struct

from app.accounts.models import Account, Session, User
from app.accounts.passwords import Passwords
from app.accounts.secrets import fingerprint
from app.accounts.sessions import Sessions
from app.accounts.store.users import UserStore
from app.errors import RateLimited, Unauthenticated
from app.security.client_address import site_of
from app.security.rate_limiter import RateLimiter
from app.storage.mongo import Database
from app.telemetry.signals import Signal

# Only what fails counts. Per name against one person's password, per address against everyone's.
PER_NAME = 10
PER_ADDRESS = 30

log = structlog.get_logger("security")


class Client(Struct, frozen=True, kw_only=True):
    """Where an attempt comes from, and the session that a new one takes the place of."""

    address: str
    agent: str = ""
    session: str | None = None


class SignedIn(Struct, frozen=True, kw_only=True):
    """A session that has just begun, and the value of its cookie."""

    user: User
    session: Session
    cookie: str


class SignIn:
    """Checks names and passwords and begins sessions; `signed_in` tells of each that stays."""

    def __init__(
        self, database: Database, sessions: Sessions, passwords: Passwords, limiter: RateLimiter
    ) -> None:
        self.signed_in: Signal[User] = Signal("signed in")
        self._store = UserStore(database)
        self._sessions = sessions
        self._passwords = passwords
        self._limiter = limiter

    def must_be_free(self, client: Client) -> None:
        """RateLimited where this address has tried too often: asked before a form is read."""
        try:
            self._limiter.must_be_free("sign-in address", site_of(client.address), PER_ADDRESS)
        except RateLimited as limited:
            raise _throttled(limited, client) from None

    async def attempt(self, username: str, password: str, client: Client) -> SignedIn:
        """Begin a session; Unauthenticated when the two don't fit, RateLimited after too many."""
        name = username.strip().lower()
        self._count(name, client)
        account = await self._fitting(name, password)
        if account is None:
            log.warning("sign_in_failed", error=Unauthenticated.code, address=client.address)
            raise _refusal()
        self._uncount(name, client)
        signed_in = await self._begin(account.user, client)
        await self._confirm(account, signed_in.session)
        self.signed_in.tell(account.user)
        return signed_in

    async def begin(self, user: User, client: Client) -> SignedIn:
        """Begin a session for somebody who has proved who they are; the old one ends."""
        signed_in = await self._begin(user, client)
        self.signed_in.tell(user)
        return signed_in

    async def _begin(self, user: User, client: Client) -> SignedIn:
        session, cookie = await self._sessions.begin(
            user, address=client.address, agent=client.agent
        )
        if client.session is not None:
            await self._sessions.end(client.session)
        return SignedIn(user=user, session=session, cookie=cookie)

    async def _fitting(self, name: str, password: str) -> Account | None:
        account = await self._store.by_username(name)
        stored = account.password if account and not account.user.is_disabled else None
        if not await self._passwords.verify(stored, password) or account is None or stored is None:
            return None
        if self._passwords.is_outdated(stored):
            await self._store.rehash(account.user.id, stored, await self._passwords.hash(password))
            return await self._store.by_id(account.user.id)
        return account

    async def _confirm(self, checked: Account, session: Session) -> None:
        """A password changed while we checked it ends the sessions there were, not this one yet."""
        present = await self._store.by_id(checked.user.id)
        if present is None or present.user.is_disabled or present.password != checked.password:
            await self._sessions.end(session.id)
            raise _refusal()

    def _count(self, name: str, client: Client) -> None:
        try:
            self._limiter.hit("sign-in address", site_of(client.address), PER_ADDRESS)
            self._limiter.hit("sign-in name", fingerprint(name), PER_NAME)
        except RateLimited as limited:
            raise _throttled(limited, client) from None

    def _uncount(self, name: str, client: Client) -> None:
        self._limiter.give_back("sign-in address", site_of(client.address), PER_ADDRESS)
        self._limiter.give_back("sign-in name", fingerprint(name), PER_NAME)


def _throttled(limited: RateLimited, client: Client) -> RateLimited:
    log.warning("sign_in_throttled", error=RateLimited.code, address=client.address)
    return RateLimited(
        f"Too many attempts to sign in. Try again in {limited.retry_after:.0f} seconds.",
        retry_after=limited.retry_after,
    )


def _refusal() -> Unauthenticated:
    return Unauthenticated("This username and password don't fit together.")
