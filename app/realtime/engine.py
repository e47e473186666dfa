"""Engine.IO on aiohttp, where the stock driver is lenient: whole bodies, no nonsense, a way to end.

Used by the Socket.IO server only.
"""

from typing import Any

from aiohttp import hdrs, web
from engineio.async_drivers import aiohttp as driver
from engineio.payload import Payload

from app.errors import Invalid, TooLarge

MAX_PACKET_BYTES = 1_048_576
# A client that was away sends all it kept in one request; the stock limit is 16.
PACKETS_A_REQUEST = 2_000
PACKET_TYPES = tuple("0123456")

Payload.max_decode_packets = PACKETS_A_REQUEST


class StrictWebSocket(driver.WebSocket):  # type: ignore[misc]  # engineio has no types
    """A WebSocket that ends on a frame that is no packet, and keeps no compression state."""

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        socket = self.handler.__self__
        self._sock = web.WebSocketResponse(
            max_msg_size=self.server.max_http_buffer_size, compress=False
        )
        self._request = environ["aiohttp.request"]
        await self._sock.prepare(self._request)
        self.environ = environ
        was_polling = socket.connected
        socket.wire = self
        try:
            await self.handler(self)
        finally:
            # An upgrade that broke off must not leave the polling client without its packets.
            if was_polling and not socket.upgraded:
                socket.upgrading = False
        return self._sock

    async def wait(self) -> str | bytes:
        frame: str | bytes = await super().wait()
        if isinstance(frame, str) and not frame.startswith(PACKET_TYPES):
            raise OSError("no Engine.IO packet")
        return frame

    @property
    def buffered_bytes(self) -> int:
        """What was written and not yet taken by the network."""
        transport = self._request.transport
        return transport.get_write_buffer_size() if transport is not None else 0

    def abort(self) -> None:
        """Cut the connection, also under a writer that waits for a reader that doesn't read."""
        if self._request.transport is not None:
            self._request.transport.abort()


class WholeBody:
    """The body of a request as the stock driver reads it: all of it at once."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self, _: int) -> bytes:
        return self._body


async def translate(request: web.Request) -> dict[str, Any]:
    """The request as Engine.IO takes it. Raises Invalid and TooLarge for what no client sends."""
    if "j" in request.query:
        raise Invalid("Answers as a script are not given; use polling or websocket.")
    environ: dict[str, Any] = driver.translate_request(request)
    # The driver decodes it, and what is decoded twice can say something else.
    environ["QUERY_STRING"] = request.rel_url.raw_query_string
    if request.method == hdrs.METH_POST:
        body = await whole(request)
        examine(body)
        environ["wsgi.input"] = WholeBody(body)
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ


async def whole(request: web.Request) -> bytes:
    """The body to its end: it may come in many pieces, and without a length."""
    pieces, size = [], 0
    async for piece in request.content.iter_any():
        size += len(piece)
        if size > MAX_PACKET_BYTES:
            raise TooLarge(f"A request has at most {MAX_PACKET_BYTES:,} bytes; this one has more.")
        pieces.append(piece)
    return b"".join(pieces)


def examine(body: bytes) -> None:
    """Raise Invalid unless `body` is packets."""
    try:
        packets = Payload(encoded_payload=body.decode()).packets
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise Invalid("These are no Engine.IO packets.") from error
    is_known = all(0 <= packet.packet_type < len(PACKET_TYPES) for packet in packets)
    if not (packets and is_known) or body.startswith(b"d="):
        raise Invalid("These are no Engine.IO packets.")
