"""Ends a request whose body doesn't come: whoever reads it would wait for ever."""

import asyncio
from contextlib import suppress

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

BODY_WITHIN_S = 30.0


def body_in_time() -> Middleware:
    """The middleware. What takes long once the body is there is not its business."""

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
