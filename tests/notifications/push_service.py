"""A push service of the tests' own, browsers that decrypt what it gets, and a node to send from."""

import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import http_ece
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.accounts.models import Caller, User
from app.notifications.models import Notice
from app.notifications.push.models import Keys, Subscribe
from app.notifications.push.wiring import Push
from app.times import now
from tests.harness.services import Services
from tests.harness.waiting import eventually

SITE = "https://chat.example.org"
SECOND = timedelta(seconds=1)


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Parcel:
    """One request that the push service got."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """An answer of the push service."""

    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)


class Browser:
    """Holds the keys of one subscription, and reads what was pushed to it."""

    def __init__(self, service: "PushService", name: str) -> None:
        self._service = service
        self.name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = os.urandom(16)
        self.endpoint = f"{service.address}/to/{name}"

    @property
    def subscription(self) -> dict[str, Any]:
        """As `PushSubscription.toJSON()` gives it."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": base64url(point), "auth": base64url(self._auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    @property
    def asks(self) -> Subscribe:
        return Subscribe(endpoint=self.endpoint, keys=Keys(**self.subscription["keys"]))

    @property
    def parcels(self) -> list[Parcel]:
        """Those that the push service took."""
        return self._service.taken.get(self.name, [])

    @property
    def tries(self) -> int:
        """How often the push service was asked, whatever it answered."""
        return self._service.tries.get(self.name, 0)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(self.opens(parcel)) for parcel in self.parcels]

    @property
    def titles(self) -> list[str]:
        return [message["title"] for message in self.messages]

    def opens(self, parcel: Parcel) -> bytes:
        """The plain text, by RFC 8291."""
        assert parcel.headers["Content-Encoding"] == "aes128gcm"
        plain: bytes = http_ece.decrypt(
            parcel.body, private_key=self._key, auth_secret=self._auth, version="aes128gcm"
        )
        return plain

    async def is_told(self, *titles: str) -> None:
        what = f"{self.name} is told {titles}, has {self.titles}"
        await eventually(lambda: self.titles == list(titles), what)


class PushService:
    """Takes what comes, unless it was given other answers for a browser."""

    def __init__(self) -> None:
        self.address = ""
        self.taken: dict[str, list[Parcel]] = {}
        self.tries: dict[str, int] = {}
        self.answers: dict[str, list[Answer]] = {}

    async def take(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        body = await request.read()
        self.tries[name] = self.tries.get(name, 0) + 1
        planned = self.answers.get(name, [])
        answer = planned.pop(0) if planned else Answer()
        if answer.status == 201:
            self.taken.setdefault(name, []).append(Parcel(dict(request.headers), body))
        return web.Response(status=answer.status, headers=answer.headers)

    def will_answer(self, browser: Browser, *answers: Answer) -> None:
        """To the next requests for this browser, one each."""
        self.answers[browser.name] = list(answers)


@asynccontextmanager
async def open_push_service() -> AsyncIterator[PushService]:
    service = PushService()
    application = web.Application()
    application.add_routes([web.post("/to/{name}", service.take)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        service.address = f"http://127.0.0.1:{port}"
        yield service
    finally:
        await runner.cleanup()


class Later:
    """A clock that runs ahead by as much as a test likes."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return now() + self.ahead

    def turn(self, **by: float) -> None:
        self.ahead += timedelta(**by)


class PushNode:
    """One node's Web Push that does nothing by itself: `round` is all that it would do by now."""

    def __init__(self, services: Services, clock: Later) -> None:
        self.services = services
        self.clock = clock
        self.push = Push(replace(services.core, clock=clock), services.accounts, hold_s=0)
        self.push.delivery_worker._jitter = lambda: 1.0

    async def signs_in(self, user: User) -> Caller:
        session, _ = await self.services.sessions.begin(user, address="192.0.2.7", agent="tests")
        return Caller(user=user, session=session.id)

    async def subscribes(self, user: User, browser: Browser) -> Caller:
        """In a session of its own."""
        caller = await self.signs_in(user)
        await self.push.subscriptions.add(caller, browser.asks, SITE)
        return caller

    async def sends(self, user: User, title: str, **more: Any) -> str:
        notice = Notice(title=title, **more)
        return (await self.services.notifications.sender.send([user.id], notice)).ids[0]

    async def reads(self, user: User) -> None:
        await self.services.notifications.inbox.read_all(user.id)

    async def queues(self) -> None:
        """Only the first half of a round."""
        await self.push.job_producer.sweep()

    async def delivers(self) -> None:
        """Only the second half."""
        async with self.push.delivery_worker._client:
            await self.push.delivery_worker.round()

    async def round(self) -> None:
        await self.queues()
        await self.delivers()

    async def subscribed(self, user: User) -> list[str]:
        """The endpoints."""
        return [each["endpoint"] for each in await self.push.subscriptions.of(user.id)]
