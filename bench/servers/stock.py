"""The stock Socket.IO server for Python, as its documentation shows it: rooms that echo.

python -m bench.servers.stock PORT short|long
"""

import sys
from itertools import count
from typing import Any

import socketio
from aiohttp import web

from bench.servers.alone import serve
from bench.servers.message import long, short

server = socketio.AsyncServer(async_mode="aiohttp", max_http_buffer_size=1_000_000)
numbers = count(1)
message = long if sys.argv[2] == "long" else short


@server.event
async def join(sid: str, room: str) -> dict[str, Any]:
    await server.enter_room(sid, room)
    return {"ok": True}


@server.event
async def send(_: str, data: dict[str, Any]) -> dict[str, Any]:
    number = next(numbers)
    await server.emit("message", message(number, data["room"], data["text"]), room=data["room"])
    return {"ok": True, "seq": number}


def main() -> None:
    application = web.Application()
    server.attach(application)
    serve(application, int(sys.argv[1]))


if __name__ == "__main__":
    main()
