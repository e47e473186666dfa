"""A person's standing on this server: admin or member, disabled, gone.

There is always an admin left, also when two admins demote each other at once.
"""

from collections.abc import Mapping

from app.accounts.invites import Invites
from app.accounts.models import Account, Revoked, Role, User
from app.accounts.revocations import Revocations
from app.accounts.sessions import Sessions
from app.accounts.store.links import ResetStore
from app.accounts.store.transaction import Transaction, transact
from app.accounts.store.users import UserStore
from app.accounts.tokens import Tokens
from app.accounts.users import Users
from app.errors import Conflict
from app.storage.mongo import Database


class Standing:
    """Changes what a person may do here, and ends at once what they may no longer."""

    def __init__(
        self,
        database: Database,
        users: Users,
        sessions: Sessions,
        tokens: Tokens,
        invites: Invites,
        revocations: Revocations,
    ) -> None:
        self._database = database
        self._store = UserStore(database)
        self._resets = ResetStore(database)
        self._users = users
        self._sessions = sessions
        self._tokens = tokens
        self._invites = invites
        self._revocations = revocations

    async def appoint(self, user_id: str, role: Role) -> User:
        """Make somebody an admin or a member; Conflict for the last admin, and for a bot."""
        if role == "admin" and (await self._users.get(user_id)).is_bot:
            raise Conflict("A bot can't be an admin: it can't sign in.")
        user = await self._users.changed(await self._change(user_id, {"role": role}))
        if role != "admin":
            await self._invites.withdraw_all(user_id)
        return user

    async def disable(self, user_id: str) -> User:
        """Shut an account: its connections, sessions, tokens and links end now."""
        account = await self._change(user_id, {"disabled": True})
        await self._end_all(account)
        return account.user

    async def enable(self, user_id: str) -> User:
        """Open a disabled account again; the person signs in anew."""
        return await self._users.change(user_id, {"disabled": False})

    async def delete(self, user_id: str) -> User:
        """Remove an account for good. Its messages stay under «former member».

        The username stays taken, so that nobody can appear as this person.
        """
        gone = {"deleted": True, "name": "", "password": None, "role": "member", "time_zone": "UTC"}
        account = await self._change(user_id, gone)
        await self._end_all(account)
        for hook in self._users.deleted:
            await hook(account.user)
        return account.user

    async def _change(self, user_id: str, fields: Mapping[str, object]) -> Account:
        async def change(within: Transaction) -> Account:
            await self._store.guard_admins(within)
            account = await self._store.change(user_id, fields, within)
            if not await self._store.has_admin(within):
                raise Conflict("This is the last admin. Make somebody else an admin first.")
            return account

        return await transact(self._database, change)

    async def _end_all(self, account: Account) -> None:
        # Connections first: they close even if the database goes away now.
        await self._revocations.publish(Revoked(user=account.user.id))
        await self._users.changed(account)
        await self._sessions.end_all(account.user.id)
        await self._tokens.drop_all(account.user.id)
        await self._resets.delete_of(account.user.id)
        await self._invites.withdraw_all(account.user.id)
