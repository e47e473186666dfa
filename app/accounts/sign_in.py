"""Signs people in: checks the password and begins a session.

Unknown names, wrong passwords and disabled accounts take the same time and the same sentence.
"""

import structlog
from msgspec import Struct

from app.accounts.models import Account, Session, User
from app.accounts.passwords import Passwords
from app.accounts.sessions import Sessions
from app.accounts.sign_in_limits import Client, SignInLimits
from app.accounts.store.users import UserStore
from app.audit.trail import AuditTrail
from app.errors import Unauthenticated
from app.security.rate_limiter import RateLimiter
from app.signals import Signal
from app.storage.mongo import Database

log = structlog.get_logger("security")


class SignedIn(Struct, frozen=True, kw_only=True):
    """A session that has just begun, and the value of its cookie."""

    user: User
    session: Session
    cookie: str


class SignIn:
    """Checks names and passwords and begins sessions; `signed_in` tells who signed in."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        passwords: Passwords,
        limiter: RateLimiter,
        audit: AuditTrail,
    ) -> None:
        self.limits = SignInLimits(limiter)
        self.signed_in: Signal[User] = Signal("signed in")
        self._store = UserStore(database)
        self._sessions = sessions
        self._passwords = passwords
        self._audit = audit

    async def attempt(self, username: str, password: str, client: Client) -> SignedIn:
        """Begin a session. Raises Unauthenticated for a wrong name or password, and RateLimited."""
        async with self._audit.action("sign_in", client, username):
            return await self._attempt(username.strip().lower(), password, client)

    async def _attempt(self, name: str, password: str, client: Client) -> SignedIn:
        self.limits.count(name, client)
        account = await self._fitting(name, password)
        if account is None:
            log.warning("sign_in_failed", error=Unauthenticated.code, address=client.address)
            raise _refusal()
        self.limits.give_back(name, client)
        signed_in = await self._begin(account.user, client)
        await self._confirm(account, signed_in.session)
        self.signed_in.tell(account.user)
        return signed_in

    async def begin(self, user: User, client: Client) -> SignedIn:
        """Begin a session for an authenticated user; the client's old session ends."""
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
        """End the new session where the password changed while it was checked."""
        present = await self._store.by_id(checked.user.id)
        if present is None or present.user.is_disabled or present.password != checked.password:
            await self._sessions.end(session.id)
            raise _refusal()


def _refusal() -> Unauthenticated:
    return Unauthenticated("This username and password don't fit together.")
