"""aiohttp with handlers that do one thing each: what a server on it can't be cheaper than.

    python -m bench.servers.bare PORT [MONGODB_URL]

`/ws` is a WebSocket that is open and no more, `/page` a template of one line, and a POST to
`/insert` one majority insert for each request.
"""

import sys
from datetime import UTC, datetime
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bench.servers.alone import serve
from bench.servers.insert import collection_at

LINE = "<!doctype html><title>{{ room }}</title><p>Hello {{ name }}, this is {{ room }}.</p>"

collection = web.AppKey("collection", Any)


async def stay(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=False, heartbeat=30)
    await socket.prepare(request)
    async for _ in socket:
        pass
    return socket


@aiohttp_jinja2.template("line.html")
async def page(_: web.Request) -> dict[str, str]:
    return {"room": "Hallway", "name": "Ana"}


async def insert(request: web.Request) -> web.Response:
    asked = await request.json()
    document = {"text": asked["text"], "at": datetime.now(UTC)}
    done = await request.app[collection].insert_one(document)
    return web.json_response({"id": str(done.inserted_id)}, status=201)


async def with_database(application: web.Application) -> None:
    if len(sys.argv) > 2:
        application[collection] = collection_at(sys.argv[2])


def main() -> None:
    application = web.Application()
    aiohttp_jinja2.setup(application, loader=jinja2.DictLoader({"line.html": LINE}))
    application.on_startup.append(with_database)
    application.add_routes(
        [web.get("/ws", stay), web.get("/page", page), web.post("/insert", insert)]
    )
    serve(application, int(sys.argv[1]))


if __name__ == "__main__":
    main()
