"""Accounts for programs: an admin makes them, and a token, shown once, is their only way in."""

from collections.abc import Collection

from app.accounts.models import User
from app.accounts.tokens import Tokens
from app.accounts.users import Users
from app.errors import Conflict, NotFound

LABEL = "bot"


class Bots:
    """Makes bots and their tokens. Standing and deletion are those of every account."""

    def __init__(self, users: Users, tokens: Tokens) -> None:
        self._users = users
        self._tokens = tokens

    async def make(
        self, username: str, name: str | None = None, scopes: Collection[str] | None = None
    ) -> tuple[User, str]:
        """A new bot and its first token. Without `scopes` it may all that a member may.

        Raises Invalid, and Conflict where the name is taken or there is no admin yet.
        """
        if not await self._users.exist():
            # The first account ends set-up, and nobody could sign in with this one.
            raise Conflict("Make an account for an admin first.")
        bot = await self._users.create_bot(username, name)
        return bot, await self._tokens.create(bot.id, scopes, LABEL)

    async def get(self, user_id: str) -> User:
        """The bot with this id; NotFound where there is none, or it is a person."""
        user = await self._users.get(user_id)
        if not user.is_bot or user.is_deleted:
            raise NotFound("There is no such bot.")
        return user

    async def new_token(self, bot: User) -> str:
        """One more token, as after a leak or for a second program."""
        if bot.is_disabled:
            raise Conflict("This bot is disabled. Enable it first.")
        return await self._tokens.create(bot.id, label=LABEL)
