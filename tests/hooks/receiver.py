"""A real receiver of outgoing webhooks, which checks every signature that it gets."""

import asyncio
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web

from tests.harness.waiting import eventually


class Delivery(msgspec.Struct):
    """One try."""

    id: str
    timestamp: int
    signature: str
    raw: bytes
    content: dict[str, Any]

    def is_signed_with(self, secret: str) -> bool:
        """By the rule of the documentation, in other words than the server's."""
        signed = b"%d.%s" % (self.timestamp, self.raw)
        wanted = "v1=" + hmac.new(secret.encode(), signed, "sha256").hexdigest()
        return hmac.compare_digest(wanted, self.signature)

    @property
    def texts(self) -> list[str]:
        return [item["text"] for item in self.content["items"]]


class Receiver:
    """Answers with each of `answers` once, then with 200, while it `may_answer`; `also` are headers
    of all answers."""

    def __init__(self) -> None:
        self.url = ""
        self.tries: list[Delivery] = []
        self.taken: list[Delivery] = []
        self.answers: list[int] = []
        self.also: dict[str, str] = {}
        self.was_elsewhere = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        delivery = Delivery(
            id=request.headers["Parley-Delivery"],
            timestamp=int(request.headers["Parley-Timestamp"]),
            signature=request.headers["Parley-Signature"],
            raw=raw,
            content=json.loads(raw),
        )
        assert abs(time.time() - delivery.timestamp) < 60
        self.tries.append(delivery)
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.taken.append(delivery)
        await self.may_answer.wait()
        return web.Response(status=status, headers=self.also)

    async def elsewhere(self, _: web.Request) -> web.Response:
        self.was_elsewhere = True
        return web.Response()

    @property
    def items(self) -> list[dict[str, Any]]:
        """All items that were taken, in their order."""
        return [item for delivery in self.taken for item in delivery.content["items"]]

    async def gets(self, items: int) -> None:
        await eventually(lambda: len(self.items) >= items, f"{items} items arrive")

    async def is_tried(self, times: int) -> None:
        await eventually(lambda: len(self.tries) >= times, f"{times} tries")


@asynccontextmanager
async def open_receiver() -> AsyncIterator[Receiver]:
    """On a free port of this machine."""
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/in", receiver.take)
    application.router.add_route("*", "/elsewhere", receiver.elsewhere)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/in"
        yield receiver
    finally:
        await runner.cleanup()
