"""Bearer tokens: for programs, and for a session's own connections.

Stored only as a hash, except the one-minute tickets, which are signed and not stored at all.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from msgspec import Struct

from app import times
from app.accounts.clock import Clock
from app.accounts.models import SCOPES, Caller, Revoked, Session, Token
from app.accounts.remembered import Remembered
from app.accounts.revocations import Revocations
from app.accounts.secrets import Mint, Seal, fingerprint, mint
from app.accounts.store.sessions import SessionStore
from app.accounts.store.tokens import TokenStore
from app.accounts.users import Users
from app.errors import Invalid, NotFound, Unauthenticated
from app.ids import new_id
from app.storage.mongo import Database
from app.text import line

# Makes a leaked token recognisable, for people and for secret scanners.
PREFIX = "parley_"
TICKET_S = 60
# Marks a ticket that a program got for its own token.
OF_PROGRAM = "program"
LABEL_LIMIT = 64
LISTED = 100


class Living(Struct, frozen=True):
    """A token that is good until it `ends`; without that until somebody revokes it."""

    token: Token
    ends: datetime | None

    def has_ended(self, now: datetime) -> bool:
        return self.ends is not None and self.ends <= now


class Tokens:
    """Makes, resolves and revokes bearer tokens."""

    def __init__(
        self,
        database: Database,
        users: Users,
        revocations: Revocations,
        secret: str,
        *,
        clock: Clock = times.now,
        new_id: Callable[[], str] = new_id,
        mint: Mint = mint,
    ) -> None:
        self._store = TokenStore(database)
        self._sessions = SessionStore(database)
        self._users = users
        self._revocations = revocations
        self._tickets = Seal(secret, "ticket")
        self._clock = clock
        self._new_id = new_id
        self._mint = mint
        self._remembered: Remembered[Living] = Remembered()
        revocations.listen(self._remembered.forget_all)

    async def create(
        self,
        user_id: str,
        scopes: Collection[str] | None = None,
        label: str = "",
        lifetime_s: float | None = None,
    ) -> str:
        """A new token of this user, shown only now. Without `scopes`: all that the person may."""
        granted = _granted(scopes)
        label = line(label, "label", LABEL_LIMIT, may_be_empty=True)
        ends = self._clock() + timedelta(seconds=lifetime_s) if lifetime_s is not None else None
        return await self._issue(user_id, granted, label, ends, None)

    async def for_session(self, session: Session) -> str:
        """A token that can do what the session can and dies with it."""
        return await self._issue(session.user, None, "session", session.ends, session.id)

    def ticket(self, caller: Caller) -> str:
        """A token that opens connections for the next minute, and can do what the caller can.

        It ends with the session or the token that proved the caller.
        """
        proof = [caller.session] if caller.session is not None else [OF_PROGRAM, caller.token]
        ends = self._clock() + timedelta(seconds=TICKET_S)
        return f"{PREFIX}{self._tickets.close([*proof, ends.timestamp()])}"

    async def resolve(self, token: str) -> Caller:
        """Who holds this token; Unauthenticated when it isn't, or no longer, good."""
        secret = token.removeprefix(PREFIX)
        caller = await self._by_secret(secret) or await self._by_ticket(secret)
        if caller is None or caller.user.is_disabled or caller.user.is_deleted:
            raise Unauthenticated("This token isn't valid (any more). Please sign in again.")
        return caller

    async def of(self, user_id: str) -> list[Token]:
        """The tokens that a person made, newest first."""
        return await self._store.of(user_id, LISTED)

    async def revoke(self, user_id: str, token_id: str) -> None:
        """End one's own token and its connections; NotFound without one."""
        if not await self._store.delete(token_id, user_id):
            raise NotFound("There is no such token.")
        await self._revocations.publish(Revoked(token=token_id))

    async def drop_all(self, user_id: str) -> None:
        """Remove all tokens of a user; the caller revokes the user."""
        await self._store.delete_of_user(user_id)
        self._remembered.forget_all()

    async def _issue(
        self,
        user_id: str,
        scopes: list[str] | None,
        label: str,
        ends: datetime | None,
        session: str | None,
    ) -> str:
        secret = self._mint()
        token = Token(
            id=self._new_id(),
            user=user_id,
            label=label,
            scopes=scopes,
            created=self._clock(),
            ends=ends,
            session=session,
        )
        await self._store.insert(token, fingerprint(secret))
        return f"{PREFIX}{secret}"

    async def _by_secret(self, secret: str) -> Caller | None:
        key, now, age = fingerprint(secret), self._clock(), self._remembered.age
        living = self._remembered.get(key, now)
        if living is None or living.has_ended(now):
            found = await self._store.by_key(key)
            living = await self._living(found, now) if found else None
            if living is None:
                return None
            self._remembered.keep(key, living, now, age)
        return await self._caller(living.token)

    async def _living(self, token: Token, now: datetime) -> Living | None:
        """The token with its end, None where it has ended."""
        living = Living(token, token.ends)
        if token.session is not None:
            # The session's own end decides: it moves while the session is in use.
            session = await self._sessions.by_id(token.session, now)
            if session is None:
                return None
            living = Living(token, session.ends)
        return None if living.has_ended(now) else living

    async def _caller(self, token: Token) -> Caller:
        return Caller(
            user=await self._users.get(token.user),
            session=token.session,
            token=token.id,
            scopes=None if token.scopes is None else frozenset(token.scopes),
        )

    async def _by_ticket(self, secret: str) -> Caller | None:
        now = self._clock()
        match self._tickets.open(secret):
            case [str(session_id), float(ends)] if ends > now.timestamp():
                return await self._by_session(session_id, now)
            case [str(kind), str(token_id), float(ends)] if ends > now.timestamp():
                token = await self._store.by_id(token_id) if kind == OF_PROGRAM else None
                living = await self._living(token, now) if token else None
                return await self._caller(living.token) if living else None
        return None

    async def _by_session(self, session_id: str, now: datetime) -> Caller | None:
        session = await self._sessions.by_id(session_id, now)
        if session is None:
            return None
        return Caller(user=await self._users.get(session.user), session=session.id)


def _granted(scopes: Collection[str] | None) -> list[str] | None:
    if not scopes:
        return None
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise Invalid(
            f"Unknown scope «{unknown[0][:40]}». Known are: {', '.join(SCOPES)}.", field="scopes"
        )
    return sorted(set(scopes))
