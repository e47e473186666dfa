"""Web Push over HTTP: the public key, the caller's browsers, the service worker."""

import asyncio
from collections.abc import Callable

from aiohttp import hdrs, web
from msgspec import json

from app.notifications.push.models import Subscribe, Unsubscribe
from app.notifications.push.subscriptions import Subscriptions
from app.notifications.push.vapid_key import VapidKeys
from app.notifications.routes import reader
from app.notifications.titles import TITLES
from app.translation_marks import N_
from app.web import request_info
from app.web.catalogues import Catalogue, catalogue, in_script, pattern_of
from app.web.route_helpers import caller, decode, reply
from app.web.routing import Route
from app.web.server_title import server_title
from app.web.static_files import STATIC_FILES
from app.web.templates import callers_language

WORKER = "js/notifications/push_worker.js"
# One registration covers all pages, so that its other part is in the same script.
OFFLINE_WORKER = "js/core/offline_worker.js"
WORKER_TEXTS = (N_("There is something new."),)

# The worker is a single file and only connects to this server.
WORKER_POLICY = "; ".join(
    (
        "default-src 'none'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)


class PushRoutes:
    """`limit_subscribing` raises RateLimited for a user id that subscribes too often."""

    def __init__(
        self,
        keys: VapidKeys,
        subscriptions: Subscriptions,
        limit_subscribing: Callable[[str], None],
    ) -> None:
        self._keys = keys
        self._subscriptions = subscriptions
        self._limit_subscribing = limit_subscribing

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/api/push/key", self.key, "The key to subscribe to Web Push with"),
            Route("GET", "/api/push/subscriptions", self.list, "Browsers of mine that are woken"),
            Route(
                "POST",
                "/api/push/subscriptions",
                self.subscribe,
                "Have this browser woken",
                body=Subscribe,
                status=201,
            ),
            Route(
                "DELETE",
                "/api/push/subscriptions",
                self.unsubscribe,
                "Have it woken no more",
                body=Unsubscribe,
            ),
            Route("GET", "/push-worker.js", worker),
        ]

    async def key(self, request: web.Request) -> web.Response:
        reader(request)
        return reply({"key": (await self._keys.key()).public})

    async def list(self, request: web.Request) -> web.Response:
        return reply({"items": await self._subscriptions.of(reader(request).id)})

    async def subscribe(self, request: web.Request) -> web.Response:
        self._limit_subscribing(reader(request).id)
        asked = await decode(request, Subscribe)
        site = f"{request_info.scheme(request)}://{request.host}"
        added = await self._subscriptions.add(caller(request), asked, site)
        return reply({"id": added}, status=201)

    async def unsubscribe(self, request: web.Request) -> web.Response:
        user = reader(request)
        asked = await decode(request, Unsubscribe)
        await self._subscriptions.end(user.id, asked.endpoint)
        return reply({"ok": True})


async def worker(request: web.Request) -> web.Response:
    """The script of the service worker; its path is at the root, so that it covers all pages.

    Its texts stand before it: the worker can't load a catalogue. So does the language, in which it
    keeps the page for times without a network: in another language it is another worker.
    """
    files = request.app[STATIC_FILES]
    asset, _ = files.find(WORKER)
    offline, _ = files.find(OFFLINE_WORKER)
    language = await callers_language(request)
    # The shell has the server's name, so another name makes another worker, which keeps it anew.
    release = {"version": files.version, "language": language, "server": server_title(request)}
    texts = await asyncio.to_thread(catalogue, language)
    headers = {
        hdrs.CONTENT_TYPE: asset.kind,
        # An update of the worker must not wait for a cache.
        hdrs.CACHE_CONTROL: "no-cache",
        "Service-Worker-Allowed": "/",
        "Content-Security-Policy": WORKER_POLICY,
        hdrs.VARY: hdrs.ACCEPT_LANGUAGE,
    }
    names = b"self.parleyRelease = %b;\n" % json.encode(release)
    script = _texts(texts) + asset.body + names + offline.body
    return web.Response(body=script, headers=headers)


def _texts(texts: Catalogue) -> bytes:
    """The line before the script: its texts, and what titles look like and become."""
    translated = {text: texts.gettext(text) for text in WORKER_TEXTS}
    titles = [(in_script(pattern_of(each)), texts.gettext(each)) for each in TITLES]
    return b"self.parleyTexts=%b;\n" % json.encode({"texts": translated, "titles": titles})
