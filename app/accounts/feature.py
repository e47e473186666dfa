"""The face of accounts: people, and what proves who they are."""

from app.accounts import pages, routes
from app.accounts.administration import AUDITED as ADMINISTRATION
from app.accounts.after_restore import end_access
from app.accounts.own_account import AUDITED as OWN_ACCOUNT
from app.accounts.registration import AUDITED as REGISTRATION
from app.accounts.service import Accounts as AccountServices
from app.accounts.sign_in import AUDITED as SIGN_IN
from app.accounts.store import INDEXES
from app.server.core import Core
from app.server.feature import Feature, Features
from app.storage.mongo import Database
from app.web.routing import Route


class Accounts(AccountServices, Feature):
    """The services of accounts by name: `accounts.users`, `accounts.sessions`, …"""

    name = "accounts"
    indexes = INDEXES
    audited = (*ADMINISTRATION, *REGISTRATION, *OWN_ACCOUNT, *SIGN_IN)
    setting_names = ("registration", "session_idle_s", "session_absolute_s")

    def __init__(self, core: Core, _: Features) -> None:
        AccountServices.__init__(
            self,
            core.database,
            core.settings,
            limiter=core.limits,
            clock=core.clock,
            audit=core.audit,
        )

    def routes(self) -> list[Route]:
        return [*routes.routes(self), *pages.routes(self)]

    @staticmethod
    async def after_restore(database: Database, prefix: str) -> None:
        await end_access(database, prefix)
