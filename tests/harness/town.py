"""Named people on one server: ana (admin), ben, cleo and dana, and the rooms they talk in."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import aiohttp

from tests.checker.history import History, Shown
from tests.harness.person import Person
from tests.harness.server import Server

NAMES = ("ana", "ben", "cleo", "dana")
PASSWORD = "correct horse battery staple"


class Addressed(Protocol):
    """A server, or what stands before some."""

    @property
    def url(self) -> str: ...


class Town:
    """The people of a server, made through the command line."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.users: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, str] = {}

    async def is_founded(self) -> None:
        """Make everyone's account and token. ana's token outlives her sessions."""
        *users, made = await self.server.runs_all(
            _create("ana", "--admin"),
            *map(_create, NAMES[1:]),
            ("tokens", "create", "ana"),
            stdin=PASSWORD,
        )
        self.users |= zip(NAMES, users, strict=True)
        self.tokens["ana"] = made["token"]
        await asyncio.gather(*map(self.returns, NAMES[1:]))
        # The list of the first visit would stand over the rooms of every test.
        hidden = {"first_steps": "hidden"}
        await self.calls("PATCH", "/api/me/preferences", by="ana", json=hidden)

    async def settles(self, name: str, *options: str) -> None:
        """Make an account, and sign in. The tests of one server have different names."""
        assert name not in self.users, f"{name} is another test's"
        self.users[name] = await self.server.runs(*_create(name, *options), stdin=PASSWORD)
        await self.returns(name)

    async def returns(self, name: str) -> None:
        """Sign in, for the first time or after all sessions were ended."""
        credentials = {"username": name, "password": PASSWORD}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.server.url}/api/session", json=credentials) as answer,
        ):
            assert answer.status == 200, await answer.text()
            self.tokens[name] = (await answer.json())["token"]

    def person(
        self, name: str, history: History, server: Addressed | None = None, **more: Any
    ) -> Person:
        """A new connection for somebody, perhaps to another server on the same database."""
        url = (server or self.server).url
        return Person(self.users[name], url, self.tokens[name], history, **more)

    async def opens(self, name: str) -> str:
        """A new open room with everybody in it; its id."""
        return await self.creates(name, "open", *NAMES)

    async def creates(self, name: str, kind: str = "open", *members: str, by: str = "ana") -> str:
        """A new room; its id."""
        body = {"name": name, "kind": kind, "members": list(members)}
        status, room = await self.calls("POST", "/api/rooms", by=by, json=body)
        assert status == 201, room
        room_id: str = room["id"]
        return room_id

    async def calls(
        self, method: str, path: str, *, by: str | None, **more: Any
    ) -> tuple[int, Any]:
        """One HTTP request with somebody's token: status and JSON answer."""
        headers = {"Authorization": f"Bearer {self.tokens[by]}"} if by else {}
        headers |= more.pop("headers", {})
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(method, self.server.url + path, **more) as answer,
        ):
            return answer.status, await answer.json()

    async def history(self, room: str, by: str = "ana") -> list[Shown]:
        """The whole of a room, page after page."""
        found: list[Shown] = []
        while True:
            after = found[-1].seq if found else 0
            path = f"/api/rooms/{room}/messages?after={after}&limit=200"
            status, page = await self.calls("GET", path, by=by)
            assert status == 200, page
            found += map(Shown.of, page["items"])
            if not page["more"]:
                return found


def _create(name: str, *options: str) -> tuple[str, ...]:
    return ("users", "create", name, "--password-stdin", *options)


@contextmanager
def founded_town(folder: Path, **settings: str) -> Iterator[Town]:
    """ana, ben, cleo and dana on one server. At the end its log must be free of tracebacks."""
    server = Server(folder, **settings)
    town = Town(server)

    async def begin() -> None:
        await server.starts()
        await town.is_founded()

    try:
        asyncio.run(begin())
        yield town
        server.assert_clean_log()
    finally:
        server.ends()


@asynccontextmanager
async def another_node(
    town: Town, folder: Path, name: str, **settings: str
) -> AsyncIterator[Server]:
    """One more process on the town's database, which may die; its log must be free of tracebacks.

    Its files are in a new folder `name` in `folder`.
    """
    (folder / name).mkdir()
    shared = {"MONGODB_URL": town.server.database_url, "PARLEY_NODE_NAME": name}
    server = Server(folder / name, log_name=name, **shared, **settings)
    try:
        await server.starts()
        yield server
        if server.is_running:
            await server.stops()
        server.assert_clean_log()
    finally:
        server.ends()
