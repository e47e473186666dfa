"""Renders pages from Jinja templates, with the caller, the scripts' nonce and static paths."""

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
    """The nonce of this response's scripts, for its page and its Content-Security-Policy."""
    if NONCE not in request:
        request[NONCE] = secrets.token_urlsafe(16)
    return request[NONCE]


def install_templates(
    application: web.Application,
    folder: Path,
    static_files: StaticFiles,
    shared: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Load templates from `folder`, with autoescaping; read again where the static files are.

    Every template may use the values in `shared`.
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
    """Format a time for people, in their zone: `24 Nov 2025, 07:14`."""
    return value.astimezone(ZoneInfo(time_zone)).strftime("%-d %b %Y, %H:%M")


async def render(
    request: web.Request, template: str, *, status: int = 200, **context: Any
) -> web.Response:
    """Render `template`, which may use `me`, `nonce`, `static(path)` and `app_name`."""
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
    """Like `render`, with the page cached by the caller and `context`.

    `holes` are put in at each response, unescaped.
    """
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
    """Escape JSON so that no character of it can end the script block it stands in."""
    # Most pages have no such byte, and looking for one is faster than for two sequences.
    unsafe = UNSAFE_IN_HTML | (UNSAFE_IN_SCRIPTS if b"\xe2" in json else {})
    for found, harmless in unsafe.items():
        json = json.replace(found, harmless)
    return json
