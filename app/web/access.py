"""One id and one log line per request."""

import re
import time
from collections.abc import Callable

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from structlog.contextvars import bound_contextvars

from app.ids import new_id
from app.web import visitor
from app.web.identity import CALLER

REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id", str)
HEADER = "X-Request-ID"

# Asked so often by machines that the log would hold little else.
QUIET = (
    "/static/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/socket.io/",
    "/api/analytics/events",
)

LIKE_A_CODE = re.compile("[^/]{20,}")

# Who is turned away from these is worth a line all the same.
REFUSALS = (401, 403)

log = structlog.get_logger("access")


def access_log(
    new_id: Callable[[], str] = new_id, clock: Callable[[], float] = time.perf_counter
) -> Middleware:
    """The middleware. Every log line within the request carries its id."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[REQUEST_ID] = new_id()
        began = clock()
        with bound_contextvars(request_id=request[REQUEST_ID]):
            try:
                response = await handler(request)
            except web.HTTPException as redirection:
                _note(request, redirection.status, clock() - began)
                raise
            _note(request, response.status, clock() - began)
            return response

    return middleware


async def add_request_id(request: web.Request, response: web.StreamResponse) -> None:
    """On every response (`on_response_prepare`), so that a person can quote it."""
    if REQUEST_ID in request:
        response.headers.setdefault(HEADER, request[REQUEST_ID])


def _note(request: web.Request, status: int, took_s: float) -> None:
    if status < 500 and status not in REFUSALS and request.path.startswith(QUIET):
        return
    caller = request.get(CALLER)
    log.info(
        "request",
        method=request.method,
        route=route(request),
        status=status,
        took_ms=round(took_s * 1000, 1),
        address=visitor.address(request),
        user=caller.user.id if caller else None,
    )


def route(request: web.Request) -> str:
    """The route's pattern: the address itself may hold the code of an invite, a reset link or a
    webhook. Where nothing is at an address it may be one of those, mistyped."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else LIKE_A_CODE.sub("…", request.path)[:200]
