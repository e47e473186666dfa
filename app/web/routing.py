"""An HTTP route as a feature declares it."""

from typing import Any, Literal

from aiohttp import web
from aiohttp.typedefs import Handler
from msgspec import Struct

OwnLimit = Literal["person", "everyone"]


class Route(Struct, frozen=True):
    """One method of one path, its handler, and its description for the OpenAPI document.

    Routes without a `summary` (pages and files) are not in that document. `body` and `query` are
    the types that a request is decoded into, `status` is that of success; a public route needs no
    sign-in. A request of a route with an `own_limit` doesn't count as one of a person's calls a
    minute: "person" exempts people who are signed in, "everyone" others too. Programs ask a quiet
    route so often that the log has only its refusals and failures.
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
    is_quiet: bool = False

    @property
    def definition(self) -> web.RouteDef:
        """The route as aiohttp takes it."""
        if self.method == "GET":
            return web.get(self.path, self.handler, allow_head=self.answers_head)
        return web.route(self.method, self.path, self.handler)
