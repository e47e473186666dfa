"""Changes a role or closes an account, and ends what depended on it, in one transaction.

A process that is killed in between leaves no link, token or session behind that would be good
again later. At least one admin is always left, also when two admins demote each other at once.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from msgspec import Struct

from app.accounts.models import Account, Revoked
from app.accounts.revocations import Revocations
from app.accounts.store.one_time_codes import InviteStore, ResetStore
from app.accounts.store.sessions import SessionStore
from app.accounts.store.tokens import TokenStore
from app.accounts.store.users import UserStore
from app.accounts.tokens import Tokens
from app.accounts.users import Users
from app.errors import Conflict
from app.storage.mongo import Database
from app.storage.transactions import Transaction, transact

Loss = Literal["demoted", "disabled", "deleted"]
OnLoss = Callable[[str, Loss, Transaction], Awaitable[None]]


class Changed(Struct, frozen=True, kw_only=True):
    """An account after its change, the bots it answered for, and the bots' tokens that ended."""

    account: Account
    bots: list[str]
    tokens: list[str]


class AccountChanges:
    """Applies changes after which a person may do less than before.

    Each of `on_loss` is awaited with the id of a person within the transaction in which they lose
    rights, so that what they made with another feature ends on disk together with them.
    """

    def __init__(
        self, database: Database, users: Users, tokens: Tokens, revocations: Revocations
    ) -> None:
        self._database = database
        self._store = UserStore(database)
        self._stored_sessions = SessionStore(database)
        self._stored_tokens = TokenStore(database)
        self._resets = ResetStore(database)
        self._invites = InviteStore(database)
        self._users = users
        self._tokens = tokens
        self._revocations = revocations
        self.on_loss: list[OnLoss] = []

    async def change(
        self,
        user_id: str,
        fields: Mapping[str, object],
        *,
        ends_access: bool = False,
        loss: Loss | None = None,
    ) -> Changed:
        """Store `fields` of a user, and end on disk what they may no longer have.

        With `ends_access` nothing that proves who this person is stays good. Raises NotFound, and
        Conflict where no admin would be left.
        """

        async def change(within: Transaction) -> Changed:
            await self._store.guard_admins(within)
            before = await self._store.read(user_id, within)
            account = await self._store.change(user_id, fields, within)
            if not await self._store.has_admin(within):
                raise Conflict("This is the last admin. Make somebody else an admin first.")
            if ends_access:
                await self._end_access(user_id, within)
            if loss is not None and (loss != "demoted" or before.user.is_admin):
                for callback in self.on_loss:
                    await callback(user_id, loss, within)
            return await self._end_made(account, within)

        return await transact(self._database, change)

    async def disconnect(self, changed: Changed) -> None:
        """Close all connections of a person and of the bots they answered for."""
        # Connections first: they close even if the database goes away now.
        await self._revocations.publish(Revoked(user=changed.account.user.id))
        await self.disconnect_bots(changed)
        await self._users.changed(changed.account)

    async def disconnect_bots(self, changed: Changed) -> None:
        """Close the connections of bots that lost a token, or the admin who answers for them."""
        self._tokens.forget()
        for token in changed.tokens:
            await self._revocations.publish(Revoked(token=token))
        for bot in changed.bots if not changed.account.user.is_acting_admin else ():
            await self._revocations.publish(Revoked(user=bot))

    async def _end_access(self, user_id: str, within: Transaction) -> None:
        await self._stored_sessions.delete_of_user(user_id, within)
        await self._stored_tokens.delete_of_user(user_id, within)
        await self._resets.delete_of(user_id, within)

    async def _end_made(self, account: Account, within: Transaction) -> Changed:
        """End the links and bots' tokens that this person made as an admin."""
        user_id = account.user.id
        await self._resets.delete_by(user_id, within)
        await self._invites.delete_by(user_id, within)
        await self._stored_tokens.keep_within_role(user_id, within)
        return Changed(
            account=account,
            bots=await self._store.bots_of(user_id, within),
            tokens=await self._stored_tokens.delete_for_others(user_id, within),
        )
