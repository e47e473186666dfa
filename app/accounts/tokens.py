"""Bearer tokens (RFC 6750), for programs and for a session's own connections.

Only their hashes are stored. One-minute tickets for WebSockets are signed and not stored at all.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from app import times
from app.accounts.credential_cache import CredentialCache
from app.accounts.models import Caller, Revoked, Session, Token, User
from app.accounts.revocations import Revocations
from app.accounts.scopes import ADMIN_SCOPES, SCOPES
from app.accounts.secrets import Mint, Signer, fingerprint, mint
from app.accounts.store.sessions import SessionStore
from app.accounts.store.tokens import TokenStore
from app.accounts.users import Users
from app.errors import Invalid, NotFound, Unauthenticated
from app.ids import new_id
from app.settings import Settings
from app.storage.mongo import Database
from app.storage.transactions import Transaction, transact
from app.text_checks import line
from app.times import Clock

# People and secret scanners recognise a leaked token by it.
PREFIX = "parley_"
TICKET_S = 60
# The first part of a ticket that stands for a program's token.
OF_PROGRAM = "program"
LABEL_LIMIT = 64
LONGEST_LIFE_S = 100 * 365 * 86_400
LISTED = 100


class Living(Struct, frozen=True):
    """A token and its end: None where it lasts until it is revoked.

    `ends` of a session's token moves while the session is used, up to `ends_at_latest`.
    """

    token: Token
    ends: datetime | None
    ends_at_latest: datetime | None

    def has_ended(self, now: datetime) -> bool:
        return self.ends is not None and self.ends <= now


class Tokens:
    """Makes, resolves and revokes bearer tokens."""

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
        self._database = database
        self._store = TokenStore(database)
        self._sessions = SessionStore(database)
        self._users = users
        self._revocations = revocations
        self._tickets = Signer(settings.secret, "ticket")
        self._session_lasts = timedelta(seconds=settings.session_absolute_s)
        self._clock = clock
        self._new_id = new_id
        self._mint = mint
        self._cache: CredentialCache[Living] = CredentialCache()
        revocations.listen(self._cache.clear)
        revocations.watch(self._users_changed)

    async def create(
        self,
        user_id: str,
        scopes: Collection[str] | None = None,
        label: str = "",
        lifetime_s: float | None = None,
        *,
        by: str | None = None,
    ) -> str:
        """Make a token of this user, and return its secret, which is not stored.

        Without `scopes` it may do all that the person may. `by` is the id of its maker: the user,
        or an admin for a bot; None is the command line, which may grant scopes of admins to
        members. Raises Invalid, and Forbidden for a maker who is no admin any more.
        """
        if lifetime_s is not None and not 0 < lifetime_s <= LONGEST_LIFE_S:
            raise Invalid("A token lives for some seconds, a hundred years at most.")
        granted, now = _granted(scopes), self._clock()
        owner = await self._users.get(user_id)
        is_beyond = by is None and not owner.is_admin and bool(ADMIN_SCOPES & set(granted or ()))
        return await self._issue(
            Token(
                id=self._new_id(),
                user=user_id,
                label=line(label, "label", LABEL_LIMIT, may_be_empty=True),
                scopes=granted,
                created=now,
                ends=now + timedelta(seconds=lifetime_s) if lifetime_s is not None else None,
                by=by,
                beyond_role=is_beyond,
            )
        )

    async def for_session(self, session: Session) -> str:
        """A token that can do what the session can and dies with it."""
        return await self._issue(
            Token(
                id=self._new_id(),
                user=session.user,
                label="session",
                scopes=None,
                created=self._clock(),
                ends=session.ends,
                session=session.id,
            )
        )

    def ticket(self, caller: Caller) -> str:
        """A token that opens connections for the next minute, and can do what the caller can.

        It ends with the session or the token that proved the caller.
        """
        proof = [caller.session] if caller.session is not None else [OF_PROGRAM, caller.token]
        ends = self._clock() + timedelta(seconds=TICKET_S)
        return f"{PREFIX}{self._tickets.sign([*proof, ends.timestamp()])}"

    async def resolve(self, token: str) -> Caller:
        """The caller with this token or ticket. Raises Unauthenticated for a bad or ended one."""
        secret = token.removeprefix(PREFIX)
        caller = await self._by_secret(secret) or await self._by_ticket(secret)
        if caller is None or not caller.user.is_open:
            raise _invalid()
        return caller

    async def caller_of(self, token_id: str) -> Caller:
        """The holder of a token that was shown before; Unauthenticated where it has ended."""
        token = await self._store.by_id(token_id)
        living = await self._living(token, self._clock()) if token else None
        caller = await self._caller(living) if living else None
        if caller is None or not caller.user.is_open:
            raise _invalid()
        return caller

    async def ended(self, ids: Iterable[str]) -> set[str]:
        """The ids among these of tokens that have ended, with or without a revocation."""
        ended = set(ids)
        for token in await self._store.living(ended, self._clock()):
            owner = await self._users.get(token.user)
            if owner.is_open and await self._is_answered_for(owner, token):
                ended.discard(token.id)
        return ended

    async def of(self, user_id: str) -> list[Token]:
        """The tokens that a person made, newest first."""
        return await self._store.of(user_id, LISTED)

    async def revoke(self, user_id: str, token_id: str) -> None:
        """End a user's token and its connections. Raises NotFound without one."""
        if not await self._store.delete(token_id, user_id):
            raise NotFound("There is no such token.")
        await self._revocations.publish(Revoked(token=token_id))

    def forget(self) -> None:
        """Empty the cache, because tokens were changed."""
        self._cache.clear()

    async def _users_changed(self, _: list[str]) -> None:
        self.forget()

    async def _issue(self, token: Token) -> str:
        secret = self._mint()

        async def insert(within: Transaction) -> None:
            await self._users.must_act(token.by, within)
            await self._store.insert(token, fingerprint(secret), within)

        if token.by is not None and token.by != token.user:
            await transact(self._database, insert)
        else:
            await self._store.insert(token, fingerprint(secret))
        return f"{PREFIX}{secret}"

    async def _by_secret(self, secret: str) -> Caller | None:
        key, now, generation = fingerprint(secret), self._clock(), self._cache.generation
        living = self._cache.get(key, now)
        if living is None or living.has_ended(now):
            found = await self._store.by_key(key)
            if found is None:
                return None
            token, owner = found
            self._users.learn(owner)
            living = await self._living(token, now)
            if living is None:
                return None
            self._cache.put(key, living, now, generation)
        return await self._caller(living)

    async def _living(self, token: Token, now: datetime) -> Living | None:
        """The token with its end, None where it has ended."""
        living = Living(token, token.ends, token.ends)
        if token.session is not None:
            # The session's own end decides: it moves while the session is in use.
            session = await self._sessions.by_id(token.session, now)
            if session is None:
                return None
            living = Living(token, session.ends, session.started + self._session_lasts)
        return None if living.has_ended(now) else living

    async def _caller(self, living: Living) -> Caller | None:
        """The caller with this token; None for a bot's while no admin answers for it."""
        token = living.token
        user = await self._users.get(token.user)
        if not await self._is_answered_for(user, token):
            return None
        return Caller(
            user=user,
            session=token.session,
            token=token.id,
            scopes=None if token.scopes is None else frozenset(token.scopes),
            beyond_role=token.beyond_role,
            ends=living.ends_at_latest,
        )

    async def _is_answered_for(self, owner: User, token: Token) -> bool:
        """Whether the makers of a bot and of its token are still admins."""
        if not owner.is_bot:
            return True
        makers = {each for each in (owner.made_by, token.by) if each is not None}
        return all([(await self._users.get(each)).is_acting_admin for each in makers])

    async def _by_ticket(self, secret: str) -> Caller | None:
        now = self._clock()
        match self._tickets.unsign(secret):
            case [str(session_id), float(ends)] if ends > now.timestamp():
                return await self._by_session(session_id, now)
            case [str(kind), str(token_id), float(ends)] if ends > now.timestamp():
                token = await self._store.by_id(token_id) if kind == OF_PROGRAM else None
                living = await self._living(token, now) if token else None
                return await self._caller(living) if living else None
        return None

    async def _by_session(self, session_id: str, now: datetime) -> Caller | None:
        session = await self._sessions.by_id(session_id, now)
        if session is None:
            return None
        return Caller(
            user=await self._users.get(session.user),
            session=session.id,
            ends=session.started + self._session_lasts,
        )


def _invalid() -> Unauthenticated:
    return Unauthenticated("This token isn't valid (any more). Please sign in again.")


def _granted(scopes: Collection[str] | None) -> list[str] | None:
    if not scopes:
        return None
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise Invalid(
            f"Unknown scope «{unknown[0][:40]}». Known are: {', '.join(SCOPES)}.", field="scopes"
        )
    return sorted(set(scopes))
