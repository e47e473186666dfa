"""The name that pages give the server they come from: its own, or that of the software."""

from typing import Protocol

from aiohttp import web

SOFTWARE = "Parley"


class ServerTitle(Protocol):
    """Returns the present name of the server, without I/O."""

    def __call__(self) -> str: ...


SERVER_TITLE: web.AppKey[ServerTitle] = web.AppKey("server_title", ServerTitle)


def server_title(request: web.Request) -> str:
    """The present name of the server."""
    return request.app[SERVER_TITLE]()


def software() -> str:
    """The default of an application without a name of its own."""
    return SOFTWARE
