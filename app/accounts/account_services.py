"""Builds all services of accounts, for the server and for the command line."""

from app import times
from app.accounts.account_changes import AccountChanges
from app.accounts.administration import Administration
from app.accounts.bots import Bots
from app.accounts.disabling import Disabling
from app.accounts.invites import Invites
from app.accounts.own_account import OwnAccount
from app.accounts.password_changes import PasswordChanges
from app.accounts.passwords import Passwords
from app.accounts.personal_preferences import PeoplePreferences
from app.accounts.registration import Registration
from app.accounts.revocations import Revocations
from app.accounts.roles import Roles
from app.accounts.sessions import Sessions
from app.accounts.setup import Setup
from app.accounts.sign_in import SignIn
from app.accounts.tokens import Tokens
from app.accounts.users import Users
from app.audit.trail import AuditTrail
from app.bus.bus import Bus
from app.security.rate_limiter import RateLimiter
from app.settings import Settings
from app.storage.background import every
from app.storage.mongo import Database
from app.telemetry.tasks import Tasks
from app.times import Clock

# A process may die between changing a role and announcing it: then others notice after so long.
REFRESH_S = 60.0


class AccountServices:
    """The services by name. Call `start` once, and `stop` at the end."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        limiter: RateLimiter | None = None,
        passwords: Passwords | None = None,
        clock: Clock = times.now,
        audit: AuditTrail | None = None,
        bus: Bus | None = None,
    ) -> None:
        self.settings = settings
        audit = audit or AuditTrail(database)
        self._tasks = Tasks()
        self.limiter = limiter or RateLimiter()
        self.passwords = passwords or Passwords()
        self.revocations = Revocations(database, bus=bus)
        self.users = Users(database, self.passwords, self.revocations, clock=clock)
        self.preferences = PeoplePreferences(database, self.users, self.revocations)
        self.sessions = Sessions(database, self.users, self.revocations, settings, clock=clock)
        self.tokens = Tokens(database, self.users, self.revocations, settings, clock=clock)
        self.sign_in = SignIn(database, self.sessions, self.passwords, self.limiter, audit)
        self.password_changes = PasswordChanges(
            database, self.users, self.sessions, self.passwords, self.limiter, clock=clock
        )
        self.setup = Setup(database, self.users)
        self.invites = Invites(database, self.users, clock=clock)
        self.account_changes = AccountChanges(database, self.users, self.tokens, self.revocations)
        self.roles = Roles(self.users, self.account_changes)
        self.disabling = Disabling(self.users, self.account_changes)
        self.bots = Bots(database, self.users, self.tokens, self.disabling)
        self.registration = Registration(
            self.setup,
            self.invites,
            self.users,
            self.password_changes,
            self.limiter,
            settings.registration,
            audit,
        )
        self.own = OwnAccount(
            self.password_changes, self.sessions, self.tokens, self.disabling, audit
        )
        self.administration = Administration(
            self.users,
            self.roles,
            self.disabling,
            self.password_changes,
            self.sessions,
            self.tokens,
            self.invites,
            self.bots,
            self.revocations,
            audit,
        )

    async def start(self) -> None:
        """Listen to what other processes end and change."""
        await self.revocations.start()
        self._tasks.spawn(every(REFRESH_S, self.users.refresh, "users"), "users")

    async def stop(self) -> None:
        """End the listening and the hashing threads."""
        await self._tasks.close()
        await self.revocations.stop()
        self.passwords.close()
