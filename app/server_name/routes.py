"""The server's name over JSON, in the web manifest, and on its page for admins."""

from aiohttp import web
from msgspec import Struct

from app.accounts.pages.forms import Done, beside
from app.errors import Invalid, ParleyError
from app.lengths import Short
from app.server_name.manifest import manifest
from app.server_name.server_name import NAME_CHARACTERS, ServerName
from app.web.authorization import admin, admin_form
from app.web.route_helpers import caller, decode, query, render, reply, see_other
from app.web.routing import Route
from app.web.static_files import STATIC_FILES

ADDRESS = "/api/server"
PAGE = "/admin/server"
MANIFEST = "/manifest.webmanifest"


class Renaming(Struct):
    """`PATCH /api/server`, and the form of the page."""

    name: Short = ""


class ServerNameRoutes:
    """Handlers; each calls one service method."""

    def __init__(self, name: ServerName) -> None:
        self._name = name

    def routes(self) -> list[Route]:
        return [
            Route("GET", ADDRESS, self.show, "The name of this server", is_public=True),
            Route("PATCH", ADDRESS, self.rename, "Name this server", body=Renaming),
            Route("GET", MANIFEST, self.manifest, is_quiet=True),
            Route("GET", PAGE, self.page),
            Route("POST", PAGE, self.submit),
        ]

    async def show(self, _: web.Request) -> web.Response:
        return reply({"name": self._name.current})

    async def rename(self, request: web.Request) -> web.Response:
        present, given = caller(request), await decode(request, Renaming)
        return reply({"name": await self._name.rename(present, given.name)})

    async def manifest(self, request: web.Request) -> web.Response:
        """The name and icons with which a browser installs the server like an app."""
        answer = reply(manifest(self._name.current, request.app[STATIC_FILES].address))
        answer.content_type = "application/manifest+json"
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    async def page(self, request: web.Request) -> web.Response:
        admin(request)
        return await self._page(request, self._name.current, done=query(request, Done).done)

    async def submit(self, request: web.Request) -> web.Response:
        present, given = await admin_form(request, Renaming)
        try:
            await self._name.rename(present, given.name)
        except Invalid as error:
            return await self._page(request, given.name, error)
        return see_other(f"{PAGE}?done=renamed")

    async def _page(
        self, request: web.Request, name: str, error: ParleyError | None = None, done: str = ""
    ) -> web.Response:
        return await render(
            request,
            "admin/server.html",
            status=error.status if error else 200,
            given=name,
            longest=NAME_CHARACTERS,
            errors=beside(error, ("name",)),
            done=done,
        )
