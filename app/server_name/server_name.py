"""The name that the admins gave this server; pages show it where they say whose server this is."""

from app import text_checks
from app.accounts.models import Caller
from app.accounts.rights import must_be_admin
from app.audit.trail import AuditTrail
from app.security.text_policy import Check
from app.server_name.store import ServerNameStore
from app.storage.mongo import Database
from app.web.server_title import SOFTWARE

NAME_CHARACTERS = 60


class ServerName:
    """Holds the name in memory. `refresh` reads what other nodes have changed."""

    def __init__(self, database: Database, audit: AuditTrail, check_content: Check) -> None:
        self._store = ServerNameStore(database)
        self._audit = audit
        self._check_content = check_content
        self._chosen: str | None = None

    @property
    def current(self) -> str:
        """The name that was chosen, or that of the software."""
        return self._chosen or SOFTWARE

    @property
    def is_chosen(self) -> bool:
        """Whether an admin has given the server a name."""
        return self._chosen is not None

    async def refresh(self) -> None:
        """Read the name from the database."""
        self._chosen = await self._store.name()

    async def rename(self, by: Caller, name: str) -> str:
        """Store a name of 1 to 60 characters on one line, and return it as it is shown.

        Raises Invalid, and Unauthenticated or Forbidden unless an admin who signed in asks.
        """
        async with self._audit.action("server_renamed", by) as action:
            must_be_admin(by)
            made = text_checks.name(name, "name", NAME_CHARACTERS)
            self._check_content(made, "name")
            action.about = made
            await self._store.rename(made)
            self._chosen = made
        return made
