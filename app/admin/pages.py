"""The admins' pages that belong to no feature: the entrance, the first steps, connections."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from app.admin.first_steps import FirstStepList
from app.admin.site_connections import SiteConnections
from app.lengths import Short
from app.web.authorization import admin, admin_form
from app.web.route_helpers import caller, query, render, reply, see_other
from app.web.routing import Route

ADDRESS = "/admin/connections"
FIRST = "/admin/analytics"
PAGE = 50


class Listing(Struct):
    """`GET /admin/connections`: whose, which page of them, and what has just been done."""

    who: Short = ""
    page: Annotated[int, Meta(ge=1, le=10_000)] = 1
    done: Short = ""


class Which(Struct):
    """`POST /admin/connections/end`: the connection to end."""

    id: Short = ""


class AdminPages:
    """The first steps as JSON, and the page that lists connections and ends them by forms."""

    def __init__(self, connections: SiteConnections, first_steps: FirstStepList) -> None:
        self._connections = connections
        self._first_steps = first_steps

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/admin", self.enter),
            Route("GET", "/api/first-steps", self.steps, "The first steps of a new server"),
            Route("GET", ADDRESS, self.show),
            Route("POST", f"{ADDRESS}/end", self.end),
        ]

    async def enter(self, request: web.Request) -> web.Response:
        admin(request)
        return see_other(FIRST)

    async def steps(self, request: web.Request) -> web.Response:
        return reply(await self._first_steps.of(caller(request)))

    async def show(self, request: web.Request) -> web.Response:
        present, wanted = admin(request), query(request, Listing)
        found = await self._connections.find(present, wanted.who, (wanted.page - 1) * PAGE, PAGE)
        return await render(
            request,
            "admin/connections.html",
            who=wanted.who.strip(),
            done=wanted.done,
            found=found,
            page=wanted.page,
        )

    async def end(self, request: web.Request) -> web.Response:
        present, given = await admin_form(request, Which)
        is_ended = await self._connections.end(present, given.id)
        return see_other(f"{ADDRESS}?done={'ended' if is_ended else 'gone'}")
