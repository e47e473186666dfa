"""Sessions: begun at sign-in, carried by a signed cookie, ended by people, time or an admin."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from app import times
from app.accounts.credential_cache import CredentialCache
from app.accounts.models import Caller, Revoked, Session, User
from app.accounts.revocations import Revocations
from app.accounts.secrets import Mint, Signer, fingerprint, mint
from app.accounts.store.sessions import SessionStore
from app.accounts.store.tokens import TokenStore
from app.accounts.users import Users
from app.errors import NotFound
from app.ids import new_id
from app.settings import Settings
from app.storage.mongo import Database
from app.times import Clock

# How often use is noted; a fraction of the idle time where that is short.
TOUCH_S = 300
AGENT_LIMIT = 200
LISTED = 100


class Sessions:
    """Begins, recognises, lists and ends sessions."""

    def __init__(
        self,
        database: Database,
        users: Users,
        revocations: Revocations,
        settings: Settings,
        *,
        clock: Clock = times.now,
        new_id: Callable[[], str] = new_id,
        mint: Mint = mint,
    ) -> None:
        self._store = SessionStore(database)
        self._tokens = TokenStore(database)
        self._users = users
        self._revocations = revocations
        self._signer = Signer(settings.secret, "session")
        self._idle = timedelta(seconds=settings.session_idle_s)
        self._absolute = timedelta(seconds=settings.session_absolute_s)
        self._touch_after = min(timedelta(seconds=TOUCH_S), self._idle / 10)
        self._clock = clock
        self._new_id = new_id
        self._mint = mint
        self._cache: CredentialCache[Session] = CredentialCache()
        revocations.listen(self._cache.clear)

    async def begin(self, user: User, *, address: str, agent: str) -> tuple[Session, str]:
        """Begin a session: it, and the signed value for the cookie."""
        now, secret = self._clock(), self._mint()
        session = Session(
            id=self._new_id(),
            user=user.id,
            started=now,
            seen=now,
            ends=self._end(now, now),
            address=address,
            agent=agent[:AGENT_LIMIT],
        )
        await self._store.insert(session, fingerprint(secret))
        return session, self._signer.sign(secret)

    async def resolve(self, cookie_value: str) -> Caller | None:
        """The caller with this cookie; None for a forged, ended or unknown one."""
        key, now = fingerprint(cookie_value), self._clock()
        session = self._living(key, now) or await self._proved(key, cookie_value)
        if session is None:
            return None
        user = await self._users.get(session.user)
        if not user.is_open:
            return None
        if await self._touch(session, now):
            self._cache.remove(key)
        ends = session.started + self._absolute
        return Caller(user=user, session=session.id, ends=ends)

    def _living(self, key: str, now: datetime) -> Session | None:
        """The session that was read a moment ago, where it lasts still."""
        session = self._cache.get(key, now)
        return session if session is not None and session.ends > now else None

    async def _proved(self, key: str, cookie_value: str) -> Session | None:
        secret = self._signer.unsign(cookie_value)
        if not isinstance(secret, str):
            return None
        now, generation = self._clock(), self._cache.generation
        found = await self._store.by_key(fingerprint(secret), now)
        if found is None:
            return None
        session, owner = found
        self._users.learn(owner)
        self._cache.put(key, session, now, generation)
        return session

    async def of(self, user_id: str) -> list[Session]:
        """The sessions of a user that haven't ended, the one seen last first."""
        return await self._store.of(user_id, self._clock(), LISTED)

    async def end(self, session_id: str) -> None:
        """End a session, its tokens and its connections; nothing happens when it has ended."""
        await self._store.delete(session_id)
        await self._after(session_id)

    async def end_own(self, user_id: str, session_id: str) -> None:
        """End one of this user's sessions; NotFound when it isn't theirs."""
        if not await self._store.delete(session_id, user_id):
            raise NotFound("There is no such session.")
        await self._after(session_id)

    async def end_all(self, user_id: str, *, but: str | None = None) -> None:
        """End all sessions of a user, except `but`."""
        for session_id in await self._store.ids_of(user_id):
            if session_id != but:
                await self.end(session_id)

    async def ended(self, ids: Iterable[str]) -> set[str]:
        """The ids among these of sessions that have ended; the others are noted as in use.

        The sweep of open connections asks: an open connection keeps its session from going idle,
        and is closed when its session ends by time, for which there is no revocation.
        """
        asked = set(ids)
        now = self._clock()
        living = await self._living_of(asked, now)
        for session in living:
            await self._touch(session, now)
        return asked - {session.id for session in living}

    async def living(self, ids: Iterable[str]) -> set[str]:
        """The ids among these of sessions that have not ended. This is not noted as use."""
        return {session.id for session in await self._living_of(ids, self._clock())}

    async def _living_of(self, ids: Iterable[str], now: datetime) -> list[Session]:
        """Those of people whose account is open."""
        found = await self._store.living(ids, now)
        people = await self._users.many({session.user for session in found})
        return [s for s in found if s.user in people and people[s.user].is_open]

    async def _touch(self, session: Session, now: datetime) -> bool:
        """Note now and then that it is in use; whether that was due."""
        if now - session.seen < self._touch_after:
            return False
        await self._store.touch(session.id, now, self._end(session.started, now))
        return True

    async def _after(self, session_id: str) -> None:
        # Connections first; the tokens are dead already without their session.
        await self._revocations.publish(Revoked(session=session_id))
        await self._tokens.delete_of_session(session_id)

    def _end(self, started: datetime, seen: datetime) -> datetime:
        return min(seen + self._idle, started + self._absolute)
