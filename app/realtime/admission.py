"""Admits new connections: checks origin, rate and space for one more before anything is kept."""

from functools import partial

from aiohttp import hdrs, web

from app.errors import Forbidden, Unavailable
from app.realtime.draining import Draining
from app.realtime.pool import Lease, Pool
from app.security.client_address import site_of
from app.security.origins import Origins
from app.security.rate_limiter import RateLimiter
from app.settings import Settings
from app.telemetry.metrics import Gauge
from app.web import request_info
from app.web.origin_check import note_foreign


class Admission:
    """The check that every transport makes before it begins; all share one pool."""

    def __init__(
        self, origins: Origins, limiter: RateLimiter, settings: Settings, draining: Draining
    ) -> None:
        self._origins = origins
        self._limiter = limiter
        self._settings = settings
        self._draining = draining
        self.pool = Pool(settings)
        self.is_stopping = False

    def gauges(self) -> list[Gauge]:
        """The figures on `/metrics`."""
        unsigned = "Open connections that nobody has signed in over."
        return [Gauge("unsigned_connections", unsigned, lambda: self.pool.unsigned)]

    def admit(self, request: web.Request) -> Lease:
        """Let a connection begin. Returns its lease, which is ended with it.

        Raises Forbidden, RateLimited, Unavailable.
        """
        self.check_origin(request)
        if self.is_stopping:
            raise Unavailable("The server is stopping; come back in a moment.", retry_after=1)
        if self._draining.is_draining:
            # Refused before a session exists: official clients try again, and the proxy leads them
            # to another node.
            raise Unavailable("This node takes no new connections; come again.", retry_after=1)
        site = site_of(request_info.address(request))
        self._limiter.hit("handshake", site, self._settings.connections_per_minute)
        return self.pool.enter(site, partial(cut_off, request))

    def check_origin(self, request: web.Request) -> None:
        """Raises Forbidden for a page of another origin that is not allowed."""
        origin = request.headers.get(hdrs.ORIGIN)
        if not self._origins.allows(origin, request.host, request_info.scheme(request)):
            note_foreign(request)
            raise Forbidden("This page may not connect here: its origin is not allowed.")


def cut_off(request: web.Request) -> None:
    """End a connection as if the network had, also under a writer that waits for its reader."""
    if request.transport is not None:
        request.transport.abort()
