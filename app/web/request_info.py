"""The address, scheme, user agent and route of a request."""

import re

from aiohttp import hdrs, web

from app.security.client_address import (
    PROXY_HEADERS,
    client_address,
    client_scheme,
    is_loopback,
    is_trusted,
)
from app.settings import Settings

LIKE_A_CODE = re.compile("[^/]{20,}")

SETTINGS: web.AppKey[Settings] = web.AppKey("visitor_settings", Settings)


def address(request: web.Request) -> str:
    """The address of the client, as a trusted proxy forwards it."""
    # Without settings no proxy is trusted.
    settings = request.app.get(SETTINGS)
    trusted = settings.trusted_proxies if settings is not None else ()
    return client_address(request.headers, _peer(request), trusted)


def is_this_machine(request: web.Request) -> bool:
    """Whether a program of this machine asks for itself, not a proxy for somebody else."""
    return is_loopback(_peer(request)) and not any(
        name in request.headers for name in PROXY_HEADERS
    )


def is_forwarded_by_an_untrusted_peer(request: web.Request) -> bool:
    """Whether it has X-Forwarded-For and does not come from a trusted proxy."""
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
    """The User-Agent header, without characters that can't be printed."""
    return "".join(c for c in request.headers.get("User-Agent", "") if c.isprintable())


def _peer(request: web.Request) -> str | None:
    return request.remote


def route(request: web.Request) -> str:
    """The pattern of the request's route, such as `/join/{code}`.

    An address may hold the code of an invite, a reset link or a webhook, also where nothing is at
    it because it was mistyped: its long parts are replaced by `…` then.
    """
    resource = request.match_info.route.resource
    return resource.canonical if resource else LIKE_A_CODE.sub("…", request.path)[:200]
