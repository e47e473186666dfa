"""Renders pages from Jinja templates, in the person's language.

Templates may use the caller (`me`), the scripts' nonce and the addresses of static files.
"""

import asyncio
import secrets
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import jinja2
import msgspec
from aiohttp import hdrs, web

from app.accounts.models import User
from app.accounts.preference_table import DEFAULTS, PersonalPreferences
from app.times import rfc3339
from app.web.authentication import CALLER
from app.web.catalogues import Catalogue, catalogue
from app.web.languages import LANGUAGES, negotiated
from app.web.locale_formats import LocaleFormats, in_order
from app.web.page_cache import PageCache
from app.web.server_title import SERVER_TITLE, SOFTWARE, ServerTitle, server_title, software
from app.web.static_files import StaticFiles

UNSAFE_IN_HTML = {each: rb"\u%04x" % ord(each) for each in (b"<", b">", b"&")}
UNSAFE_IN_SCRIPTS = {"\u2028".encode(): rb"\u2028", "\u2029".encode(): rb"\u2029"}
# Pages are in the language that the browser asks for.
VARY = {hdrs.VARY: hdrs.ACCEPT_LANGUAGE}
PAGE_CACHE: web.AppKey[PageCache] = web.AppKey("page_cache", PageCache)
NONCE: web.RequestKey[str] = web.RequestKey("nonce", str)
SERVER_ERROR = 500


class PreferenceLookup(Protocol):
    """`app.accounts.personal_preferences.PeoplePreferences`, as it is needed here."""

    def known(self, user: User) -> PersonalPreferences: ...

    async def of(self, user: User) -> PersonalPreferences: ...


class NoPreferences:
    """Everybody has the defaults."""

    def known(self, _: User) -> PersonalPreferences:
        return DEFAULTS

    async def of(self, _: User) -> PersonalPreferences:
        return DEFAULTS


PREFERENCES: web.AppKey[PreferenceLookup] = web.AppKey("preferences", PreferenceLookup)


def nonce(request: web.Request) -> str:
    """The nonce of this response's scripts, for its page and its Content-Security-Policy."""
    if NONCE not in request:
        request[NONCE] = secrets.token_urlsafe(16)
    return request[NONCE]


class Templates:
    """The templates of a folder, compiled for each language, since macros keep their texts."""

    def __init__(
        self, folder: Path, shared: Mapping[str, object], *, is_reloading: bool = False
    ) -> None:
        self._loader = jinja2.FileSystemLoader(folder)
        self._shared = shared
        self._is_reloading = is_reloading
        self._environments: dict[str, tuple[Catalogue, jinja2.Environment]] = {}

    async def of(self, language: str) -> jinja2.Environment:
        """Autoescaping, with `_`, `ngettext` and `{% trans %}` of this language."""
        held = self._environments.get(language)
        if held is not None and not self._is_reloading:
            return held[1]
        # In a thread: a catalogue takes its time when it is read first.
        texts = await asyncio.to_thread(catalogue, language)
        if held is None or held[0] is not texts:
            held = self._environments[language] = (texts, self._environment(texts))
        return held[1]

    def _environment(self, texts: Catalogue) -> jinja2.Environment:
        environment = jinja2.Environment(
            loader=self._loader,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
            auto_reload=self._is_reloading,
            extensions=["jinja2.ext.i18n"],
        )
        environment.policies["ext.i18n.trimmed"] = True
        # The extension adds this method.
        environment.install_gettext_callables(  # type: ignore[attr-defined]
            texts.gettext, texts.ngettext, newstyle=True
        )
        formats = LocaleFormats(texts.language)
        environment.globals |= {
            "software": SOFTWARE,
            "language": texts.language,
            "catalogue_digest": texts.digest,
            **self._shared,
        }
        environment.filters |= {
            "rfc3339": rfc3339,
            "moment": formats.moment_of,
            "number": formats.number,
            "sentence": texts.sentence,
            "in_order": in_order,
            "upper_first": upper_first,
        }
        return environment


TEMPLATES: web.AppKey[Templates] = web.AppKey("templates", Templates)


def install_templates(
    application: web.Application,
    folder: Path,
    static_files: StaticFiles,
    shared: Mapping[str, object] = MappingProxyType({}),
    preferences: PreferenceLookup | None = None,
    title: ServerTitle = software,
) -> None:
    """Load templates from `folder`, with autoescaping; read again where the static files are.

    Every template may use the values in `shared`. `title` returns the present name of the server.
    """
    application[SERVER_TITLE] = title
    application[PREFERENCES] = preferences or NoPreferences()
    application[PAGE_CACHE] = PageCache(is_lasting=not static_files.is_reloading)
    application[TEMPLATES] = Templates(
        folder,
        {"static": static_files.address, "bundle": static_files.bundle, **shared},
        is_reloading=static_files.is_reloading,
    )


def language(request: web.Request, chosen: str = "auto") -> str:
    """The language of the caller's pages: the one they have `chosen`, or else their browser's."""
    if chosen in LANGUAGES:
        return chosen
    return negotiated(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))


async def callers_language(request: web.Request) -> str:
    """The language that the caller has chosen, or else the one of their browser."""
    preferences = await _preferences(request, _me(request), 200)
    return language(request, preferences.language)


async def render(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    chosen_language: str = "",
    **context: Any,
) -> web.Response:
    """Render `template`, in the `chosen_language` if there is such a one, else in the caller's.

    It may use `me`, `preferences` (also as JSON), `look`, `nonce`, `static(path)`, `app_name` (the
    name of the server), `software` and `here`, the path of the page.
    """
    me = _me(request)
    preferences = await _preferences(request, me, status)
    always = {
        "me": me,
        "preferences": preferences,
        "preferences_json": inert(msgspec.json.encode(preferences)).decode(),
        "look": preferences.look,
        "nonce": nonce(request),
        "here": request.path,
        "app_name": server_title(request),
    }
    written_in = language(request, chosen_language or preferences.language)
    environment = await request.app[TEMPLATES].of(written_in)
    text = environment.get_template(template).render(always | context)
    return web.Response(text=text, status=status, content_type="text/html", headers=VARY)


async def render_cached(
    request: web.Request,
    template: str,
    holes: Mapping[str, bytes],
    *,
    status: int = 200,
    **context: str,
) -> web.Response:
    """Like `render`, with the page cached by the server's name, the caller, the language, the look
    and `context`.

    `holes` are put in at each response, unescaped. Of `preferences` there is only the JSON.
    """
    me = _me(request)
    preferences = await _preferences(request, me, status)
    look, written_in = preferences.look, language(request, preferences.language)
    title = server_title(request)
    holes = {**holes, "preferences_json": inert(msgspec.json.encode(preferences))}
    environment = await request.app[TEMPLATES].of(written_in)

    def whole(marks: Mapping[str, str]) -> str:
        always = {"me": me, "look": look, "app_name": title, **context, **marks}
        return str(environment.get_template(template).render(always))

    key = (template, title, written_in, me, look, tuple(sorted(context.items())))
    cached = request.app[PAGE_CACHE].get(key, ("nonce", *holes), whole)
    body = cached.filled({"nonce": nonce(request).encode(), **holes})
    return web.Response(
        body=body, status=status, content_type="text/html", charset="utf-8", headers=VARY
    )


def upper_first(text: str) -> str:
    """The text with a capital first letter; the others stay, as German nouns want it."""
    return text[:1].upper() + text[1:]


def _me(request: web.Request) -> User | None:
    found = request.get(CALLER)
    return found.user if found else None


async def _preferences(request: web.Request, me: User | None, status: int) -> PersonalPreferences:
    if me is None:
        return DEFAULTS
    lookup = request.app[PREFERENCES]
    # A page that says that the database is away must not ask it.
    return lookup.known(me) if status >= SERVER_ERROR else await lookup.of(me)


def inert(json: bytes) -> bytes:
    """Escape JSON so that no character of it can end the script block it stands in."""
    # Most pages have no such byte, and looking for one is faster than for two sequences.
    unsafe = UNSAFE_IN_HTML | (UNSAFE_IN_SCRIPTS if b"\xe2" in json else {})
    for found, harmless in unsafe.items():
        json = json.replace(found, harmless)
    return json
