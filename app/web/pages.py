"""Pages from templates, each with the caller, its scripts' nonce and versioned static paths."""

import re
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp_jinja2
import jinja2
from aiohttp import web

from app.times import rfc3339
from app.web.assets import Assets
from app.web.identity import CALLER

APP_NAME = "Parley"
UNSAFE_IN_HTML = re.compile("[<>&\u2028\u2029]")
NONCE: web.RequestKey[str] = web.RequestKey("nonce", str)


def nonce(request: web.Request) -> str:
    """The nonce of this response's scripts, the same for its policy and its page."""
    if NONCE not in request:
        request[NONCE] = secrets.token_urlsafe(16)
    return request[NONCE]


def install_templates(application: web.Application, folder: Path, assets: Assets) -> None:
    """Load templates from `folder`, escaping everything."""
    environment = aiohttp_jinja2.setup(
        application,
        loader=jinja2.FileSystemLoader(folder),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals |= {"app_name": APP_NAME, "static": assets.address}
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
    environment = request.config_dict[aiohttp_jinja2.APP_KEY]
    text = environment.get_template(template).render(always | context)
    return web.Response(text=text, status=status, content_type="text/html")


def inert(json_text: str) -> str:
    """JSON that can stand in a script block: no character of it can end the block."""
    return UNSAFE_IN_HTML.sub(lambda found: f"\\u{ord(found[0]):04x}", json_text)
