"""Disables, enables and deletes accounts."""

from app.accounts.account_changes import AccountChanges
from app.accounts.models import User
from app.accounts.users import Users


class Disabling:
    """Closes accounts for a time or for good. Raises NotFound without one, and Conflict for the
    last admin."""

    def __init__(self, users: Users, account_changes: AccountChanges) -> None:
        self._users = users
        self._account_changes = account_changes

    async def disable(self, user_id: str) -> User:
        """Close an account: its connections, sessions, tokens and links end now."""
        changed = await self._account_changes.change(
            user_id, {"disabled": True}, ends_access=True, loss="disabled"
        )
        await self._account_changes.disconnect(changed)
        return changed.account.user

    async def enable(self, user_id: str) -> User:
        """Open a disabled account again; the person has to sign in again."""
        changed = await self._account_changes.change(user_id, {"disabled": False}, ends_access=True)
        return await self._users.changed(changed.account)

    async def delete(self, user_id: str) -> User:
        """Remove an account for good. Its messages stay under «former member».

        The username stays taken, so that nobody can appear as this person.
        """
        gone = {"deleted": True, "name": "", "password": None, "role": "member", "time_zone": ""}
        changed = await self._account_changes.change(
            user_id, gone, ends_access=True, loss="deleted"
        )
        await self._account_changes.disconnect(changed)
        for hook in self._users.deleted:
            await hook(changed.account.user)
        return changed.account.user
