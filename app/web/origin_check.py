"""Refuses requests that pages of other sites send in a person's name (CSRF)."""

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from app.errors import Forbidden
from app.security.origins import Origins
from app.web import request_info, session_cookie
from app.web.request_info import route

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# A page of another site can send these without a preflight request; JSON it can't (Fetch, CORS).
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
# Values of Sec-Fetch-Site (W3C Fetch Metadata): the request began at our page, or was typed.
OWN_SITES = frozenset({"same-origin", "none"})

log = structlog.get_logger("security")


def origin_check(origins: Origins) -> Middleware:
    """The middleware: refuses unsafe requests with a session cookie, and forms, of other sites.

    A request with neither Origin nor Sec-Fetch-Site is a program's, and passes.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if _needs_check(request) and not _is_from_here(request, origins):
            note_foreign(request)
            raise Forbidden("This request came from another site, so it was refused.")
        return await handler(request)

    return middleware


def note_foreign(request: web.Request) -> None:
    """Log that a request or a handshake was refused because it came from another site."""
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
