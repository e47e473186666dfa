"""Who knocks: address and scheme of a request, and the cookie that carries a session."""

from typing import Protocol

from aiohttp import hdrs, web

from app.security.address import (
    PROXY_HEADERS,
    client_address,
    client_scheme,
    is_loopback,
    is_trusted,
)


class VisitorSettings(Protocol):
    """The part of the settings that is read here."""

    @property
    def trusted_proxies(self) -> tuple[str, ...]: ...

    @property
    def behind_tls(self) -> bool: ...

    @property
    def session_absolute_s(self) -> float: ...


SETTINGS: web.AppKey[VisitorSettings] = web.AppKey("visitor_settings", VisitorSettings)

COOKIE = "parley_session"
# The prefix makes browsers refuse such a cookie from a sibling domain or without TLS.
SECURE_COOKIE = "__Host-parley_session"


def address(request: web.Request) -> str:
    """The address of the client, told by a trusted proxy where there is one."""
    # A server of sockets alone has no settings, and trusts nobody.
    settings = request.app.get(SETTINGS)
    trusted = settings.trusted_proxies if settings is not None else ()
    return client_address(request.headers, _peer(request), trusted)


def is_this_machine(request: web.Request) -> bool:
    """Whether a program of this machine asks, and no proxy passed it on for somebody else."""
    return is_loopback(_peer(request)) and not any(
        name in request.headers for name in PROXY_HEADERS
    )


def claims_in_vain(request: web.Request) -> bool:
    """Whether it names an address that it comes from, and is none of our proxies."""
    if hdrs.X_FORWARDED_FOR not in request.headers:
        return False
    return not is_trusted(_peer(request), request.app[SETTINGS].trusted_proxies)


def scheme(request: web.Request) -> str:
    """`https` or `http`, as the browser sees it."""
    settings = request.app[SETTINGS]
    if settings.behind_tls:
        return "https"
    return client_scheme(request.headers, _peer(request), request.scheme, settings.trusted_proxies)


def agent(request: web.Request) -> str:
    """The browser's or program's name of itself, printable."""
    return "".join(c for c in request.headers.get("User-Agent", "") if c.isprintable())


def cookie_name(request: web.Request) -> str:
    """The name of the session's cookie for this request's scheme."""
    return SECURE_COOKIE if scheme(request) == "https" else COOKIE


def session_cookie(request: web.Request) -> str | None:
    """The session's cookie; over TLS only the one that can't be planted from elsewhere."""
    return request.cookies.get(cookie_name(request)) or None


def set_session_cookie(request: web.Request, response: web.StreamResponse, value: str) -> None:
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


def drop_session_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Take the session from the browser."""
    response.del_cookie(
        cookie_name(request),
        httponly=True,
        samesite="Lax",
        secure=scheme(request) == "https",
        path="/",
    )


def _peer(request: web.Request) -> str | None:
    return request.remote
