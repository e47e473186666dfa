"""The cookie that carries a session: read, set and removed here."""

from aiohttp import web

from app.web.request_info import SETTINGS, scheme

COOKIE = "parley_session"
# Browsers refuse a cookie with this prefix from a sibling domain or without TLS (RFC 6265bis).
SECURE_COOKIE = "__Host-parley_session"
NAMES = (COOKIE, SECURE_COOKIE)


def cookie_name(request: web.Request) -> str:
    """The name of the session's cookie for this request's scheme."""
    return SECURE_COOKIE if scheme(request) == "https" else COOKIE


def read(request: web.Request) -> str | None:
    """The value of the session cookie; over TLS only of the one with the prefix."""
    return request.cookies.get(cookie_name(request)) or None


def put(request: web.Request, response: web.StreamResponse, value: str) -> None:
    """Set the cookie of a session."""
    response.set_cookie(
        cookie_name(request),
        value,
        max_age=int(request.app[SETTINGS].session_absolute_s),
        httponly=True,
        samesite="Lax",
        secure=scheme(request) == "https",
        path="/",
    )


def remove(request: web.Request, response: web.StreamResponse) -> None:
    """Delete the cookie."""
    response.del_cookie(
        cookie_name(request),
        httponly=True,
        samesite="Lax",
        secure=scheme(request) == "https",
        path="/",
    )
