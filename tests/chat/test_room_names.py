"""Names of rooms: which are taken, for whom, and the slug that each room gets."""

from datetime import UTC, datetime, timedelta

import pytest

from app.accounts.models import Caller
from app.chat.migrations import key_names
from app.chat.room_names import free_slug, slug_of
from app.errors import Conflict
from app.server.features import FEATURES
from app.storage.migrations import NEWEST
from tests.chat.house import House, Member, soon
from tests.harness.services import open_services


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Work Shop", "work-shop"),
        ("  --A_b--  ", "a_b"),
        ("Straße", "strasse"),
        ("Кухня", "кухня"),
        ("ＡＢＣ", "abc"),
        ("a/b?c#d", "a-b-c-d"),
        ("🎉", ""),
        ("🏳️\u200d🌈", ""),
        ("#️⃣", ""),
        ("❤️ and 1️⃣", "and-1⃣"),
        ("เก่า", "เก่า"),
        ("हिन्दी", "हिन्दी"),
        ("می‌خواهم", "می-خواهم"),
        ("C++", "c"),
        ("0123456789abcdef01234567", "room-0123456789abcdef01234567"),
        ("d-0123456789abcdef01234567", "room-d-0123456789abcdef01234567"),
    ],
)
def test_slug(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_slug_is_short_whatever_it_is_folded_to() -> None:
    assert len(slug_of("ﷺ" * 80)) <= 80


def test_slug_that_is_taken_gets_a_number() -> None:
    assert free_slug("c", {"d"}) == "c"
    assert free_slug("c", {"c", "c-3"}) == "c-2"
    assert free_slug("c", {"c", "c-2"}) == "c-3"
    assert free_slug("hallway", set()) == "hallway-2"


async def makes(person: Member, name: str, kind: str = "open") -> dict[str, str]:
    room: dict[str, str] = (await person.does("room:create", name=name, kind=kind))["room"]
    return room


@pytest.mark.parametrize(
    ("one", "other"), [("เก่า", "เก้า"), ("C", "C++"), ("a b", "a.b"), ("🎉", "🎈"), ("Zoë", "Zoe")]
)
async def test_names_that_read_differently_are_different_rooms(
    ana: Member, ben: Member, one: str, other: str
) -> None:
    first, second = await makes(ana, one), await makes(ben, other)
    assert (first["name"], second["name"]) == (one, other)
    assert first["slug"] != second["slug"]
    for room in (first, second):
        assert (await ben.joins(room["slug"]))["room"]["id"] == room["id"]


@pytest.mark.parametrize(
    ("one", "other"), [("Zoë", "ZOE\u0308"), ("Straße", "STRASSE"), ("a b", " A  B "), ("❤", "❤️")]
)
async def test_names_that_read_the_same_are_a_conflict(
    ana: Member, ben: Member, one: str, other: str
) -> None:
    await makes(ana, one)
    refused = await ben.call("room:create", name=other)
    assert (refused["error"]["code"], refused["error"]["field"]) == ("conflict", "name")


async def test_renaming_takes_a_name_and_frees_the_old_one(ana: Member, ben: Member) -> None:
    alpha, beta = await makes(ana, "Alpha"), await makes(ben, "Beta")
    assert await ben.fails("room:update", room=beta["id"], name="ALPHA") == "conflict"
    await ben.does("room:update", room=beta["id"], name="BETA")
    await ben.does("room:update", room=beta["id"], name="Gamma")
    again = await makes(ana, "Beta")
    assert again["slug"] == "beta-2"
    assert (await ana.joins("beta"))["room"]["name"] == "Gamma"
    assert await ben.fails("room:create", name="gamma") == "conflict"
    await ana.does("room:archive", room=alpha["id"])
    assert await ben.fails("room:create", name="Alpha") == "conflict"


async def test_of_many_who_want_a_name_at_once_one_gets_it(
    house: House, ana: Member, ben: Member, cleo: Member
) -> None:
    """Also where two nodes are asked: the database decides."""
    async with open_services(house.services.settings, house.services.database) as node:
        results = await soon(
            ana.call("room:create", name="Race"),
            ben.call("room:create", name="RACE"),
            tried(node.rooms.create("race", "open", cleo.user)),
            ben.call("room:create", name="Race!"),
        )
        assert results.pop()["ok"]
        assert sum(bool(result and result["ok"]) for result in results) == 1
        one, two = await makes(ben, "One"), await makes(cleo, "Two")
        there = await node.users.get(cleo.id)
        results = await soon(
            ben.call("room:update", room=one["id"], name="Both"),
            tried(node.rooms.update(Caller(user=there), two["id"], "both", None)),
        )
        assert sum(bool(result and result["ok"]) for result in results) == 1


async def tried(work: object) -> dict[str, bool] | None:
    try:
        await work  # type: ignore[misc]
    except Conflict:
        return None
    return {"ok": True}


async def test_nobody_outside_learns_that_a_private_room_has_a_name(
    ana: Member, ben: Member, cleo: Member
) -> None:
    secret = await makes(ben, "Secret plans", "private")
    public = await makes(cleo, "Secret plans")
    assert public["slug"] == "secret-plans"
    other = await makes(cleo, "Other")
    await makes(ben, "Hidden", "private")
    await cleo.does("room:update", room=other["id"], name="Hidden")
    assert (await makes(ana, "Hidden plans", "private"))["name"] == "Hidden plans"
    assert secret["slug"].startswith("secret-plans-")
    assert await cleo.fails("room:join", room=secret["slug"]) == "not_found"
    assert (await ben.joins(secret["slug"]))["room"]["id"] == secret["id"]


@pytest.mark.parametrize("kind", ["open", "private"])
async def test_a_name_that_one_can_see_is_taken(ana: Member, ben: Member, kind: str) -> None:
    await makes(ben, "Mine", "private")
    await makes(ana, "Open to all")
    for name in ("MINE", "open to all", "Hallway"):
        assert await ben.fails("room:create", name=name, kind=kind) == "conflict", name
    other = await makes(ben, "Other", kind)
    for name in ("MINE", "open to all"):
        assert await ben.fails("room:update", room=other["id"], name=name) == "conflict", name


async def test_rooms_from_before_get_the_keys_of_their_names(
    house: House, ana: Member, ben: Member
) -> None:
    rooms = house.services.database.collection("rooms")
    first, second = await makes(ana, "Talk"), await makes(ana, "Talk!")
    await rooms.update_many({}, {"$unset": {"name_key": ""}})
    long_ago = datetime.now(UTC) - timedelta(days=9)
    changed = {"name": "TALK", "created_at": long_ago}
    await rooms.update_one({"_id": second["id"]}, {"$set": changed})
    for _ in range(2):
        await key_names(house.services.database)
    keys = {d["_id"]: d["name_key"] async for d in rooms.find({"kind": "open"})}
    assert keys[second["id"]] == "talk"
    assert keys[first["id"]].startswith("talk\n")
    assert await ben.fails("room:create", name="Talk") == "conflict"
    await ana.does("room:update", room=first["id"], name="Talk more")
    assert (await rooms.find_one({"_id": first["id"]}))["name_key"] == "talk more"


def test_the_newest_migration_is_known_where_backups_are_checked() -> None:
    assert max(step.number for kind in FEATURES for step in kind.migrations) == NEWEST
