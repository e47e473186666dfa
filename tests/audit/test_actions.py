"""Each audited action leaves the same entry, whichever transport it came over."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
import socketio

from app.accounts.models import Caller, Role, User
from app.chat.models import SendMessage
from app.cli import main as cli
from app.hooks.models import NewHook
from app.storage.mongo import Database
from app.topics.models import Create
from tests.admin.browser import Browser
from tests.chat.house import House
from tests.harness.callers import in_person
from tests.harness.client import connect, python_client
from tests.realtime.plain import Plain


class Person:
    """Somebody at a browser, with a program that speaks JSON, Socket.IO and `/ws`."""

    def __init__(self, house: House, user: User, stack: AsyncExitStack) -> None:
        self.house = house
        self.user = user
        self.browser = Browser(house.address)
        self.stack = stack
        self._sockets: dict[str, socketio.AsyncClient] = {}
        self._plain: Plain | None = None
        self._token = ""

    async def arrives(self) -> "Person":
        await self.stack.enter_async_context(self.browser)
        await self.browser.enters(self.user.username)
        services = self.house.services
        session, _ = await services.sessions.begin(self.user, address="", agent="")
        self._token = await services.tokens.for_session(session)
        return self

    async def posts(self, path: str, **fields: str) -> None:
        """Send a form."""
        await self.browser.sends(path, **fields)

    async def asks(self, method: str, path: str, body: Any = None) -> None:
        """Call the JSON API with the token of a program."""
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
    """What the actions are done to, made anew for each."""

    def __init__(self, house: House, admin: User) -> None:
        self.house = house
        self.admin = in_person(admin)
        self._numbers = itertools.count()

    async def person(self, role: Role = "member") -> User:
        return await self.house.invites(f"cleo{next(self._numbers)}", role)

    async def topic(self) -> str:
        directory = self.house.services.topics.directory
        return (await directory.create(self.admin, Create(topic="builds")))[0].name

    async def hook(self, by: Caller | None = None) -> str:
        registry = self.house.services.hooks.registry
        asked = NewHook(direction="incoming", name="CI", topic="builds")
        return (await registry.make(by or self.admin, asked)).hook.id

    async def stopped_hook(self) -> str:
        maker = await self.person("admin")
        hook = await self.hook(in_person(maker))
        await self.house.services.accounts.disabling.disable(maker.id)
        return hook

    async def message(self) -> str:
        request = SendMessage(room="hallway", text="a", client_id=str(next(self._numbers)))
        return (await self.house.services.chat.messages.send(self.admin.user, request)).id

    async def room(self, member: User) -> str:
        """A room of the scene's admin with one member more."""
        name = f"room {next(self._numbers)}"
        rooms = self.house.services.rooms
        return (await rooms.create(name, "open", self.admin.user, [member.id])).room.id

    async def connected(self, stack: AsyncExitStack) -> User:
        """Somebody with an open connection."""
        user = await self.person()
        token = await self.house.services.tokens.create(user.id)
        await stack.enter_async_context(Plain(self.house.address, token))
        return user

    def line_of(self, user: User) -> str:
        places = self.house.services.core.traffic.connections.values()
        return next(c.line for place in places for c in place if c.user_id == user.id)


# Does the action as this person; returns what it was about.
Way = Callable[[Person, Scene], Awaitable[str | None]]


async def changes_a_topic_by_form(person: Person, scene: Scene) -> str:
    topic = await scene.topic()
    await person.posts("/admin/topics/settings", topic=topic, count="5")
    return topic


async def changes_a_topic_over_http(person: Person, scene: Scene) -> str:
    topic = await scene.topic()
    await person.asks("PATCH", f"/api/topics/{topic}", {"publish": "members"})
    return topic


async def changes_a_topic_over_socketio(person: Person, scene: Scene) -> str:
    topic = await scene.topic()
    await person.emits("/topics", "update", topic=topic, publish="members")
    return topic


async def changes_a_topic_over_ws(person: Person, scene: Scene) -> str:
    topic = await scene.topic()
    await person.says("update", topic=topic, publish="members")
    return topic


async def deletes_a_topic_by_form(person: Person, scene: Scene) -> str:
    topic = await scene.topic()
    await person.posts("/admin/topics/delete", topic=topic)
    return topic


async def deletes_a_topic_over_http(person: Person, scene: Scene) -> str:
    topic = await scene.topic()
    await person.asks("DELETE", f"/api/topics/{topic}")
    return topic


async def deletes_a_topic_over_socketio(person: Person, scene: Scene) -> str:
    topic = await scene.topic()
    await person.emits("/topics", "delete", topic=topic)
    return topic


async def deletes_a_topic_over_ws(person: Person, scene: Scene) -> str:
    topic = await scene.topic()
    await person.says("delete", topic=topic)
    return topic


async def makes_a_hook_by_form(person: Person, _: Scene) -> str:
    await person.posts("/admin/hooks", name="CI", kind="topic", place="builds")
    return "CI"


async def makes_a_hook_over_http(person: Person, _: Scene) -> str:
    await person.asks(
        "POST", "/api/hooks", {"direction": "incoming", "name": "CI", "topic": "builds"}
    )
    return "CI"


async def deletes_a_hook_by_form(person: Person, scene: Scene) -> str:
    hook = await scene.hook()
    await person.posts("/admin/hooks/delete", id=hook)
    return hook


async def deletes_a_hook_over_http(person: Person, scene: Scene) -> str:
    hook = await scene.hook()
    await person.asks("DELETE", f"/api/hooks/{hook}")
    return hook


async def switches_a_hook(person: Person, scene: Scene) -> str:
    hook = await scene.hook()
    await person.posts("/admin/hooks/switch", id=hook, off="1")
    return hook


async def adopts_a_hook_by_form(person: Person, scene: Scene) -> str:
    hook = await scene.stopped_hook()
    await person.posts("/admin/hooks/adopt", id=hook)
    return hook


async def adopts_a_hook_over_http(person: Person, scene: Scene) -> str:
    hook = await scene.stopped_hook()
    await person.asks("POST", f"/api/hooks/{hook}/adopt")
    return hook


async def adopts_all_hooks(person: Person, scene: Scene) -> str:
    hook = await scene.stopped_hook()
    await person.posts("/admin/hooks/adopt-all")
    return hook


async def announces_by_form(person: Person, _: Scene) -> None:
    fields = {"title": "Backup", "to": "all", "key": "k"}
    await person.posts("/admin/announcements", step="send", **fields)


async def announces_over_http(person: Person, _: Scene) -> None:
    await person.asks("POST", "/api/notifications", {"title": "Backup", "all": True})


async def disconnects_somebody(person: Person, scene: Scene) -> str:
    user = await scene.connected(person.stack)
    await person.posts("/admin/connections/end", id=scene.line_of(user))
    return user.id


async def edits_a_message(person: Person, scene: Scene) -> str:
    message = await scene.message()
    await person.emits("/chat", "message:edit", room="hallway", id=message, text="b")
    return scene.admin.user.id


async def deletes_a_message(person: Person, scene: Scene) -> str:
    message = await scene.message()
    await person.says("message:delete", room="hallway", id=message)
    return scene.admin.user.id


async def archives_a_room(person: Person, scene: Scene) -> str:
    room = await scene.room(person.user)
    await person.emits("/chat", "room:archive", room=room)
    return room


async def renames_a_room(person: Person, scene: Scene) -> str:
    room = await scene.room(person.user)
    await person.says("room:update", room=room, name=f"renamed {room}")
    return room


async def removes_a_member(person: Person, scene: Scene) -> str:
    room = await scene.room(person.user)
    await person.says("room:remove", room=room, user=scene.admin.user.id)
    return room


OF_ADMINS: list[tuple[str, Way]] = [
    ("topic_changed", changes_a_topic_by_form),
    ("topic_changed", changes_a_topic_over_http),
    ("topic_changed", changes_a_topic_over_socketio),
    ("topic_changed", changes_a_topic_over_ws),
    ("topic_deleted", deletes_a_topic_by_form),
    ("topic_deleted", deletes_a_topic_over_http),
    ("topic_deleted", deletes_a_topic_over_socketio),
    ("topic_deleted", deletes_a_topic_over_ws),
    ("hook_made", makes_a_hook_by_form),
    ("hook_made", makes_a_hook_over_http),
    ("hook_deleted", deletes_a_hook_by_form),
    ("hook_deleted", deletes_a_hook_over_http),
    ("hook_switched", switches_a_hook),
    ("hook_adopted", adopts_a_hook_by_form),
    ("hook_adopted", adopts_a_hook_over_http),
    ("hook_adopted", adopts_all_hooks),
    ("announcement", announces_by_form),
    ("announcement", announces_over_http),
    ("connection_ended", disconnects_somebody),
    ("room_managed", archives_a_room),
    ("room_managed", renames_a_room),
    ("room_managed", removes_a_member),
]

# A member's refusal of these is daily chat.
OF_ADMINS_ONLY: list[tuple[str, Way]] = [
    ("message_edited", edits_a_message),
    ("message_deleted", deletes_a_message),
]


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def entries_by(name: str, database: Database) -> list[dict[str, Any]]:
    """The entries of this person, which are gone then."""
    collection = database.collection("audit")
    found = [dict(each) async for each in collection.find({"name": name})]
    await collection.delete_many({})
    return found


async def test_an_admins_action_leaves_one_entry_over_each_transport(
    house: House, database: Database, stack: AsyncExitStack
) -> None:
    user, other = await house.invites("ana", "admin"), await house.invites("dora", "admin")
    ana, scene = await Person(house, user, stack).arrives(), Scene(house, other)
    await entries_by("ana", database)
    for kind, act in [*OF_ADMINS, *OF_ADMINS_ONLY]:
        about = await act(ana, scene)
        [entry] = await entries_by("ana", database)
        shown = {name: entry[name] for name in ("kind", "user", "about", "address", "allowed")}
        assert shown == {
            "kind": kind,
            "user": user.id,
            "about": about,
            "address": "127.0.0.1",
            "allowed": True,
        }, act


async def test_a_member_who_tries_it_is_counted_once_an_hour(
    house: House, database: Database, stack: AsyncExitStack
) -> None:
    other, user = await house.invites("dora", "admin"), await house.invites("ben")
    ben, scene = await Person(house, user, stack).arrives(), Scene(house, other)
    await entries_by("ben", database)
    for kind, act in OF_ADMINS:
        for _ in range(2):
            await act(ben, scene)
        [entry] = await entries_by("ben", database)
        told = (entry["kind"], entry["allowed"], entry["times"])
        assert told == (kind, False, 2), act


async def on_the_command_line(house: House, *words: str) -> None:
    """Run a command beside the server."""
    options = cli.parser().parse_args(words)
    await options.run(options, house.services.features)


ON_THE_COMMAND_LINE: list[tuple[str, Callable[[str], tuple[str, ...]]]] = [
    ("room_made", lambda user: ("rooms", "create", f"of {user}", "--owner", user)),
    ("member_added", lambda user: ("rooms", "add", "hallway", user)),
]


async def test_a_command_leaves_an_entry_without_a_user(house: House, database: Database) -> None:
    owner = await house.invites("dora", "admin")
    scene = Scene(house, owner)
    for kind, words in ON_THE_COMMAND_LINE:
        user = await scene.person()
        await entries_by("command line", database)
        await on_the_command_line(house, *words(user.username))
        [entry] = await entries_by("command line", database)
        told = {name: entry[name] for name in ("kind", "user", "address", "allowed")}
        assert told == {"kind": kind, "user": None, "address": "", "allowed": True}
