"""«Check my connection»: tries whether WebSocket, Server-Sent Events and polling get through."""

from aiohttp import web

from app.web.route_helpers import caller, render
from app.web.routing import Route

ADDRESS = "/connection"


def routes() -> list[Route]:
    """The page; its script tries the three."""
    return [Route("GET", ADDRESS, show)]


async def show(request: web.Request) -> web.Response:
    caller(request)
    return await render(request, "connection_check.html")
