"""Pages and JSON answers come compressed, and their length tells nothing."""

import gzip
import zlib

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from app.web.compression import LONGEST_NAME, MOST_AT_ONCE_BYTES, compress, gzipped

LONG = "a room of one's own " * 500
HUGE = "long " * MOST_AT_ONCE_BYTES


async def page(_: web.Request) -> web.Response:
    return web.Response(text=LONG, content_type="text/html", headers={"Vary": "Accept-Language"})


async def huge(_: web.Request) -> web.Response:
    return web.Response(text=HUGE, content_type="application/json")


async def short(_: web.Request) -> web.Response:
    return web.Response(text="ok")


async def picture(_: web.Request) -> web.Response:
    return web.Response(body=LONG.encode(), content_type="image/png")


async def streamed(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(LONG.encode())
    return response


def client() -> TestClient[web.Request, web.Application]:
    application = web.Application(middlewares=[compress()])
    for handler in (page, huge, short, picture, streamed):
        application.router.add_get(f"/{handler.__name__}", handler)
    application.router.add_post("/page", page)
    return TestClient(TestServer(application), auto_decompress=False)


async def test_pages_and_answers_come_compressed() -> None:
    async with client() as site:
        for path, text in (("/page", LONG), ("/huge", HUGE)):
            answer = await site.get(path, headers={"Accept-Encoding": "gzip"})
            sent = await answer.read()
            assert answer.headers["Content-Encoding"] == "gzip"
            assert len(sent) < len(text) / 10
            assert gzip.decompress(sent).decode() == text
            assert "Accept-Encoding" in answer.headers["Vary"]
        assert (await site.get("/page")).headers["Vary"].startswith("Accept-Language")


async def test_others_come_as_they_are() -> None:
    async with client() as site:
        for path in ("/short", "/picture", "/streamed"):
            answer = await site.get(path, headers={"Accept-Encoding": "gzip"})
            assert "Content-Encoding" not in answer.headers, path
        plain = await site.get("/page", headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers


async def test_an_answer_that_may_show_a_new_token_is_not_compressed() -> None:
    async with client() as site:
        answer = await site.post("/page", headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in answer.headers
        assert await answer.text() == LONG


def test_the_length_differs_from_time_to_time() -> None:
    lengths = {len(gzipped(LONG.encode())) for _ in range(200)}
    assert len(lengths) > LONGEST_NAME / 3
    assert max(lengths) - min(lengths) <= LONGEST_NAME
    assert zlib.decompress(gzipped(b"x" * 5000), 31) == b"x" * 5000
