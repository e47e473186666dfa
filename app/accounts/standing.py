"""A person's standing on this server: admin or member, disabled, gone.

There is always an admin left, also when two admins demote each other at once. What a person made
as an admin, and what proves who they are, ends in the same transaction as their standing: a
process that is killed in between leaves no link behind that would be good again later.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from msgspec import Struct

from app.accounts.models import Account, Revoked, Role, User
from app.accounts.revocations import Revocations
from app.accounts.store.links import InviteStore, ResetStore
from app.accounts.store.sessions import SessionStore
from app.accounts.store.tokens import TokenStore
from app.accounts.store.transaction import Transaction, transact
from app.accounts.store.users import UserStore
from app.accounts.tokens import Tokens
from app.accounts.users import Users
from app.errors import Conflict
from app.storage.mongo import Database

Loss = Literal["demoted", "disabled", "deleted"]
OnLoss = Callable[[str, Loss, Transaction], Awaitable[None]]


class Changed(Struct, frozen=True, kw_only=True):
    """An account whose standing changed, the bots that it answered for, and the tokens of bots
    that it made and that have ended."""

    account: Account
    bots: list[str]
    tokens: list[str]


class Standing:
    """Changes what a person may do here, and ends at once what they may no longer.

    Each of `on_loss` is awaited with the id of a person within the transaction in which they lose
    rights, so that what they made with another feature ends on disk together with them.
    """

    def __init__(
        self,
        database: Database,
        users: Users,
        tokens: Tokens,
        revocations: Revocations,
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

    async def appoint(self, user_id: str, role: Role) -> User:
        """Make somebody an admin or a member; Conflict for the last admin, and for a bot.

        The links and bots' tokens that they made as an admin end.
        """
        if role == "admin" and (await self._users.get(user_id)).is_bot:
            raise Conflict("A bot can't be an admin: it can't sign in.")
        changed = await self._change(
            user_id, {"role": role}, loss="demoted" if role == "member" else None
        )
        await self._end_bots(changed)
        return await self._users.changed(changed.account)

    async def disable(self, user_id: str) -> User:
        """Shut an account: its connections, sessions, tokens and links end now."""
        changed = await self._change(user_id, {"disabled": True}, is_shut=True, loss="disabled")
        await self._end_all(changed)
        return changed.account.user

    async def enable(self, user_id: str) -> User:
        """Open a disabled account again; the person signs in anew."""
        changed = await self._change(user_id, {"disabled": False}, is_shut=True)
        return await self._users.changed(changed.account)

    async def delete(self, user_id: str) -> User:
        """Remove an account for good. Its messages stay under «former member».

        The username stays taken, so that nobody can appear as this person.
        """
        gone = {"deleted": True, "name": "", "password": None, "role": "member", "time_zone": "UTC"}
        changed = await self._change(user_id, gone, is_shut=True, loss="deleted")
        await self._end_all(changed)
        for hook in self._users.deleted:
            await hook(changed.account.user)
        return changed.account.user

    async def adopt(self, bot_id: str, by: User) -> User:
        """Let the admin `by` answer for a bot from now on. Raises Forbidden where they are none."""

        async def change(within: Transaction) -> Account:
            await self._users.must_act(by.id, within)
            return await self._store.change(bot_id, {"by": by.id}, within)

        return await self._users.changed(await transact(self._database, change))

    async def _change(
        self,
        user_id: str,
        fields: Mapping[str, object],
        *,
        is_shut: bool = False,
        loss: Loss | None = None,
    ) -> Changed:
        """`is_shut`: nothing that proves who this person is stays good."""

        async def change(within: Transaction) -> Changed:
            await self._store.guard_admins(within)
            before = await self._store.read(user_id, within)
            account = await self._store.change(user_id, fields, within)
            if not await self._store.has_admin(within):
                raise Conflict("This is the last admin. Make somebody else an admin first.")
            if is_shut:
                await self._end_proofs(user_id, within)
            if loss is not None and (loss != "demoted" or before.user.is_admin):
                for callback in self.on_loss:
                    await callback(user_id, loss, within)
            return await self._end_made(account, within)

        return await transact(self._database, change)

    async def _end_proofs(self, user_id: str, within: Transaction) -> None:
        await self._stored_sessions.delete_of_user(user_id, within)
        await self._stored_tokens.delete_of_user(user_id, within)
        await self._resets.delete_of(user_id, within)

    async def _end_made(self, account: Account, within: Transaction) -> Changed:
        """End what this person made as an admin. Somebody who was none has nothing of it."""
        user_id = account.user.id
        await self._resets.delete_by(user_id, within)
        await self._invites.delete_by(user_id, within)
        await self._stored_tokens.keep_within_role(user_id, within)
        return Changed(
            account=account,
            bots=await self._store.bots_of(user_id, within),
            tokens=await self._stored_tokens.delete_for_others(user_id, within),
        )

    async def _end_all(self, changed: Changed) -> None:
        # Connections first: they close even if the database goes away now.
        await self._revocations.publish(Revoked(user=changed.account.user.id))
        await self._end_bots(changed)
        await self._users.changed(changed.account)

    async def _end_bots(self, changed: Changed) -> None:
        self._tokens.forget()
        for token in changed.tokens:
            await self._revocations.publish(Revoked(token=token))
        for bot in changed.bots if not changed.account.user.is_acting_admin else ():
            await self._revocations.publish(Revoked(user=bot))
