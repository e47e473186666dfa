"""Pages from templates, each with the caller, its scripts' nonce and versioned static paths."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp_jinja2
import jinja2
from aiohttp import web

from app.times import rfc3339
from app.web.authentication import CALLER
from app.web.page_cache import PageCache
from app.web.static_files import StaticFiles

APP_NAME = "Parley"
UNSAFE_IN_HTML = {each: rb"\u%04x" % ord(each) for each in (b"<", b">", b"&")}
UNSAFE_IN_SCRIPTS = {"\u2028".encode(): rb"\u2028", "\u2029".encode(): rb"\u2029"}
PAGE_CACHE: web.AppKey[PageCache] = web.AppKey("page_cache", PageCache)
NONCE: web.RequestKey[str] = web.RequestKey("nonce", str)


def nonce(request: web.Request) -> str:
    """The nonce of this response's scripts, the same for its policy and its page."""
    if NONCE not in request:
        request[NONCE] = secrets.token_urlsafe(16)
    return request[NONCE]


def install_templates(
    application: web.Application,
    folder: Path,
    static_files: StaticFiles,
    shared: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Load templates from `folder`, escaping everything; read anew where the static files are.

    Every template may use what is in `shared`.
    """
    application[PAGE_CACHE] = PageCache(is_lasting=not static_files.is_reloading)
    environment = aiohttp_jinja2.setup(
        application,
        loader=jinja2.FileSystemLoader(folder),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=static_files.is_reloading,
    )
    environment.globals |= {"app_name": APP_NAME, "static": static_files.address, **shared}
    environment.filters |= {"rfc3339": rfc3339, "moment": moment}


def moment(value: datetime, time_zone: str) -> str:
    """A time for people, in their zone: `24 Nov 2025, 07:14`."""
    return value.astimezone(ZoneInfo(time_zone)).strftime("%-d %b %Y, %H:%M")


async def render(
    request: web.Request, template: str, *, status: int = 200, **context: Any
) -> web.Response:
    """The page of `template`; it may use `me`, `nonce`, `static(path)` and `app_name`."""
    found = request.get(CALLER)
    always = {"me": found.user if found else None, "nonce": nonce(request)}
    # Not its render_template: that turns a missing template into an HTTP error of its own.
    environment = request.app[aiohttp_jinja2.APP_KEY]
    text = environment.get_template(template).render(always | context)
    return web.Response(text=text, status=status, content_type="text/html")


async def render_cached(
    request: web.Request,
    template: str,
    holes: Mapping[str, bytes],
    *,
    status: int = 200,
    **context: str,
) -> web.Response:
    """Like `render`, for a page that is asked for again and again: only `holes`, which are put in
    as they are, differ between two of the same caller and `context`."""
    found = request.get(CALLER)
    me = found.user if found else None

    def whole(marks: Mapping[str, str]) -> str:
        environment = request.app[aiohttp_jinja2.APP_KEY]
        always = {"me": me, **context, **marks}
        return str(environment.get_template(template).render(always))

    key = (template, me, tuple(sorted(context.items())))
    cached = request.app[PAGE_CACHE].get(key, ("nonce", *holes), whole)
    body = cached.filled({"nonce": nonce(request).encode(), **holes})
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8")


def inert(json: bytes) -> bytes:
    """JSON that can stand in a script block: no character of it can end the block."""
    # Looking for one byte costs little of what looking for three does; few pages have it.
    unsafe = UNSAFE_IN_HTML | (UNSAFE_IN_SCRIPTS if b"\xe2" in json else {})
    for found, harmless in unsafe.items():
        json = json.replace(found, harmless)
    return json
