"""Compresses pages and JSON answers with gzip (RFC 1952). Static files are compressed beforehand.

Such an answer may hold both something private and text that others chose, as a room's page does,
so its length must tell nothing: BREACH (2013) measures lengths of many answers. The name in the
gzip header is random and has a random length, as in "Heal the Breach" (Palacios et al., 2022), and
answers to other methods than GET, where a new token may be shown, are sent as they are.
"""

import asyncio
import secrets
import struct
import zlib

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

# Shorter answers fit into one packet anyway.
WORTH_COMPRESSING_BYTES = 1_400
# More takes more than some milliseconds: a thread does it.
MOST_AT_ONCE_BYTES = 128 * 1024
LONGEST_NAME = 100
LEVEL = 4
METHODS = ("GET", "HEAD")
COMPRESSIBLE = ("text/", "application/json")
# Magic, deflate, a name follows; no time, no hint of the level, an unknown system.
_HEAD = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff"


def compress() -> Middleware:
    """The middleware that compresses what the client takes compressed."""

    @web.middleware
    async def compress_answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        body = _body(request, response)
        if body is None:
            return response
        small = len(body) <= MOST_AT_ONCE_BYTES
        response.body = gzipped(body) if small else await asyncio.to_thread(gzipped, body)  # type: ignore[attr-defined]
        response.headers[hdrs.CONTENT_ENCODING] = "gzip"
        vary = response.headers.get(hdrs.VARY)
        own = hdrs.ACCEPT_ENCODING
        response.headers[hdrs.VARY] = f"{vary}, {own}" if vary else own
        return response

    return compress_answer


def _body(request: web.Request, response: web.StreamResponse) -> bytes | None:
    """The bytes to be compressed, if any."""
    if not isinstance(response, web.Response) or response.prepared:
        return None
    body = response.body
    if not isinstance(body, bytes) or len(body) < WORTH_COMPRESSING_BYTES:
        return None
    if request.method not in METHODS or hdrs.CONTENT_ENCODING in response.headers:
        return None
    if not response.content_type.startswith(COMPRESSIBLE):
        return None
    return body if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower() else None


def gzipped(body: bytes) -> bytes:
    """The body as gzip, of a length that differs by up to LONGEST_NAME bytes from time to time."""
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    name = b"n" * secrets.randbelow(LONGEST_NAME + 1) + b"\0"
    end = struct.pack("<LL", zlib.crc32(body), len(body) & 0xFFFFFFFF)
    return b"".join((_HEAD, name, deflate.compress(body), deflate.flush(), end))
