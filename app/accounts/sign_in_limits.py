"""How many attempts to sign in may fail: per name against one person's password, and per address
against everyone's. Successful ones don't count.
"""

import structlog
from msgspec import Struct

from app.accounts.secrets import fingerprint
from app.audit.actor import Actor
from app.errors import RateLimited
from app.security.client_address import site_of
from app.security.rate_limiter import RateLimiter

# Failures a minute.
PER_NAME = 10
PER_ADDRESS = 30

log = structlog.get_logger("security")


class Client(Struct, frozen=True, kw_only=True):
    """The browser or program that signs in; a new session takes the place of its `session`."""

    address: str
    agent: str = ""
    session: str | None = None

    @property
    def actor(self) -> Actor:
        return Actor(user=None, name=None, address=self.address)


class SignInLimits:
    """Counts attempts. Each method but `give_back` raises RateLimited."""

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter

    def must_be_free(self, client: Client) -> None:
        """Refuse an address that has failed too often, before its form is read."""
        try:
            self._limiter.must_be_free("sign-in address", site_of(client.address), PER_ADDRESS)
        except RateLimited as limited:
            raise _throttled(limited, client) from None

    def count(self, name: str, client: Client) -> None:
        """Count an attempt for the username `name`."""
        try:
            self._limiter.hit("sign-in address", site_of(client.address), PER_ADDRESS)
            self._limiter.hit("sign-in name", fingerprint(name), PER_NAME)
        except RateLimited as limited:
            raise _throttled(limited, client) from None

    def give_back(self, name: str, client: Client) -> None:
        """Take an attempt back that succeeded."""
        self._limiter.give_back("sign-in address", site_of(client.address), PER_ADDRESS)
        self._limiter.give_back("sign-in name", fingerprint(name), PER_NAME)


def _throttled(limited: RateLimited, client: Client) -> RateLimited:
    log.warning("sign_in_throttled", error=RateLimited.code, address=client.address)
    return RateLimited(
        f"Too many attempts to sign in. Try again in {limited.retry_after:.0f} seconds.",
        retry_after=limited.retry_after,
    )
