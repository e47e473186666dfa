"""Finds the caller of each request, by its bearer token (RFC 6750) or else its session cookie."""

from collections.abc import Callable
from typing import Protocol

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from msgspec.structs import replace

from app.accounts.models import Caller
from app.errors import Invalid, Unauthenticated
from app.web import request_info, session_cookie
from app.web.request_info import route

CALLER: web.RequestKey[Caller] = web.RequestKey("caller", Caller)

Count = Callable[[web.Request, Caller | None], None]

# Credentials in an address would end in the logs of proxies and in browsers' histories.
PROOFS = ("token", "access_token", "auth")

# These need no caller, or find it themselves, and must answer while the database is away.
EXEMPT = ("/static/", "/socket.io/", "/ws", "/api/events", "/healthz", "/readyz")

security = structlog.get_logger("security")


class SessionLookup(Protocol):
    """`app.accounts.sessions.Sessions`, as it is needed here."""

    async def resolve(self, cookie_value: str) -> Caller | None: ...


class TokenLookup(Protocol):
    """`app.accounts.tokens.Tokens`, as it is needed here."""

    async def resolve(self, token: str) -> Caller: ...


def bearer(request: web.Request) -> str | None:
    """The token of `Authorization: Bearer …`, or None."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def uncounted(_: web.Request, __: Caller | None) -> None:
    """Count nothing: the default of `authenticate`."""


def authenticate(
    sessions: SessionLookup, tokens: TokenLookup, count: Count = uncounted
) -> Middleware:
    """The middleware that sets CALLER. A bad token is refused, a bad cookie is ignored.

    `count` is called with each request and its caller, and may raise RateLimited.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        _must_hide_proofs(request)
        if not request.path.startswith(EXEMPT):
            try:
                found = await find_caller(request, sessions, tokens)
            except Unauthenticated:
                count(request, None)
                raise
            if found is not None:
                request[CALLER] = found
            count(request, found)
        return await handler(request)

    return middleware


def _must_hide_proofs(request: web.Request) -> None:
    if not request.query_string:
        return
    for name in PROOFS:
        if name in request.query:
            security.warning(
                "token_in_address",
                error=Invalid.code,
                place=route(request),
                address=request_info.address(request),
            )
            raise Invalid(
                "A token does not belong into an address, where logs keep it; send it as a header, "
                "or as the message that signs in.",
                field=name,
            )


async def find_caller(
    request: web.Request, sessions: SessionLookup, tokens: TokenLookup
) -> Caller | None:
    """The caller with the request's token or cookie, None without. Raises Unauthenticated."""
    token, cookie = bearer(request), session_cookie.read(request)
    if token is not None:
        found: Caller | None = await tokens.resolve(token)
    else:
        found = await sessions.resolve(cookie) if cookie else None
    return replace(found, address=request_info.address(request)) if found is not None else None


def caller(request: web.Request) -> Caller:
    """The caller of the request. Raises Unauthenticated without one."""
    found: Caller | None = request.get(CALLER)
    if found is None:
        raise Unauthenticated("Please sign in first.")
    return found
