"""Gives each request an id, and writes one log line about it."""

import time
from collections.abc import Callable, Iterable

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from structlog.contextvars import bind_contextvars, reset_contextvars

from app.ids import new_id
from app.web import request_info
from app.web.authentication import CALLER
from app.web.request_info import route
from app.web.routing import Route

REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id", str)
# The code of the error that the request was answered with.
CODE: web.RequestKey[str] = web.RequestKey("code", str)

# These are logged for every path.
REFUSALS = (401, 403, 413, 429)

log = structlog.get_logger("access")
security = structlog.get_logger("security")


def access_log(
    routes: Iterable[Route],
    new_id: Callable[[], str] = new_id,
    clock: Callable[[], float] = time.perf_counter,
) -> Middleware:
    """The middleware. Every log line within the request carries its id.

    A request to a path that begins like a quiet route's is logged only when it is refused.
    """
    quiet = tuple(each.path.partition("{")[0] for each in routes if each.is_quiet)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[REQUEST_ID] = new_id()
        began = clock()
        bound = bind_contextvars(request_id=request[REQUEST_ID])
        try:
            _note_forged(request)
            response = await handler(request)
        except web.HTTPException as redirection:
            _note(request, redirection.status, clock() - began, quiet)
            raise
        else:
            _note(request, response.status, clock() - began, quiet)
            return response
        finally:
            reset_contextvars(**bound)

    return middleware


def _note(request: web.Request, status: int, took_s: float, quiet: tuple[str, ...]) -> None:
    if status < 500 and status not in REFUSALS and request.path.startswith(quiet):
        return
    caller = request.get(CALLER)
    told = {"error": request[CODE]} if CODE in request else {}
    log.info(
        "request",
        method=request.method,
        route=route(request),
        status=status,
        took_ms=round(took_s * 1000, 1),
        address=request_info.address(request),
        user=caller.user.id if caller else None,
        **told,
    )


def _note_forged(request: web.Request) -> None:
    """Log an untrusted forwarded address: a forged one, or a proxy missing in the settings."""
    if request_info.is_forwarded_by_an_untrusted_peer(request):
        security.warning(
            "forwarded_ignored",
            error="untrusted_proxy",
            place=route(request),
            address=request_info.address(request),
        )
