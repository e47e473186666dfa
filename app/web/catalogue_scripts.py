"""Serves each language's texts for scripts: `/static/<version>/locale/<language>.js`.

A page loads it before its modules; English pages need none.
"""

import asyncio
import gzip
from functools import lru_cache

from aiohttp import hdrs, web

from app.errors import NotFound
from app.web.catalogues import catalogue
from app.web.languages import LANGUAGES, SOURCE
from app.web.routing import Route
from app.web.static_files import ASK_EACH_TIME, IMMUTABLE


def routes() -> list[Route]:
    path = r"/static/{version}/locale/{language:[a-z]{2,3}}.js"
    return [Route("GET", path, serve, is_quiet=True)]


async def serve(request: web.Request) -> web.Response:
    """The script; it may be kept for ever under the digest that pages ask for it with."""
    language = request.match_info["language"]
    if language not in LANGUAGES or language == SOURCE:
        raise NotFound("There is no such file.")
    texts = await asyncio.to_thread(catalogue, language)
    is_final = request.query_string == texts.digest
    headers = {
        hdrs.CONTENT_TYPE: "text/javascript; charset=utf-8",
        hdrs.CACHE_CONTROL: IMMUTABLE if is_final else ASK_EACH_TIME,
        hdrs.VARY: hdrs.ACCEPT_ENCODING,
    }
    if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower():
        headers[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(body=_compressed(texts.script), headers=headers)
    return web.Response(body=texts.script, headers=headers)


@lru_cache(16)
def _compressed(script: bytes) -> bytes:
    return gzip.compress(script, 9, mtime=0)
