"""Limits requests and socket events of a person a minute, and of an address without a session.

The limits stop floods only. Messages, published and tracked events, and handshakes have limits of
their own and are not counted here.
"""

from collections.abc import Iterable
from typing import Protocol

from app.errors import RateLimited
from app.security.client_address import site_of
from app.security.rate_limiter import RateLimiter
from app.settings import Settings


class LimitedRoute(Protocol):
    """The part of a route (`app/web/routing.py`) that is read here."""

    @property
    def method(self) -> str: ...

    @property
    def path(self) -> str: ...

    @property
    def own_limit(self) -> str | None: ...


class RequestLimits:
    """Counts what one person or address asks for.

    `limiter` must not be shared with the sign-in limits: a flood from very many addresses pushes
    the oldest counters out of it.
    """

    def __init__(
        self,
        limiter: RateLimiter,
        settings: Settings,
        routes: Iterable[LimitedRoute] = (),
    ) -> None:
        self._limiter = limiter
        self._settings = settings
        self._own_limits = {(r.method, r.path): r.own_limit for r in routes if r.own_limit}

    def count_request(self, user_id: str | None, address: str, method: str, route: str) -> None:
        """Count a request. Raises RateLimited when it is one too many."""
        own_limit = self._own_limits.get((method, route))
        if own_limit == "everyone" or (user_id and own_limit == "person"):
            return
        if user_id:
            self._hit(user_id, self._settings.calls_per_minute)
        else:
            self._hit(site_of(address), self._settings.anonymous_calls_per_minute)

    def count_event(self, user_id: str) -> None:
        """Count an event of a socket. Raises RateLimited when it is one too many."""
        self._hit(user_id, self._settings.calls_per_minute)

    def _hit(self, key: str, per_minute: int) -> None:
        try:
            self._limiter.hit("call", key, per_minute)
        except RateLimited as limited:
            raise RateLimited(
                f"That is more than {per_minute:,} calls a minute. "
                f"Go on in {limited.retry_after:.0f} s.",
                retry_after=limited.retry_after,
            ) from None
