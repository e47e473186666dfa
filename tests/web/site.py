"""A site with a few routes and two people who can be recognised, for the tests of the edge."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from msgspec import Meta, Struct

from app.accounts.models import Caller, User
from app.errors import ParleyError, Unauthenticated, Unavailable
from app.security.origins import Origins
from app.web.error_responses import Failed
from app.web.http_server import Runner
from app.web.middleware import install, unheard
from app.web.route_helpers import MAX_BODY_BYTES, caller, decode, form, reply
from app.web.routing import Route

ANA = User(id="a" * 24, username="ana", name="Ana")


class Chosen(Struct):
    """The settings that the edge reads."""

    preset: str = "production"
    trusted_proxies: tuple[str, ...] = ()
    behind_tls: bool = False
    session_absolute_s: float = 3600
    allowed_origins: tuple[str, ...] = ()


class Sessions:
    async def resolve(self, cookie_value: str) -> Caller | None:
        if cookie_value == "away":
            raise ConnectionError("the database is away")
        return Caller(user=ANA, session="s") if cookie_value == "ana" else None


class Tokens:
    async def resolve(self, token: str) -> Caller:
        if token != "ana":
            raise Unauthenticated("This token isn't valid.")
        return Caller(user=ANA, token="t")


def translate(error: BaseException) -> ParleyError | None:
    if isinstance(error, ConnectionError):
        return Unavailable("The database is away.", retry_after=1.5)
    return None


class Note(Struct):
    text: str


async def who(request: web.Request) -> web.Response:
    return reply({"id": caller(request).user.id})


async def note(request: web.Request) -> web.Response:
    return reply({"text": (await decode(request, Note)).text}, 201)


async def slow_note(request: web.Request) -> web.Response:
    """Takes its time once it has the note."""
    answer = await note(request)
    await request.app[GATE].wait()
    return answer


async def late_socket(request: web.Request) -> web.WebSocketResponse:
    """Opens a WebSocket when the gate opens."""
    request.app[GATE].clear()
    await request.app[GATE].wait()
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    return socket


async def post_form(request: web.Request) -> web.Response:
    return web.Response(text=str(sorted((await request.post()).items())))


class Choice(Struct):
    """A form with one field of each kind."""

    name: Annotated[str, Meta(max_length=100)] = ""
    rooms: Annotated[list[str], Meta(max_length=10)] = []
    count: int = 0


async def choose(request: web.Request) -> web.Response:
    return reply(await form(request, Choice))


async def fails(_: web.Request) -> web.Response:
    raise RuntimeError("a secret of the inside")


async def stops_midway(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"so far")
    raise RuntimeError("midway")


async def raises(request: web.Request) -> web.Response:
    raise request.app[RAISED]


async def health(_: web.Request) -> web.Response:
    return web.Response(text="ok")


RAISED: web.AppKey[Any] = web.AppKey("raised", object)
GATE: web.AppKey[asyncio.Event] = web.AppKey("gate", asyncio.Event)


def application(
    raised: Exception | None = None,
    root: Path | None = None,
    failed: Failed = unheard,
    gate: asyncio.Event | None = None,
    **changed: Any,
) -> web.Application:
    """The site, to be served."""
    application = web.Application(client_max_size=MAX_BODY_BYTES)
    chosen = Chosen(**changed)
    install(
        application,
        settings=chosen,
        sessions=Sessions(),
        tokens=Tokens(),
        origins=Origins(chosen),
        translate=translate,
        failed=failed,
        routes=[Route("GET", "/healthz", health, is_quiet=True)],
        **({"root": root} if root else {}),
    )
    application[RAISED] = raised
    application[GATE] = gate or asyncio.Event()
    application.add_routes(
        [
            web.get("/api/who", who),
            web.get("/who", who),
            web.post("/who", who),
            web.post("/api/note", note),
            web.post("/api/slow", slow_note),
            web.get("/late", late_socket),
            web.post("/form", post_form),
            web.post("/api/choice", choose),
            web.get("/api/fails", fails),
            web.get("/fails", fails),
            web.get("/stops", stops_midway),
            web.get("/raises", raises),
            web.get("/api/raises", raises),
            web.get("/join/{code}", who),
        ]
    )
    return application


@asynccontextmanager
async def site(**options: Any) -> AsyncIterator[TestClient]:
    """The site, and somebody who asks for something."""
    async with TestClient(TestServer(application(**options))) as client:
        yield client


@asynccontextmanager
async def served(**options: Any) -> AsyncIterator[Runner]:
    """The site, served as in earnest: a handler goes on when its client has left."""
    runner = Runner(application(**options))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner
    finally:
        await runner.cleanup()
