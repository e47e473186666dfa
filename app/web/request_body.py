"""Reads the body of a request: within a time, in turns, and measured before it is decoded."""

import asyncio
from contextlib import suppress
from urllib.parse import parse_qs

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from app.errors import Invalid, TooLarge
from app.loop_pacing import Pace

FORM = "application/x-www-form-urlencoded"
# A route with a larger form passes its own limit.
FORM_BYTES = 64 * 1024
# The largest form has a field for each of a person's 2,000 rooms.
FIELDS = 2_500
# Decoding a megabyte can take 20 ms. Of bodies that arrive together so many bytes, or one larger
# body, are decoded in a turn of the event loop.
BYTES_A_TURN = 32 * 1024
BODY_WITHIN_S = 30.0
PACE: web.RequestKey[Pace] = web.RequestKey("pace of bodies", Pace)


async def body(request: web.Request, most_bytes: int) -> bytes:
    """Read the whole body, also one in pieces and without a length. Raises TooLarge."""
    if (request.content_length or 0) > most_bytes:
        raise _too_large(most_bytes)
    pieces, read = [], 0
    async for piece in request.content.iter_any():
        read += len(piece)
        if read > most_bytes:
            raise _too_large(most_bytes)
        pieces.append(piece)
    await in_turn(request, read)
    return b"".join(pieces)


async def in_turn(request: web.Request, read: int) -> None:
    """Wait until a body of `read` bytes may be decoded."""
    # Tests of single routes use a plain aiohttp server, without a pace.
    if PACE in request:
        await request[PACE].turn(read)


def fields_of(raw: bytes, most: int = FIELDS) -> dict[str, list[str]]:
    """The values of each field of a form. Raises Invalid for a bad encoding or too many fields."""
    try:
        return parse_qs(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=most)
    except ValueError as error:
        raise Invalid("This form can't be read. Please reload the page and try again.") from error


def size(count: int) -> str:
    """A number of bytes for people: `64 KB`, `2 MB`."""
    kilobytes = count // 1024
    return f"{kilobytes} KB" if kilobytes < 1024 else f"{kilobytes // 1024} MB"


def body_in_time() -> Middleware:
    """The middleware that ends a request whose body does not come within BODY_WITHIN_S.

    Once the body is there, the handler may take as long as it needs.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.content.is_eof():
            return await handler(request)
        try:
            async with asyncio.timeout(BODY_WITHIN_S) as limit:
                request.content.on_eof(lambda: _lift(limit))
                return await handler(request)
        except TimeoutError:
            if not limit.expired():
                raise
            raise web.HTTPRequestTimeout from None

    return middleware


def _lift(limit: asyncio.Timeout) -> None:
    # An answer that needed no body may have ended it before.
    with suppress(RuntimeError):
        limit.reschedule(None)


def _too_large(most_bytes: int) -> TooLarge:
    return TooLarge(f"The request is larger than {size(most_bytes)}.")
