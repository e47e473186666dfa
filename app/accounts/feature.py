"""The face of accounts: people, and what proves who they are."""

from collections.abc import Mapping
from typing import ClassVar

from app.accounts import pages
from app.accounts.account_services import AccountServices
from app.accounts.after_restore import end_access
from app.accounts.invite_routes import InviteRoutes
from app.accounts.migrations import USER_SEARCH
from app.accounts.preference_routes import PreferenceRoutes
from app.accounts.routes import SessionApi
from app.accounts.shared_limiter import SharedLimiter
from app.accounts.store import INDEXES
from app.server.core import Core
from app.server.feature import Feature, Features
from app.storage.mongo import Database
from app.web.routing import Route


class Accounts(AccountServices, Feature):
    """The services of accounts by name: `accounts.users`, `accounts.sessions`, …"""

    name = "accounts"
    indexes = INDEXES
    migrations = (USER_SEARCH,)
    audited: ClassVar[Mapping[str, str]] = {
        "sign_in": "Signed in",
        "set_up": "Set this server up",
        "account_made": "Made an account",
        "password_reset": "Set a password by a link",
        "sign_out": "Signed out",
        "password_changed": "Changed their password",
        "session_ended": "Ended a session",
        "token_made": "Made a token",
        "token_revoked": "Revoked a token",
        "account_deleted": "Deleted an account",
        "account_disabled": "Disabled an account",
        "account_enabled": "Enabled an account",
        "role_changed": "Changed a role",
        "reset_link_made": "Made a link for a new password",
        "sessions_ended": "Ended all sessions of somebody",
        "invite_made": "Made an invite",
        "invite_withdrawn": "Withdrew an invite",
        "bot_made": "Made a bot",
        "bot_adopted": "Adopted a bot",
        "access_ended": "Ended all sessions, tokens and links",
    }
    setting_names = ("registration", "session_idle_s", "session_absolute_s")

    def __init__(self, core: Core, _: Features) -> None:
        AccountServices.__init__(
            self,
            core.database,
            core.settings,
            limiter=SharedLimiter(core.bus, core.monotonic),
            clock=core.clock,
            audit=core.audit,
            bus=core.bus,
        )

    def routes(self) -> list[Route]:
        return [
            *SessionApi(self).routes(),
            *PreferenceRoutes(self.preferences).routes(),
            *InviteRoutes(self.administration).routes(),
            *pages.routes(self),
        ]

    async def first_page(self) -> str:
        """Return the path to open first: with a one-time code while there is nobody to sign in."""
        code = await self.setup.code()
        return f"/setup?code={code}" if code else "/"

    @staticmethod
    async def after_restore(database: Database, prefix: str) -> None:
        await end_access(database, prefix)
