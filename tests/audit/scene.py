"""People who act over every transport, and the things that they act on."""

import itertools
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import socketio

from app.accounts.models import Caller, Role, User
from app.chat.models import SendMessage
from app.hooks.models import NewHook
from app.topics.models import Create
from tests.admin.browser import Browser
from tests.chat.house import House
from tests.harness.callers import in_person
from tests.harness.client import connect, python_client
from tests.realtime.plain import Plain

Names = dict[str, str]


class Person:
    """Somebody at a browser, with a session's token for JSON, Socket.IO and `/ws`."""

    def __init__(self, house: House, user: User, stack: AsyncExitStack) -> None:
        self.house = house
        self.user = user
        self.stack = stack
        self.browser = Browser(house.address)
        self.posted: set[str] = set()
        self.session = ""
        self._token = ""
        self._sockets: dict[str, socketio.AsyncClient] = {}
        self._plain: Plain | None = None

    async def arrives(self) -> "Person":
        await self.stack.enter_async_context(self.browser)
        await self.browser.enters(self.user.username)
        services = self.house.services
        session, _ = await services.sessions.begin(self.user, address="", agent="")
        self._token, self.session = await services.tokens.for_session(session), session.id
        return self

    async def posts(self, path: str, **fields: str) -> None:
        """Send a form."""
        self.posted.add(path)
        await self.browser.sends(path, **fields)

    async def asks(self, method: str, path: str, body: Any = None) -> None:
        """Call the JSON API."""
        headers = {"Authorization": f"Bearer {self._token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(method, self.house.address + path, json=body),
        ):
            pass

    async def emits(self, namespace: str, event: str, **payload: Any) -> None:
        """Send an event over Socket.IO."""
        if namespace not in self._sockets:
            self._sockets[namespace] = client = python_client()
            await connect(client, self.house.address, self._token, namespace)
            self.stack.push_async_callback(client.disconnect)
        await self._sockets[namespace].call(event, payload, namespace=namespace)

    async def says(self, event: str, **payload: Any) -> None:
        """Send an event over `/ws`."""
        if self._plain is None:
            self._plain = Plain(self.house.address, self._token)
            await self.stack.enter_async_context(self._plain)
        await self._plain.does(event, **payload)


class Scene:
    """Makes what an action is done to, anew for each: its names, and what the entry is `about`."""

    def __init__(self, house: House, admin: User) -> None:
        self.admin = in_person(admin)
        self._house = house
        self._services = house.services
        self._numbers = itertools.count()

    async def person(self, role: Role = "member") -> User:
        return await self._house.invites(f"cleo{next(self._numbers)}", role)

    async def account(self, _: Person) -> Names:
        return {"about": (await self.person()).id}

    async def session(self, _: Person) -> Names:
        user = await self.person()
        session, _cookie = await self._services.sessions.begin(user, address="", agent="")
        return {"about": user.id, "session": session.id}

    async def invite(self, _: Person) -> Names:
        await self._services.accounts.invites.make(self.admin.user)
        return {"about": (await self._services.accounts.invites.open())[0].id}

    async def bot(self, _: Person, by: Caller | None = None) -> Names:
        maker, name = (by or self.admin).user, f"bot{next(self._numbers)}"
        bot, _token = await self._services.accounts.bots.make(name, by=maker)
        [token] = await self._services.tokens.of(bot.id)
        return {"about": bot.id, "token": token.id}

    async def waiting_bot(self, person: Person) -> Names:
        maker = await self.person("admin")
        bot = await self.bot(person, in_person(maker))
        await self._services.accounts.disabling.disable(maker.id)
        return bot

    async def topic(self, _: Person) -> Names:
        topic, _is_new = await self._services.topics.directory.create(
            self.admin, Create(topic="builds")
        )
        return {"about": topic.name}

    async def hook(self, _: Person, by: Caller | None = None) -> Names:
        registry = self._services.hooks.registry
        asked = NewHook(direction="incoming", name="CI", topic="builds")
        return {"about": (await registry.make(by or self.admin, asked)).hook.id}

    async def stopped_hook(self, person: Person) -> Names:
        maker = await self.person("admin")
        hook = await self.hook(person, in_person(maker))
        await self._services.accounts.disabling.disable(maker.id)
        return hook

    async def message(self, _: Person) -> Names:
        """A message of the scene's admin."""
        request = SendMessage(room="hallway", text="a", client_id=str(next(self._numbers)))
        sent = await self._services.chat.messages.send(self.admin.user, request)
        return {"about": self.admin.user.id, "id": sent.id}

    async def room(self, person: Person) -> Names:
        """A room of the scene's admin that the person is in."""
        name = f"room {next(self._numbers)}"
        view = await self._services.rooms.create(name, "open", self.admin.user, [person.user.id])
        return {"about": view.room.id, "owner": self.admin.user.id}

    async def archived_room(self, person: Person) -> Names:
        """A room of the scene's admin that the person is in, and that nobody can write in."""
        names = await self.room(person)
        await self._services.rooms.archive(Caller(user=self.admin.user), names["about"])
        return names

    async def connection(self, person: Person) -> Names:
        """Somebody's open connection."""
        user = await self.person()
        token = await self._services.tokens.create(user.id)
        await person.stack.enter_async_context(Plain(self._house.address, token))
        places = self._services.core.signals.connections.values()
        line = next(c.line for place in places for c in place if c.user_id == user.id)
        return {"about": user.id, "line": line}

    async def node(self, _: Person) -> Names:
        report = self._house.services.nodes.report()
        return {"about": report.name, "node": report.id}
