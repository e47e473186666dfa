"""Accounts of programs. A token, which is shown once, is their only way to sign in."""

from collections.abc import Collection, Iterable

from app.accounts.disabling import Disabling
from app.accounts.models import Account, User
from app.accounts.store.users import UserStore
from app.accounts.tokens import Tokens
from app.accounts.users import Users
from app.errors import Conflict, NotFound
from app.storage.mongo import Database
from app.storage.transactions import Transaction, transact

LABEL = "bot"


class Bots:
    """Makes, adopts and deletes bots, and makes their tokens.

    An admin answers for each bot, or the command line for those that were made with it. A bot
    whose admin loses the role stops working until another admin adopts or deletes it.
    """

    def __init__(
        self, database: Database, users: Users, tokens: Tokens, disabling: Disabling
    ) -> None:
        self._database = database
        self._store = UserStore(database)
        self._users = users
        self._tokens = tokens
        self._disabling = disabling

    async def make(
        self,
        username: str,
        name: str | None = None,
        scopes: Collection[str] | None = None,
        *,
        by: User | None = None,
    ) -> tuple[User, str]:
        """Make a bot and its first token, for the admin `by` or the command line (None).

        Without `scopes` it may do all that a member may. Raises Invalid, Forbidden where `by` is
        no admin any more, and Conflict where the name is taken or set-up is not over.
        """
        if not await self._users.exist():
            # The first account ends set-up, and a bot can't sign in to the pages.
            raise Conflict("Make an account for an admin first.")
        maker = by.id if by else None
        bot = await self._users.create_bot(username, name, by=maker)
        return bot, await self._tokens.create(bot.id, scopes, LABEL, by=maker)

    async def get(self, user_id: str) -> User:
        """The bot with this id. Raises NotFound, also for a person's id."""
        user = await self._users.get(user_id)
        if not user.is_bot or user.is_deleted:
            raise NotFound("There is no such bot.")
        return user

    async def new_token(self, bot: User, by: User | None = None) -> str:
        """Make one more token. Raises Conflict where the bot is disabled or needs an admin."""
        if bot.is_disabled:
            raise Conflict("This bot is disabled. Enable it first.")
        if await self.is_waiting(bot):
            raise Conflict("No admin answers for this bot. Adopt it first.")
        return await self._tokens.create(bot.id, label=LABEL, by=by.id if by else None)

    async def is_waiting(self, user: User) -> bool:
        """Whether this is a bot that is stopped because its admin lost the role."""
        return user.is_bot and not await self._users.may_act(user.made_by)

    async def waiting(self, users: Iterable[User]) -> set[str]:
        """The ids of the bots among `users` that wait for an admin to adopt them."""
        return {user.id for user in users if await self.is_waiting(user)}

    async def adopt(self, bot: User, by: User) -> None:
        """Let the admin `by` answer for a bot that waits; its tokens are good again.

        Raises Conflict where it doesn't wait, and Forbidden where `by` is no admin any more.
        """
        if not await self.is_waiting(bot):
            raise Conflict("This bot already has an admin.")

        async def change(within: Transaction) -> Account:
            await self._users.must_act(by.id, within)
            return await self._store.change(bot.id, {"by": by.id}, within)

        await self._users.changed(await transact(self._database, change))

    async def delete(self, bot: User) -> None:
        """Remove it for good. Its messages stay under «former member»."""
        await self._disabling.delete(bot.id)
