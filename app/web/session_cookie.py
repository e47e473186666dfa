"""The cookie that carries a session: read, set and removed here."""

from aiohttp import web

from app.web.request_info import SETTINGS, scheme

COOKIE = "parley_session"
# The prefix makes browsers refuse such a cookie from a sibling domain or without TLS.
SECURE_COOKIE = "__Host-parley_session"
NAMES = (COOKIE, SECURE_COOKIE)


def cookie_name(request: web.Request) -> str:
    """The name of the session's cookie for this request's scheme."""
    return SECURE_COOKIE if scheme(request) == "https" else COOKIE


def read(request: web.Request) -> str | None:
    """The session's cookie; over TLS only the one that can't be planted from elsewhere."""
    return request.cookies.get(cookie_name(request)) or None


def put(request: web.Request, response: web.StreamResponse, value: str) -> None:
    """Hand the browser its session."""
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
    """Take the session from the browser."""
    response.del_cookie(
        cookie_name(request),
        httponly=True,
        samesite="Lax",
        secure=scheme(request) == "https",
        path="/",
    )
