"""Makes people admins or members."""

from app.accounts.account_changes import AccountChanges, Loss
from app.accounts.models import Role, User
from app.accounts.users import Users
from app.errors import Conflict


class Roles:
    """Changes the roles of people."""

    def __init__(self, users: Users, account_changes: AccountChanges) -> None:
        self._users = users
        self._account_changes = account_changes

    async def appoint(self, user_id: str, role: Role) -> User:
        """Make somebody an admin or a member.

        The links and bots' tokens that they made as an admin end. Raises NotFound, and Conflict
        for the last admin and for a bot.
        """
        if role == "admin" and (await self._users.get(user_id)).is_bot:
            raise Conflict("A bot can't be an admin: it can't sign in.")
        loss: Loss | None = "demoted" if role == "member" else None
        changed = await self._account_changes.change(user_id, {"role": role}, loss=loss)
        await self._account_changes.disconnect_bots(changed)
        return await self._users.changed(changed.account)
