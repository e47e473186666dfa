"""The admin page of the nodes, with plain HTML forms."""

from aiohttp import web
from msgspec import Struct

from app.lengths import Short
from app.nodes.administration import NodeAdministration
from app.web.authorization import admin, admin_form
from app.web.route_helpers import query, render, see_other
from app.web.routing import Route

ADDRESS = "/admin/nodes"


class Listing(Struct):
    """`GET /admin/nodes`: what has just been done."""

    done: Short = ""


class Which(Struct):
    """`POST /admin/nodes/drain` and `…/stop-draining`: the id of the node."""

    id: Short = ""


class NodePages:
    """Works without JavaScript; with it the figures are live. `node_id` is that of this node."""

    def __init__(self, administration: NodeAdministration, node_id: str) -> None:
        self._administration = administration
        self._node_id = node_id

    def routes(self) -> list[Route]:
        return [
            Route("GET", ADDRESS, self.show),
            Route("POST", f"{ADDRESS}/drain", self.drain),
            Route("POST", f"{ADDRESS}/stop-draining", self.stop_draining),
        ]

    async def show(self, request: web.Request) -> web.Response:
        caller, asked = admin(request), query(request, Listing)
        nodes = await self._administration.nodes(caller)
        return await render(
            request, "admin/nodes.html", nodes=nodes, this_node=self._node_id, done=asked.done
        )

    async def drain(self, request: web.Request) -> web.Response:
        caller, given = await admin_form(request, Which)
        await self._administration.drain(caller, given.id)
        return see_other(f"{ADDRESS}?done=draining")

    async def stop_draining(self, request: web.Request) -> web.Response:
        caller, given = await admin_form(request, Which)
        await self._administration.stop_draining(caller, given.id)
        return see_other(f"{ADDRESS}?done=back")
