"""`/healthz`, `/readyz` and `/metrics`, for load balancers and monitoring."""

from aiohttp import web

from app.errors import Forbidden, Unavailable
from app.health.readiness import Readiness
from app.telemetry.metrics import CONTENT_TYPE, Metrics
from app.web import request_info
from app.web.route_helpers import caller
from app.web.routing import Route

SCOPE = "metrics:read"
# These answers are about this instant.
UNCACHED = {"Cache-Control": "no-store"}


class HealthRoutes:
    """Handlers; they need no database to answer that it is away."""

    def __init__(self, readiness: Readiness, metrics: Metrics) -> None:
        self._readiness = readiness
        self._metrics = metrics

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/healthz", self.alive, is_quiet=True),
            Route("GET", "/readyz", self.ready, is_quiet=True),
            Route("GET", "/metrics", self.metrics, is_quiet=True),
        ]

    async def alive(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n", headers=UNCACHED)

    async def ready(self, _: web.Request) -> web.Response:
        problem = await self._readiness.problem()
        if problem is not None:
            error = Unavailable(problem, retry_after=1)
            return web.json_response(
                {"error": error.as_error()}, status=error.status, headers=UNCACHED
            )
        return web.Response(text="ready\n", headers=UNCACHED)

    async def metrics(self, request: web.Request) -> web.Response:
        if not may_read_metrics(request):
            raise Forbidden(
                "The metrics are for admins and for programs on this machine; a token needs the "
                "scope metrics:read."
            )
        headers = {**UNCACHED, "Content-Type": CONTENT_TYPE}
        return web.Response(body=await self._metrics.page(), headers=headers)


def may_read_metrics(request: web.Request) -> bool:
    """Whether this is a program on this machine, an admin, or a bot with just this right.

    Raises Unauthenticated for anybody else without a session or token.
    """
    if request_info.is_this_machine(request):
        return True
    reader = caller(request)
    if reader.user.is_bot:
        return reader.holds(SCOPE)
    return reader.user.is_admin and reader.may(SCOPE)
