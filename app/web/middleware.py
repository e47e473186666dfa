"""The middlewares in their order, and `install`, which puts the HTTP edge into an application."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from aiohttp import web
from aiohttp.typedefs import Middleware

from app.security.origins import Origins
from app.settings import Settings
from app.web import (
    access_log,
    catalogue_scripts,
    compression,
    error_responses,
    origin_check,
    request_body,
    response_headers,
)
from app.web.authentication import Count, SessionLookup, TokenLookup, authenticate, uncounted
from app.web.error_responses import Failed, Translate
from app.web.request_info import SETTINGS
from app.web.routing import Route
from app.web.server_title import ServerTitle, software
from app.web.static_files import STATIC_FILES, StaticFiles
from app.web.templates import PreferenceLookup, install_templates

ROOT = Path(__file__).resolve().parents[2]


def unheard(_: str) -> None:
    """Count no errors: the default of `install`."""


def middlewares(
    sessions: SessionLookup,
    tokens: TokenLookup,
    origins: Origins,
    translate: Translate,
    failed: Failed,
    count: Count,
    routes: Iterable[Route],
) -> list[Middleware]:
    """The middlewares, outermost first."""
    return [
        access_log.access_log(routes),
        compression.compress(),
        error_responses.count_errors(failed),
        error_responses.answer_errors(translate),
        origin_check.origin_check(origins),
        request_body.body_in_time(),
        authenticate(sessions, tokens, count),
    ]


def install(
    application: web.Application,
    *,
    settings: Settings,
    sessions: SessionLookup,
    tokens: TokenLookup,
    origins: Origins,
    translate: Translate,
    failed: Failed = unheard,
    count: Count = uncounted,
    template_values: Mapping[str, object] = MappingProxyType({}),
    preferences: PreferenceLookup | None = None,
    title: ServerTitle = software,
    routes: Iterable[Route] = (),
    root: Path = ROOT,
) -> StaticFiles:
    """Add middlewares, headers, templates, `routes` and static files; returns the static files.

    `translate` turns the database's errors into ours (`app.storage.errors.as_parley_error`);
    `failed` is called with the code of each error that is answered; `count` with each request and
    its caller, and may raise RateLimited. Every template may use `template_values`, and
    `preferences` finds those of the caller; without it everybody has the defaults. `title`
    returns the name of the server. `root` holds `templates` and `static`. The application's
    `client_max_size` is not set here.
    """
    assets = StaticFiles(root / "static", reload=settings.preset == "development")
    application[SETTINGS] = settings
    application[STATIC_FILES] = assets
    served = [*catalogue_scripts.routes(), *assets.routes(), *routes]
    application.middlewares.extend(
        middlewares(sessions, tokens, origins, translate, failed, count, served)
    )
    for signal in (
        error_responses.note_start,
        response_headers.add_security_headers,
        response_headers.add_request_id,
    ):
        application.on_response_prepare.append(signal)
    install_templates(application, root / "templates", assets, template_values, preferences, title)
    application.add_routes(route.definition for route in served)
    return assets
