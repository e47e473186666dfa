"""Refuses requests that pages of other sites send in a person's name (CSRF)."""

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from app.errors import Forbidden
from app.security.origins import Origins
from app.web import request_info, session_cookie
from app.web.request_info import route

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# What a page of another site can send without asking first; JSON it can't.
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
# Set by the browser itself: the request began at our own page, or was typed.
OWN_SITES = frozenset({"same-origin", "none"})

log = structlog.get_logger("security")


def origin_check(origins: Origins) -> Middleware:
    """The middleware: unsafe requests with a session's cookie, and all forms, are from our pages.

    A request that names neither Origin nor Sec-Fetch-Site is a program's.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if _needs_check(request) and not _is_from_here(request, origins):
            note_foreign(request)
            raise Forbidden("This request came from another site, so it was refused.")
        return await handler(request)

    return middleware


def note_foreign(request: web.Request) -> None:
    """Keep in the log that a request, or a handshake, came from another site and was refused."""
    log.warning(
        "origin_refused",
        error=Forbidden.code,
        place=route(request),
        origin=request.headers.get(hdrs.ORIGIN, "")[:200],
        method=request.method,
        address=request_info.address(request),
    )


def _needs_check(request: web.Request) -> bool:
    if request.method in SAFE:
        return False
    has_cookie = any(
        name in request.cookies for name in (session_cookie.COOKIE, session_cookie.SECURE_COOKIE)
    )
    return has_cookie or (hdrs.CONTENT_TYPE in request.headers and request.content_type in FORMS)


def _is_from_here(request: web.Request, origins: Origins) -> bool:
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None:
        return origins.allows(origin, request.host, request_info.scheme(request))
    return request.headers.get("Sec-Fetch-Site", "none").lower() in OWN_SITES
