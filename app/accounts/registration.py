"""Gives people without a session an account or a new password: by a link, or open registration.

Each way is audited, also when it is refused.
"""

from typing import Literal

from app.accounts.invites import Invites
from app.accounts.models import User
from app.accounts.password_changes import PasswordChanges
from app.accounts.setup import Setup
from app.accounts.sign_in_limits import Client
from app.accounts.users import Users
from app.audit.trail import AuditTrail
from app.errors import NotFound
from app.security.client_address import site_of
from app.security.rate_limiter import RateLimiter

# Open registration is for people: a home or an office makes a few accounts at once, not hundreds.
NEW_ACCOUNTS_PER_MINUTE = 10


class Registration:
    """Makes accounts by set-up, invite or open registration, and sets passwords by reset links."""

    def __init__(
        self,
        setup: Setup,
        invites: Invites,
        users: Users,
        password_changes: PasswordChanges,
        limiter: RateLimiter,
        registration: Literal["invite", "open"],
        audit: AuditTrail,
    ) -> None:
        self._setup = setup
        self._invites = invites
        self._users = users
        self._password_changes = password_changes
        self._limiter = limiter
        self._registration = registration
        self._audit = audit

    async def set_up(
        self, client: Client, code: str, username: str, password: str, name: str | None
    ) -> User:
        """Make the first admin. Raises NotFound for a bad code, Invalid, Conflict."""
        async with self._audit.action("set_up", client, username):
            return await self._setup.use(code, username, password, name)

    async def join(
        self, client: Client, code: str, username: str, password: str, name: str | None
    ) -> User:
        """Make an account through an invite. Raises NotFound for a bad code, Invalid, Conflict."""
        async with self._audit.action("account_made", client, username):
            return await self._invites.use(code, username, password, name)

    async def admit(self, client: Client) -> None:
        """Ask before a form is read. Raises NotFound while registration is closed, RateLimited."""
        async with self._audit.refusals("account_made", client):
            await self.must_be_open()
        site = site_of(client.address)
        self._limiter.hit("register", site, NEW_ACCOUNTS_PER_MINUTE)

    async def must_be_open(self) -> None:
        """Raises NotFound. Open registration begins after set-up, which makes the first admin."""
        if self._registration != "open" or not await self._users.exist():
            raise NotFound("This server takes new people by invite. Ask somebody who is in.")

    async def register(
        self, client: Client, username: str, password: str, name: str | None
    ) -> User:
        """Make an account after `admit`. Raises NotFound, Invalid, Conflict."""
        async with self._audit.action("account_made", client, username):
            await self.must_be_open()
            return await self._users.create(username, password, name)

    async def reset_password(self, client: Client, code: str, new: str) -> User:
        """Set a password through a link. Raises NotFound for a bad code, Invalid, Forbidden."""
        async with self._audit.action("password_reset", client) as action:
            action.about = (await self._password_changes.reset_owner(code)).id
            return await self._password_changes.reset(code, new)
