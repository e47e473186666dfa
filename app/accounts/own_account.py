"""Lets people change their own account. A program's token may not.

Each method is audited, also when it is refused, and raises Unauthenticated for such a token.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from app.accounts.disabling import Disabling
from app.accounts.models import Caller
from app.accounts.password_changes import PasswordChanges
from app.accounts.rights import must_be_in_person
from app.accounts.scopes import grantable
from app.accounts.sessions import Sessions
from app.accounts.tokens import Tokens
from app.audit.trail import AuditTrail
from app.errors import Invalid


class OwnAccount:
    """The services of accounts, for the person themselves."""

    def __init__(
        self,
        password_changes: PasswordChanges,
        sessions: Sessions,
        tokens: Tokens,
        disabling: Disabling,
        audit: AuditTrail,
    ) -> None:
        self._password_changes = password_changes
        self._sessions = sessions
        self._tokens = tokens
        self._disabling = disabling
        self._audit = audit

    @asynccontextmanager
    async def _action(self, kind: str, caller: Caller) -> AsyncIterator[str]:
        """An audited action on the caller's account; yields the caller's session."""
        async with self._audit.action(kind, caller, caller.user.id):
            yield must_be_in_person(caller)

    async def sign_out(self, caller: Caller) -> None:
        """End the caller's session."""
        async with self._action("sign_out", caller) as session:
            await self._sessions.end(session)

    async def change_password(self, caller: Caller, present: str, new: str) -> None:
        """Set a new password and end all other sessions. Raises Invalid, RateLimited."""
        async with self._action("password_changed", caller) as session:
            await self._password_changes.change(caller.user, present, new, keep=session)

    async def end_session(self, caller: Caller, session_id: str) -> None:
        """End one of the caller's sessions. Raises NotFound."""
        async with self._action("session_ended", caller):
            await self._sessions.end_own(caller.user.id, session_id)

    async def make_token(self, caller: Caller, scopes: Collection[str], label: str) -> str:
        """A token for a program of the caller, shown only now. Raises Invalid."""
        async with self._action("token_made", caller):
            if not scopes:
                # A token without scopes may do everything; unticking all boxes can't mean that.
                raise Invalid("Choose at least one thing that it may do.", field="scopes")
            user = caller.user
            if not set(scopes) <= set(grantable(is_admin=user.is_admin)):
                raise Invalid("Choose from what you may do yourself.", field="scopes")
            return await self._tokens.create(user.id, scopes, label, by=user.id)

    async def revoke_token(self, caller: Caller, token_id: str) -> None:
        """End one of the caller's tokens. Raises NotFound."""
        async with self._action("token_revoked", caller):
            await self._tokens.revoke(caller.user.id, token_id)

    async def delete(self, caller: Caller, password: str) -> None:
        """Remove the caller's account. Raises Invalid, RateLimited, Conflict for the last admin."""
        async with self._action("account_deleted", caller):
            await self._password_changes.verify(caller.user.id, password, field="farewell")
            await self._disabling.delete(caller.user.id)
