"""The nodes over HTTP, for admins."""

from typing import Any

from aiohttp import web

from app.nodes.administration import NodeAdministration
from app.nodes.models import NodeReport
from app.times import rfc3339
from app.web.route_helpers import caller, reply
from app.web.routing import Route

ADDRESS = "/api/admin/nodes"


class NodeRoutes:
    """Handlers; each calls one service method."""

    def __init__(self, administration: NodeAdministration) -> None:
        self._administration = administration

    def routes(self) -> list[Route]:
        return [
            Route("GET", ADDRESS, self.list, "The nodes that are alive", is_quiet=True),
            Route(
                "POST",
                f"{ADDRESS}/{{node}}/drain",
                self.drain,
                "Have a node refuse new clients and send the present ones to other nodes",
                status=202,
            ),
            Route(
                "DELETE",
                f"{ADDRESS}/{{node}}/drain",
                self.stop_draining,
                "Have a node that drains accept new clients again",
                status=202,
            ),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """`{items: [node], more}`, all in one answer."""
        nodes = await self._administration.nodes(caller(request))
        return reply({"items": [shown(node) for node in nodes], "more": False})

    async def drain(self, request: web.Request) -> web.Response:
        """202 `{ok, node, nodes}`: it begins within about two seconds. `node` is an id or a name;
        the other workers of its server drain too, `nodes` are the ids of all."""
        nodes = await self._administration.drain(caller(request), request.match_info["node"])
        return asked(nodes)

    async def stop_draining(self, request: web.Request) -> web.Response:
        """The same for the end of it."""
        administration, name = self._administration, request.match_info["node"]
        return asked(await administration.stop_draining(caller(request), name))


def asked(nodes: list[NodeReport]) -> web.Response:
    ids = [node.id for node in nodes]
    return reply({"ok": True, "node": ids[0], "nodes": ids}, status=202)


def shown(node: NodeReport) -> dict[str, Any]:
    """A node as clients get it."""
    return {
        "id": node.id,
        "name": node.name,
        "version": node.version,
        "address": node.address,
        "started": rfc3339(node.started),
        "state": node.state,
        "connections": node.connections,
        "people_online": node.people_online,
        "bus": node.bus,
        "database": node.database,
    }
