"""Lets admins and the command line change accounts, bots and invites.

Each method asks whether `by` is an admin who signed in, or None for the command line, and is
audited, also when it is refused. Each raises Unauthenticated and Forbidden.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

from app.accounts.bots import Bots
from app.accounts.disabling import Disabling
from app.accounts.invites import Invites
from app.accounts.models import Caller, Revoked, Role, User
from app.accounts.password_changes import PasswordChanges
from app.accounts.revocations import Revocations
from app.accounts.rights import must_be_admin
from app.accounts.roles import Roles
from app.accounts.sessions import Sessions
from app.accounts.tokens import Tokens
from app.accounts.users import Users
from app.audit.trail import Action, AuditTrail
from app.errors import NotFound


class Administration:
    """The services of accounts, for those who decide about others."""

    def __init__(
        self,
        users: Users,
        roles: Roles,
        disabling: Disabling,
        password_changes: PasswordChanges,
        sessions: Sessions,
        tokens: Tokens,
        invites: Invites,
        bots: Bots,
        revocations: Revocations,
        audit: AuditTrail,
    ) -> None:
        self._users = users
        self._roles = roles
        self._disabling = disabling
        self._password_changes = password_changes
        self._sessions = sessions
        self._tokens = tokens
        self._invites = invites
        self._bots = bots
        self._revocations = revocations
        self._audit = audit

    @asynccontextmanager
    async def _action(
        self, kind: str, by: Caller | None, about: str | None = None
    ) -> AsyncIterator[Action]:
        async with self._audit.action(kind, by, about) as action:
            must_be_admin(by)
            yield action

    async def make_account(
        self, username: str, password: str, name: str | None, role: Role
    ) -> User:
        """A new account, from the command line. Raises Invalid, Conflict."""
        async with self._action("account_made", None, username):
            return await self._users.create(username, password, name, role)

    async def appoint(self, by: Caller | None, user_id: str, role: Role) -> User:
        """Make somebody an admin or a member. Raises NotFound, Conflict for the last admin."""
        async with self._action("role_changed", by, user_id):
            return await self._roles.appoint(user_id, role)

    async def disable(self, by: Caller | None, user_id: str) -> User:
        """Close an account for a time. Raises NotFound, Conflict for the last admin."""
        async with self._action("account_disabled", by, user_id):
            return await self._disabling.disable(user_id)

    async def enable(self, by: Caller | None, user_id: str) -> User:
        """Open a disabled account again. Raises NotFound."""
        async with self._action("account_enabled", by, user_id):
            return await self._disabling.enable(user_id)

    async def delete(self, user_id: str) -> User:
        """Remove an account, from the command line. Raises NotFound, Conflict."""
        async with self._action("account_deleted", None, user_id):
            return await self._disabling.delete(user_id)

    async def make_reset_link(self, by: Caller | None, user_id: str) -> tuple[User, str]:
        """The person and the code of a link to a new password. Raises NotFound, Invalid."""
        async with self._action("reset_link_made", by, user_id):
            user = await self._users.get(user_id)
            return user, await self._password_changes.make_reset(user, by.user if by else None)

    async def end_session(self, by: Caller, user_id: str, session_id: str) -> None:
        """End one session of a person. Raises NotFound."""
        async with self._action("session_ended", by, user_id):
            await self._sessions.end_own(user_id, session_id)

    async def end_sessions(self, by: Caller, user_id: str) -> None:
        """End all sessions of a person but the one that asks. Raises NotFound."""
        async with self._action("sessions_ended", by, user_id):
            if (await self._users.get(user_id)).is_deleted:
                raise NotFound("This account was deleted.")
            await self._sessions.end_all(user_id, but=by.session)

    async def invite(self, by: Caller, uses: int) -> str:
        """The code of a new invite. Raises Invalid."""
        async with self._action("invite_made", by):
            return await self._invites.make(by.user, uses)

    async def withdraw_invite(self, by: Caller, invite_id: str) -> None:
        """End an invite. Raises NotFound."""
        async with self._action("invite_withdrawn", by, invite_id):
            await self._invites.withdraw(invite_id)

    async def make_bot(
        self,
        by: Caller | None,
        username: str,
        name: str | None,
        scopes: Collection[str] | None = None,
    ) -> tuple[User, str]:
        """A new bot and its first token. Raises Invalid, Conflict."""
        async with self._action("bot_made", by, username):
            return await self._bots.make(username, name, scopes, by=by.user if by else None)

    async def adopt_bot(self, by: Caller, bot_id: str) -> None:
        """Answer for a bot from now on. Raises NotFound, Conflict where it doesn't wait."""
        async with self._action("bot_adopted", by, bot_id):
            await self._bots.adopt(await self._bots.get(bot_id), by.user)

    async def delete_bot(self, by: Caller, bot_id: str) -> None:
        """Remove a bot. Raises NotFound."""
        async with self._action("account_deleted", by, bot_id):
            await self._bots.delete(await self._bots.get(bot_id))

    async def make_bot_token(self, by: Caller, bot_id: str) -> str:
        """One more token of a bot. Raises NotFound, Conflict."""
        async with self._action("token_made", by, bot_id):
            return await self._bots.new_token(await self._bots.get(bot_id), by.user)

    async def revoke_bot_token(self, by: Caller, bot_id: str, token_id: str) -> None:
        """End a token of a bot. Raises NotFound."""
        async with self._action("token_revoked", by, bot_id):
            await self._tokens.revoke((await self._bots.get(bot_id)).id, token_id)

    async def make_token(
        self,
        user: User,
        scopes: Collection[str] | None,
        label: str,
        lifetime_s: float | None,
    ) -> str:
        """A token of this user, from the command line. Raises Invalid."""
        async with self._action("token_made", None, user.id):
            return await self._tokens.create(user.id, scopes, label, lifetime_s)

    async def end_all_access(self, end_proofs: Callable[[], Awaitable[None]]) -> None:
        """End all access, from the command line, also what a running server knows.

        `end_proofs` deletes what features keep that proves a right, as after a restore.
        """
        async with self._action("access_ended", None):
            await end_proofs()
            await self._revocations.publish(Revoked(everyone=True))
