"""Checks the HTTP requests of Engine.IO clients: methods, transports, bodies of packets.

The stock server guesses where something is missing; here it is refused.
"""

from typing import Any

from aiohttp import hdrs, web
from engineio.packet import Packet

from app.errors import Invalid
from app.realtime.socketio.engineio_packets import of_payload
from app.web.request_body import body

# A client that was away sends all it kept in one request; the stock limit is 16.
PACKETS_A_REQUEST = 2_000
VERSION = "4"
METHODS = (hdrs.METH_GET, hdrs.METH_POST, hdrs.METH_OPTIONS)
TRANSPORTS = ("polling", "websocket")
LOOKED_AT = {hdrs.UPGRADE: "HTTP_UPGRADE", hdrs.ACCEPT_ENCODING: "HTTP_ACCEPT_ENCODING"}


def is_upgrade(request: web.Request) -> bool:
    """Whether this asks for a WebSocket."""
    return request.headers.get(hdrs.UPGRADE, "").lower() == "websocket"


def opens_websocket(request: web.Request) -> bool:
    """Whether a request that makes sense is the handshake of a client that begins with a WebSocket
    and speaks version 4."""
    return is_upgrade(request) and request.query.getall("EIO", []) == [VERSION]


def must_make_sense(request: web.Request) -> None:
    """Raise Invalid for what no client of Engine.IO v4 asks."""
    if request.method not in METHODS:
        raise Invalid(f"Ask with GET or POST, not with {request.method}.")
    if "j" in request.query:
        raise Invalid("Answers as a script are not given; use polling or websocket.")
    if request.method == hdrs.METH_OPTIONS:
        return
    name = request.query.get("transport")
    if name not in TRANSPORTS:
        raise Invalid("Say transport=polling or transport=websocket.", field="transport")
    if (name == "websocket") != is_upgrade(request):
        raise Invalid("transport=websocket goes with an upgrade, and only that.", field="transport")


def translate(request: web.Request) -> dict[str, Any]:
    """The WSGI-like environ of a request, with only the entries that engineio reads: it is kept as
    long as the connection. Everything else is in the request itself."""
    environ: dict[str, Any] = {
        "aiohttp.request": request,
        "REQUEST_METHOD": request.method,
        # As it was sent: what is decoded twice can say something else.
        "QUERY_STRING": request.rel_url.raw_query_string,
    }
    for name, key in LOOKED_AT.items():
        if name in request.headers:
            environ[key] = request.headers[name]
    return environ


async def packets(request: web.Request, most_bytes: int) -> list[Packet]:
    """The packets in the body. Raises Invalid where it holds anything else, and TooLarge."""
    raw = await body(request, most_bytes)
    try:
        return of_payload(raw.decode(), PACKETS_A_REQUEST)
    except ValueError as error:
        raise Invalid("These are no Engine.IO packets.") from error
