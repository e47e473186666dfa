"""Each audited action leaves the same entry, whichever transport it came over."""

import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from app.audit.store import AuditStore
from app.cli import main as cli
from app.errors import Forbidden
from app.server.features import FEATURES
from app.storage.errors import DatabaseError
from app.storage.mongo import Database
from tests.admin.browser import Browser
from tests.audit.scene import Names, Person, Scene
from tests.chat.house import PASSWORD, House, open_house
from tests.harness.callers import in_person

Prepare = Callable[[Scene, Person], Awaitable[Names]]
Act = Callable[[Person, Names], Awaitable[None]]
Entry = dict[str, Any]


def by_form(path: str, **fields: str) -> Act:
    async def act(person: Person, names: Names) -> None:
        filled = {name: value.format(**names) for name, value in fields.items()}
        await person.posts(path.format(**names), **filled)

    return act


def by_json(method: str, path: str, **body: Any) -> Act:
    async def act(person: Person, names: Names) -> None:
        await person.asks(method, path.format(**names), body or None)

    return act


def by_socketio(namespace: str, event: str, **payload: str) -> Act:
    async def act(person: Person, names: Names) -> None:
        filled = {name: value.format(**names) for name, value in payload.items()}
        await person.emits(namespace, event, **filled)

    return act


def by_ws(event: str, **payload: str) -> Act:
    async def act(person: Person, names: Names) -> None:
        filled = {name: value.format(**names) for name, value in payload.items()}
        await person.says(event, **filled)

    return act


def named(about: str) -> Prepare:
    async def prepare(_: Scene, __: Person) -> Names:
        return {"about": about}

    return prepare


async def nothing(_: Scene, __: Person) -> Names:
    return {}


# The kind, what it is done to, and how.
OF_ADMINS: list[tuple[str, Prepare, Act]] = [
    ("role_changed", Scene.account, by_form("/admin/people/role", id="{about}", role="admin")),
    ("account_disabled", Scene.account, by_form("/admin/people/disable", id="{about}")),
    ("account_enabled", Scene.account, by_form("/admin/people/enable", id="{about}")),
    ("reset_link_made", Scene.account, by_form("/admin/people/reset", id="{about}")),
    (
        "session_ended",
        Scene.session,
        by_form("/admin/people/{about}/sessions/end", id="{session}"),
    ),
    ("sessions_ended", Scene.account, by_form("/admin/people/{about}/sessions/end-all")),
    ("invite_made", nothing, by_form("/admin/invites", uses="1")),
    ("invite_withdrawn", Scene.invite, by_form("/admin/invites/withdraw", id="{about}")),
    ("invite_made", nothing, by_json("POST", "/api/invites", uses=2)),
    ("server_renamed", named("Choir"), by_form("/admin/server", name="Choir")),
    ("server_renamed", named("Club"), by_json("PATCH", "/api/server", name="Club")),
    ("bot_made", named("ci"), by_form("/admin/bots", username="ci")),
    ("bot_adopted", Scene.waiting_bot, by_form("/admin/bots/adopt", id="{about}")),
    ("account_deleted", Scene.bot, by_form("/admin/bots/delete", id="{about}")),
    ("token_made", Scene.bot, by_form("/admin/people/{about}/tokens")),
    ("token_revoked", Scene.bot, by_form("/admin/people/{about}/tokens/revoke", id="{token}")),
    ("connection_ended", Scene.connection, by_form("/admin/connections/end", id="{line}")),
    (
        "announcement",
        nothing,
        by_form("/admin/announcements", step="send", title="Backup", to="all", key="k"),
    ),
    ("announcement", nothing, by_json("POST", "/api/notifications", title="Backup", all=True)),
    ("topic_changed", Scene.topic, by_form("/admin/topics/settings", topic="{about}", count="5")),
    ("topic_changed", Scene.topic, by_json("PATCH", "/api/topics/{about}", publish="members")),
    (
        "topic_changed",
        Scene.topic,
        by_socketio("/topics", "update", topic="{about}", publish="members"),
    ),
    ("topic_changed", Scene.topic, by_ws("update", topic="{about}", publish="members")),
    ("topic_deleted", Scene.topic, by_form("/admin/topics/delete", topic="{about}")),
    ("topic_deleted", Scene.topic, by_json("DELETE", "/api/topics/{about}")),
    ("topic_deleted", Scene.topic, by_socketio("/topics", "delete", topic="{about}")),
    ("topic_deleted", Scene.topic, by_ws("delete", topic="{about}")),
    ("hook_made", named("CI"), by_form("/admin/hooks", name="CI", kind="topic", place="builds")),
    (
        "hook_made",
        named("CI"),
        by_json("POST", "/api/hooks", direction="incoming", name="CI", topic="builds"),
    ),
    ("hook_deleted", Scene.hook, by_form("/admin/hooks/delete", id="{about}")),
    ("hook_deleted", Scene.hook, by_json("DELETE", "/api/hooks/{about}")),
    ("hook_switched", Scene.hook, by_form("/admin/hooks/switch", id="{about}", off="1")),
    ("hook_adopted", Scene.stopped_hook, by_form("/admin/hooks/adopt", id="{about}")),
    ("hook_adopted", Scene.stopped_hook, by_json("POST", "/api/hooks/{about}/adopt")),
    ("hook_adopted", Scene.stopped_hook, by_form("/admin/hooks/adopt-all")),
    ("room_managed", Scene.room, by_socketio("/chat", "room:archive", room="{about}")),
    ("room_managed", Scene.archived_room, by_ws("room:unarchive", room="{about}")),
    ("room_managed", Scene.room, by_ws("room:update", room="{about}", name="n{about}")),
    ("room_managed", Scene.room, by_ws("room:remove", room="{about}", user="{owner}")),
]

# Afterwards the server takes no new connections.
LAST: list[tuple[str, Prepare, Act]] = [
    ("node_drained", Scene.node, by_form("/admin/nodes/drain", id="{node}")),
    ("node_drained", Scene.node, by_json("POST", "/api/admin/nodes/{node}/drain")),
    ("node_drain_stopped", Scene.node, by_form("/admin/nodes/stop-draining", id="{node}")),
    ("node_drain_stopped", Scene.node, by_json("DELETE", "/api/admin/nodes/{node}/drain")),
]

# These forms try something out and change nothing of anybody.
NOT_AUDITED = {"/admin/hooks/test", "/admin/topics"}

# A member's refusal of these is daily chat.
OF_ADMINS_ONLY: list[tuple[str, Prepare, Act]] = [
    (
        "message_edited",
        Scene.message,
        by_socketio("/chat", "message:edit", room="hallway", id="{id}", text="b"),
    ),
    ("message_deleted", Scene.message, by_ws("message:delete", room="hallway", id="{id}")),
]

OWN: list[tuple[str, Act]] = [
    ("sign_out", by_form("/logout")),
    ("sign_out", by_json("DELETE", "/api/session")),
    (
        "password_changed",
        by_form("/settings/password", present=PASSWORD, password="another horse battery"),
    ),
    ("session_ended", by_form("/settings/sessions/end", id="{session}")),
    ("token_made", by_form("/settings/tokens", label="ci", scopes="chat")),
    ("token_revoked", by_form("/settings/tokens/revoke", id="{token}")),
    ("account_deleted", by_form("/settings/delete", farewell=PASSWORD)),
]

ON_THE_COMMAND_LINE: list[tuple[str, str]] = [
    ("account_made", "users create {}x --password-stdin"),
    ("account_disabled", "users disable {}"),
    ("account_enabled", "users enable {}"),
    ("account_deleted", "users delete {}"),
    ("reset_link_made", "users reset-link {}"),
    ("token_made", "tokens create {}"),
    ("bot_made", "bots create {}bot"),
    ("room_made", "rooms create of-{} --owner {}"),
    ("member_added", "rooms add hallway {}"),
    ("access_ended", "db end-access"),
]


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def entries_by(name: str, database: Database) -> list[Entry]:
    """The entries of this person, oldest first; all entries are gone then."""
    collection = database.collection("audit")
    found = [dict(each) async for each in collection.find({"name": name}, sort=[("_id", 1)])]
    await collection.delete_many({})
    return found


def shown(entry: Entry) -> tuple[Any, ...]:
    return tuple(entry[name] for name in ("kind", "user", "about", "address", "allowed"))


async def test_an_admins_action_leaves_one_entry_over_each_transport(
    house: House, database: Database, stack: AsyncExitStack
) -> None:
    user, other = await house.invites("ana", "admin"), await house.invites("dora", "admin")
    ana, scene = await Person(house, user, stack).arrives(), Scene(house, other)
    for kind, prepare, act in [*OF_ADMINS, *OF_ADMINS_ONLY, *LAST]:
        names = await prepare(scene, ana)
        await entries_by("ana", database)
        await act(ana, names)
        [entry] = await entries_by("ana", database)
        assert shown(entry) == (kind, user.id, names.get("about"), "127.0.0.1", True)
    patterns = {re.sub(r"\{[^}]+\}", "[^/]+", form): form for form in forms_of_admins(house)}
    tried = {patterns[p] for path in ana.posted for p in patterns if re.fullmatch(p, path)}
    assert set(patterns.values()) - tried == NOT_AUDITED


def forms_of_admins(house: House) -> set[str]:
    """The addresses of the admins' forms."""
    routes = house.site.web.router.routes()
    posted = {r.resource.canonical for r in routes if r.method == "POST" and r.resource is not None}
    return {path for path in posted if path.startswith("/admin")}


async def test_a_member_who_tries_it_is_counted_once_an_hour(
    house: House, database: Database, stack: AsyncExitStack
) -> None:
    other, user = await house.invites("dora", "admin"), await house.invites("ben")
    ben, scene = await Person(house, user, stack).arrives(), Scene(house, other)
    for kind, prepare, act in [*OF_ADMINS, *LAST]:
        names = await prepare(scene, ben)
        await entries_by("ben", database)
        for _ in range(2):
            await act(ben, names)
        [entry] = await entries_by("ben", database)
        assert (entry["kind"], entry["allowed"], entry["times"]) == (kind, False, 2)


async def test_people_leave_an_entry_at_their_own_accounts(
    house: House, database: Database, stack: AsyncExitStack
) -> None:
    scene = Scene(house, await house.invites("dora", "admin"))
    for kind, act in OWN:
        person = await Person(house, await scene.person(), stack).arrives()
        user_id, name = person.user.id, person.user.username
        await house.services.tokens.create(user_id, label="ci", by=user_id)
        tokens = await house.services.tokens.of(user_id)
        token = next(each.id for each in tokens if each.label == "ci")
        await entries_by(name, database)
        await act(person, {"session": person.session, "token": token})
        [entry] = await entries_by(name, database)
        assert shown(entry) == (kind, user_id, user_id, "127.0.0.1", True)


async def test_a_programs_token_at_a_persons_account_is_counted(
    house: House, database: Database
) -> None:
    user = await house.invites("ana", "admin")
    token = await house.services.tokens.create(user.id)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as program:
        for path, fields in (
            ("/settings/tokens", {"label": "more", "scopes": "chat"}),
            ("/admin/people/disable", {"id": user.id}),
        ):
            async with program.post(house.address + path, data=fields, allow_redirects=False) as at:
                assert at.headers["Location"].startswith("/login")
    assert [(e["kind"], e["allowed"]) for e in await entries_by("ana", database)] == [
        ("token_made", False),
        ("account_disabled", False),
    ]


async def test_visitors_are_named_by_what_they_typed(database: Database) -> None:
    async with open_house(database, registration="open") as house, Browser(house.address) as guest:
        accounts = house.services.accounts
        code = await accounts.setup.code()
        await guest.sends("/setup", username="ana", code=str(code), password=PASSWORD)
        await guest.sends("/register", username="ben", password=PASSWORD)
        ana = await house.services.users.find("ana")
        for invite, name in ((await accounts.invites.make(ana), "cleo"), ("nope", "dora")):
            await guest.sends(f"/join/{invite}", username=name, password=PASSWORD)
        reset = await accounts.password_changes.make_reset(ana)
        await guest.sends(f"/reset/{reset}", password="another horse battery")
        found = database.collection("audit").find({}, sort=[("_id", 1)])
        told = [(e["kind"], e["user"], e["about"], e["allowed"]) async for e in found]
    assert told == [
        ("set_up", None, "ana", True),
        ("account_made", None, "ben", True),
        ("account_made", None, "cleo", True),
        ("account_made", None, "dora", False),
        ("password_reset", None, ana.id, True),
    ]


async def test_a_command_leaves_an_entry_without_a_user(
    house: House, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    scene = Scene(house, await house.invites("dora", "admin"))
    for kind, words in ON_THE_COMMAND_LINE:
        name = (await scene.person()).username
        options = cli.parser().parse_args(words.format(name, name).split())
        # Its verb alone, with the features that are open here.
        [verb] = options.run.args
        await verb(options, house.services.features)
        [entry] = await entries_by("command line", database)
        assert (entry["kind"], entry["user"], entry["allowed"]) == (kind, None, True)


def test_each_kind_that_a_feature_names_is_tried() -> None:
    others = {"sign_in", "set_up", "password_reset", "backup_made", "database_restored"}
    tables: list[list[Any]] = [OF_ADMINS, OF_ADMINS_ONLY, LAST, OWN, ON_THE_COMMAND_LINE]
    audited = {kind for feature in FEATURES for kind in feature.audited}
    assert audited == {row[0] for table in tables for row in table} | others


async def test_a_failing_audit_store_does_not_stop_the_action(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise DatabaseError("away")

    monkeypatch.setattr(AuditStore, "add", fails)
    monkeypatch.setattr(AuditStore, "count", fails)
    ana, ben = await house.invites("ana", "admin"), await house.invites("ben")
    administration = house.services.accounts.administration
    with capture_logs() as lines:
        assert (await administration.disable(in_person(ana), ben.id)).is_disabled
        with pytest.raises(Forbidden):
            await administration.enable(in_person(ben), ben.id)
    lost = [
        (line["kind"], line["allowed"]) for line in lines if "audit entry lost" in line["event"]
    ]
    assert lost == [("account_disabled", True), ("account_enabled", False)]
