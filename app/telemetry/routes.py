"""`/healthz`, `/readyz` and `/metrics`, for load balancers and monitoring."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from app.errors import Forbidden, Unavailable
from app.telemetry.health import Readiness
from app.telemetry.metrics import CONTENT_TYPE, Metrics

MayRead = Callable[[web.Request], Awaitable[bool]]

# These answers are about this instant.
UNCACHED = {"Cache-Control": "no-store"}


def routes(readiness: Readiness, metrics: Metrics, may_read_metrics: MayRead) -> list[web.RouteDef]:
    """The three routes; `may_read_metrics` decides who sees the figures."""

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="ok\n", headers=UNCACHED)

    async def ready(_: web.Request) -> web.Response:
        problem = await readiness.problem()
        if problem is not None:
            error = Unavailable(problem, retry_after=1)
            return web.json_response(
                {"error": error.as_error()}, status=error.status, headers=UNCACHED
            )
        return web.Response(text="ready\n", headers=UNCACHED)

    async def figures(request: web.Request) -> web.Response:
        if not await may_read_metrics(request):
            raise Forbidden(
                "The metrics are for admins and for programs on this machine; a token needs the "
                "scope metrics:read."
            )
        return web.Response(body=metrics.text(), headers={**UNCACHED, "Content-Type": CONTENT_TYPE})

    return [
        web.get("/healthz", alive),
        web.get("/readyz", ready),
        web.get("/metrics", figures),
    ]
