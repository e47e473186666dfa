"""A whole Parley in this process, and people on the official client, for tests of chat's calls."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from unittest.mock import patch

import socketio
from argon2 import PasswordHasher

from app.accounts.models import Role, User
from app.realtime.connections import Connections
from app.server.application import Application
from app.server.feature import Feature
from app.server.features import FEATURES
from app.server.process import listening
from app.settings import Settings
from app.settings_loader import load_settings
from app.storage.mongo import Database
from tests.harness.client import connect, python_client
from tests.harness.services import Services, open_services
from tests.harness.waiting import WITHIN_S, eventually

PASSWORD = "correct horse battery"

Payload = dict[str, Any]


class Member:
    """One connection of a person: what they do, and everything they were told."""

    def __init__(self, user: User, client: socketio.AsyncClient) -> None:
        self.user = user
        self.client = client
        self.heard: list[tuple[str, Payload]] = []
        self.ended: list[str] = []
        self._numbers = itertools.count()
        client.on("*", self._hear, namespace="/chat")
        client.on("disconnect", self.ended.append, namespace="/chat")

    def _hear(self, event: str, payload: Payload) -> None:
        self.heard.append((event, payload))

    @property
    def id(self) -> str:
        return self.user.id

    async def call(self, event: str, payload: Any = None, **fields: Any) -> Payload:
        """The acknowledgement of one event."""
        asked = fields if payload is None else payload
        answer = await self.client.call(event, asked, namespace="/chat", timeout=WITHIN_S)
        assert isinstance(answer, dict)
        return answer

    async def does(self, event: str, **fields: Any) -> Payload:
        """The acknowledgement of an event that has to succeed."""
        answer = await self.call(event, **fields)
        assert answer["ok"], (event, fields, answer)
        return answer

    async def fails(self, event: str, payload: Any = None, **fields: Any) -> str:
        """The error code of an event that has to be refused."""
        answer = await self.call(event, payload, **fields)
        assert answer["ok"] is False, (event, fields, answer)
        return str(answer["error"]["code"])

    async def sends(self, text: str, room: str = "hallway", **fields: Any) -> Payload:
        fields.setdefault("client_id", f"{self.user.username}-{next(self._numbers)}")
        return await self.does("message:send", room=room, text=text, **fields)

    async def joins(self, room: str = "hallway", **fields: Any) -> Payload:
        return await self.does("room:join", room=room, **fields)

    def told(self, event: str) -> list[Payload]:
        """All payloads of `event` so far."""
        return [payload for name, payload in self.heard if name == event]

    def texts(self) -> list[str]:
        """The texts of the live messages that people sent, in the order of their arrival."""
        return [m["text"] for m in self.live() if "system" not in m and "text" in m]

    def live(self) -> list[Payload]:
        """Every item of every live batch."""
        return [item for batch in self.told("messages") for item in batch["items"]]

    async def hears(self, event: str, where: Callable[[Payload], bool] = lambda _: True) -> Payload:
        """The first payload of `event` for which `where` holds; waits for it."""
        await eventually(
            lambda: any(map(where, self.told(event))), f"{self.user.name} hears {event}", WITHIN_S
        )
        return next(filter(where, self.told(event)))

    async def sees(self, text: str) -> Payload:
        """The live message `text`."""
        await eventually(lambda: text in self.texts(), f"{self.user.name} sees {text!r}", WITHIN_S)
        return next(m for m in self.live() if m.get("text") == text)

    async def is_cut_off(self) -> None:
        await eventually(lambda: not self.client.connected, f"{self.user.name} is cut off")

    def forgets(self) -> None:
        """Start anew with what was heard."""
        self.heard.clear()


class House:
    """The server, with the door that people come in by."""

    def __init__(
        self, services: Services, site: Application, address: str, stack: AsyncExitStack
    ) -> None:
        self.services = services
        self.site = site
        self.address = address
        self._stack = stack

    def connections(self, namespace: str) -> Connections:
        """Everybody who is connected to a namespace, or as `events` to an event stream."""
        return self.services.core.signals.connections[namespace]

    async def invites(self, username: str, role: Role = "member", name: str | None = None) -> User:
        """A new account."""
        return await self.services.users.create(
            username, PASSWORD, name=name or username.capitalize(), role=role
        )

    async def enters(self, user: User, *, polling: bool = False, **token: Any) -> Member:
        """A new connection of this person, welcomed."""
        return await self.enters_with(
            await self.services.tokens.create(user.id, **token), user, polling=polling
        )

    async def enters_with(self, token: str, user: User, *, polling: bool = False) -> Member:
        client = python_client()
        member = Member(user, client)
        await connect(client, self.address, token, "/chat", polling=polling)
        self._stack.push_async_callback(client.disconnect)
        return member

    async def welcomes(self, username: str, role: Role = "member", **options: Any) -> Member:
        """A new person with one connection, who has been welcomed."""
        member = await self.enters(await self.invites(username, role), **options)
        await member.hears("welcome")
        return member

    async def again(self, member: Member, **options: Any) -> Member:
        """One more connection of the same person."""
        another = await self.enters(member.user, **options)
        await another.hears("welcome")
        return another


@asynccontextmanager
async def open_house(
    database: Database, kinds: tuple[type[Feature], ...] = FEATURES, **changed: Any
) -> AsyncIterator[House]:
    """Serve on a free port until the end of the test."""
    async with AsyncExitStack() as stack:
        settings = settings_of(changed)
        # Real hashing takes longer than everything else that is tested here.
        with patch("app.accounts.passwords.PasswordHasher", lambda: PasswordHasher(1, 8, 1)):
            services = await stack.enter_async_context(open_services(settings, database, kinds))
        site = Application(services.features)
        await site.start()
        address = await stack.enter_async_context(listening(site.web, settings))
        async with AsyncExitStack() as guests:
            yield House(services, site, address, guests)
        await site.stop()


def settings_of(changed: dict[str, Any]) -> Settings:
    limits = ("messages", "connections", "calls", "anonymous_calls")
    off = {f"{name}_per_minute": 0 for name in limits}
    chosen = {"port": 0, "secret": "s" * 32, **off}
    return load_settings({**chosen, **changed}, {}, None)


async def soon(*work: Any) -> list[Any]:
    """The results of what is done at once, in the order of asking."""
    return list(await asyncio.gather(*work))
