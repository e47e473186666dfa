"""Makes the first admin, with a one-time code that the server prints at its start."""

from app.accounts.models import User
from app.accounts.secrets import Mint, fingerprint, mint
from app.accounts.store.one_time_codes import SetupStore
from app.accounts.store.users import UserStore
from app.accounts.users import Users
from app.errors import NotFound
from app.storage.mongo import Database
from app.storage.transactions import Transaction


class Setup:
    """Open until the first user exists, also one made on the command line."""

    def __init__(self, database: Database, users: Users, *, mint: Mint = mint) -> None:
        self._store = SetupStore(database)
        self._people = UserStore(database)
        self._users = users
        self._mint = mint

    async def code(self) -> str | None:
        """A new code for `/setup?code=…`, or None when set-up is over. Earlier ones stay good."""
        if await self._users.exist():
            return None
        code = self._mint()
        await self._store.add(fingerprint(code))
        return code

    async def check(self, code: str) -> None:
        """Raise NotFound unless this code can still make the first admin."""
        if not await self._store.holds(fingerprint(code)) or await self._users.exist():
            raise _closed()

    async def use(self, code: str, username: str, password: str, name: str | None = None) -> User:
        """Make the first admin. Raises NotFound as `check`, else as `Users.create`."""
        await self.check(code)

        async def claim(within: Transaction) -> None:
            # One document holds all codes: of two uses at once the second finds it gone.
            if not await self._store.spend(fingerprint(code), within):
                raise _closed()
            if await self._people.exist(within):
                raise _closed()

        return await self._users.create(username, password, name, "admin", claim=claim)


def _closed() -> NotFound:
    return NotFound(
        "This set-up address isn't valid. Open the one that the server printed at its last start, "
        "or sign in if there are accounts already."
    )
