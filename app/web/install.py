"""Puts the HTTP edge into an application; called once by the composition root."""

from pathlib import Path
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Middleware

from app.security.origin import Origins
from app.web import access, failures, patience, shield
from app.web.assets import Assets
from app.web.failures import Failed, Translate
from app.web.identity import Count, SessionLookup, TokenLookup, identify, uncounted
from app.web.pages import install_templates
from app.web.visitor import SETTINGS, VisitorSettings

ROOT = Path(__file__).resolve().parents[2]


class EdgeSettings(VisitorSettings, Protocol):
    """The part of the settings that is read here."""

    @property
    def preset(self) -> str: ...

    @property
    def analytics_anonymous(self) -> bool: ...


def unheard(_: str) -> None:
    """Nobody counts errors."""


def middlewares(
    sessions: SessionLookup,
    tokens: TokenLookup,
    origins: Origins,
    translate: Translate,
    failed: Failed,
    count: Count,
) -> list[Middleware]:
    """The middlewares, outermost first."""
    return [
        access.access_log(),
        failures.counted(failed),
        failures.failures(translate),
        shield.origin_check(origins),
        patience.body_in_time(),
        identify(sessions, tokens, count),
    ]


def install(
    application: web.Application,
    *,
    settings: EdgeSettings,
    sessions: SessionLookup,
    tokens: TokenLookup,
    origins: Origins,
    translate: Translate,
    failed: Failed = unheard,
    count: Count = uncounted,
    root: Path = ROOT,
) -> Assets:
    """Middlewares, headers, templates and static files. Give `client_max_size` to the application.

    `translate` is `app.storage.mongo.as_parley_error`; `failed` gets the code of each error that
    somebody is told of; `count` hears of each request and raises RateLimited; `root` holds
    `templates` and `static`.
    """
    assets = Assets(root / "static", reload=settings.preset == "development")
    application[SETTINGS] = settings
    application.middlewares.extend(middlewares(sessions, tokens, origins, translate, failed, count))
    for signal in (failures.note_start, shield.add_security_headers, access.add_request_id):
        application.on_response_prepare.append(signal)
    shared = {"counts_strangers": settings.analytics_anonymous}
    install_templates(application, root / "templates", assets, shared)
    application.add_routes(assets.routes())
    return assets
