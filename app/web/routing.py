"""What a feature says about each of its HTTP routes."""

from typing import Any, Literal

from aiohttp import web
from aiohttp.typedefs import Handler
from msgspec import Struct

OwnLimit = Literal["person", "everyone"]


class Route(Struct, frozen=True):
    """One method of one path, what answers it, and its description in the OpenAPI document.

    A route without a `summary` is not in that document: pages and files. `body` and `query` are the
    types that a request is decoded into, `status` is that of success, and `is_public` says that
    nobody has to sign in. A route with an `own_limit` doesn't count as one of the calls that a
    person may make a minute: "person" for those who are signed in, "everyone" for others too.
    """

    method: str
    path: str
    handler: Handler
    summary: str = ""
    body: Any = None
    query: type[Struct] | None = None
    status: int = 200
    is_public: bool = False
    own_limit: OwnLimit | None = None
    answers_head: bool = True

    @property
    def definition(self) -> web.RouteDef:
        """The route as aiohttp takes it."""
        if self.method == "GET":
            return web.get(self.path, self.handler, allow_head=self.answers_head)
        return web.route(self.method, self.path, self.handler)
