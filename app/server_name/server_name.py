"""The name that the admins gave this server; pages show it where they say whose server this is."""

from msgspec import Struct

from app import text_checks
from app.accounts.models import Caller
from app.accounts.rights import must_be_admin
from app.audit.trail import AuditTrail
from app.bus.bus import EVERY_NODE, Bus
from app.security.text_policy import Check
from app.server_name.store import ServerNameStore
from app.storage.mongo import Database
from app.web.server_title import SOFTWARE

NAME_CHARACTERS = 60


RENAMED = "server_renamed"


class Renamed(Struct, frozen=True):
    """A hint of another node: the server is called so now."""

    name: str


class ServerName:
    """Holds the name in memory. The bus tells what other nodes change, and `refresh` reads it."""

    def __init__(
        self, database: Database, audit: AuditTrail, check_content: Check, bus: Bus
    ) -> None:
        self._store = ServerNameStore(database)
        self._bus = bus
        bus.listen(RENAMED, Renamed, self._heard)
        self._audit = audit
        self._check_content = check_content
        self._chosen: str | None = None
        self._changes = 0

    @property
    def current(self) -> str:
        """The name that was chosen, or that of the software."""
        return self._chosen or SOFTWARE

    @property
    def is_chosen(self) -> bool:
        """Whether an admin has given the server a name."""
        return self._chosen is not None

    async def refresh(self) -> None:
        """Read the name from the database; a change that comes meanwhile is newer and stays."""
        changes = self._changes
        name = await self._store.name()
        if changes == self._changes:
            self._chosen = name

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
            self._change(made)
            self._bus.publish(EVERY_NODE, RENAMED, Renamed(made))
        return made

    def _heard(self, _topic: str, renamed: Renamed) -> None:
        self._change(renamed.name)

    def _change(self, name: str) -> None:
        self._chosen = name
        self._changes += 1
