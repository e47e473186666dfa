"""People and open rooms are found by any part of their names, by those who may know of them."""

from typing import Any
from unittest.mock import patch

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from app.accounts.migrations import index_names as index_users
from app.chat.migrations import index_names as index_rooms
from app.chat.room_views import RoomViews
from app.name_keys import name_keys
from app.storage.mongo import Database
from tests.chat.house import House, Member
from tests.chat.test_http import web_of
from tests.chat.test_rooms import workshop


def names(answer: dict[str, Any]) -> list[str]:
    return [found["name"] for found in answer["items"]]


async def settle(house: House, *people: tuple[str, str]) -> None:
    for username, name in people:
        await house.services.users.create(username, "correct horse battery", name)


async def test_people_are_found_by_any_part_of_name_or_username(house: House, ana: Member) -> None:
    await settle(house, ("yamada.t", "山田太郎"), ("zoe", "Zoë Brandão"), ("dana", "דָּנָה לוי"))
    for query, found in (
        ("山", "山田太郎"),
        ("田太", "山田太郎"),
        ("YAMA", "山田太郎"),
        ("zoe", "Zoë Brandão"),
        ("andao", "Zoë Brandão"),
        ("brand zo", "Zoë Brandão"),
        ("דנה", "דָּנָה לוי"),
    ):
        assert names(await ana.does("people:find", query=query)) == [found], query
    assert names(await ana.does("people:find", query="nobody")) == []
    assert names(await ana.does("people:find", query="a", limit=1)) == ["Ana"]


async def test_a_renamed_person_is_found_by_the_new_name(house: House, ana: Member) -> None:
    zoe = await house.services.users.create("zoe", "correct horse battery", "Zoe")
    await house.services.users.describe(zoe.id, name="Xanthippe")
    assert names(await ana.does("people:find", query="xan")) == ["Xanthippe"]
    assert names(await ana.does("people:find", query="zoe")) == ["Xanthippe"]


async def test_pages_give_everybody_once(house: House, ana: Member) -> None:
    await settle(house, *((f"member-{n}", f"Mem Ber {n}") for n in range(7)))
    for query in ("mem", ""):
        found: list[str] = []
        more = True
        while more:
            page = await ana.does("people:find", query=query, limit=3, offset=len(found))
            found += names(page)
            more = page["more"]
        assert len(found) == len(set(found)) == (7 if query else 8)


async def test_members_of_the_room_come_first(ana: Member, ben: Member, cleo: Member) -> None:
    room = await workshop(ana, cleo)
    found = await ana.does("people:find", query="", room=room)
    assert {p["name"]: p["member"] for p in found["items"]} == {
        "Ana": True,
        "Ben": False,
        "Cleo": True,
    }
    assert names(await ana.does("people:find", query="e", room=room)) == ["Cleo", "Ben"]
    assert names(await ana.does("people:find", query="e")) == ["Ben", "Cleo"]
    assert await ben.fails("people:find", query="e", room=room) == "not_found"


async def test_closed_accounts_are_not_offered_and_bots_are_marked(
    house: House, ana: Member, ben: Member
) -> None:
    await house.services.users.create_bot("beeper", "Beeper")
    assert names(await ana.does("people:find", query="be")) == ["Beeper", "Ben"]
    assert (await ana.does("people:find", query="beeper"))["items"][0]["bot"] is True
    await house.services.accounts.disabling.disable(ben.id)
    for query in ("be", ""):
        assert "Ben" not in names(await ana.does("people:find", query=query)), query
    await house.services.accounts.disabling.enable(ben.id)
    assert "Ben" in names(await ana.does("people:find", query="be"))


async def test_open_rooms_are_found_and_private_ones_are_not(ana: Member, ben: Member) -> None:
    open_room = (await ana.does("room:create", name="Überblick"))["room"]["id"]
    await ana.does("room:create", name="Überblick geheim", kind="private")
    await ana.does("direct:open", user="ben")
    for query in ("uber", "blick"):
        (found,) = (await ben.does("rooms:find", query=query))["items"]
        assert (found["id"], found["member"], found["member_count"]) == (open_room, False, 1)
    assert names(await ben.does("rooms:find")) == ["hallway", "Überblick"]
    assert names(await ana.does("rooms:find", query="geheim")) == []
    await ben.joins(open_room)
    (found,) = (await ben.does("rooms:find", query="uber"))["items"]
    assert (found["member"], found["member_count"]) == (True, 2)
    # The same from the database, for rooms that are not in memory.
    with patch.object(RoomViews, "member_counts", return_value={}):
        (found,) = (await ana.does("rooms:find", query="uber"))["items"]
    assert found["member_count"] == 2
    await ben.does("room:quit", room=open_room)
    (found,) = (await ben.does("rooms:find", query="uber"))["items"]
    assert (found["member"], found["member_count"]) == (False, 1)
    await ana.does("room:update", room=open_room, name="Ausblick")
    assert names(await ben.does("rooms:find", query="aus")) == ["Ausblick"]
    assert names(await ben.does("rooms:find", query="uber")) == []


@pytest.mark.parametrize("query", ["", "room"])
async def test_open_rooms_come_by_pages(ana: Member, query: str) -> None:
    for name in ("room a", "room b", "room c"):
        await ana.does("room:create", name=name)
    everything = await ana.does("rooms:find", query=query)
    assert everything["more"] is False
    by_pages = list[str]()
    for offset in range(0, len(everything["items"]), 2):
        page = await ana.does("rooms:find", query=query, limit=2, offset=offset)
        by_pages += names(page)
        assert page["more"] is (len(by_pages) < len(everything["items"]))
    assert by_pages == names(everything)


async def test_archived_rooms_are_found_apart(ana: Member, ben: Member) -> None:
    room = await workshop(ana, kind="open")
    await ana.does("room:archive", room=room)
    for query in ("work", ""):
        assert "Workshop" not in names(await ben.does("rooms:find", query=query))
        assert names(await ben.does("rooms:find", query=query, archived=True)) == ["Workshop"]


async def test_it_is_the_same_over_http(house: House, ana: Member, ben: Member) -> None:
    room = await workshop(ana, kind="open")
    web = await web_of(house, ben)
    status, answer = await web.get(f"/api/people?q=an&room={room}&limit=1")
    assert (status, names(answer), answer["more"]) == (200, ["Ana"], False)
    assert answer["items"][0]["member"] is True
    status, answer = await web.get("/api/open-rooms?q=work")
    assert (status, names(answer)) == (200, ["Workshop"])
    assert (await web.get("/api/people?limit=51"))[0] == 400
    assert (await web.get("/api/people?q=" + "x" * 201))[0] == 400


async def test_people_and_rooms_from_before_are_found(house: House, ana: Member) -> None:
    unset = {"$unset": {"name_starts": "", "name_parts": ""}}
    for name in ("users", "rooms"):
        await house.services.database.collection(name).update_many({}, unset)
    assert names(await ana.does("people:find", query="ana")) == []
    for _ in range(2):
        await index_users(house.services.database)
        await index_rooms(house.services.database)
    assert names(await ana.does("people:find", query="ana")) == ["Ana"]
    assert names(await ana.does("rooms:find", query="hall")) == ["hallway"]


async def keys_read(database: Database, find: dict[str, Any]) -> int:
    client: AsyncIOMotorClient = database.client
    plan = await client[database.name].command("explain", find, verbosity="executionStats")
    return int(plan["executionStats"]["totalKeysExamined"])


@pytest.mark.parametrize("query", ["m", "ember", "9"])
async def test_a_search_reads_no_more_of_ten_thousand_people(
    house: House, ana: Member, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    users = house.services.database.collection("users")
    closed = {"disabled": False, "deleted": False, "role": "member", "rev": 1, "password": None}
    await users.insert_many(
        {"_id": f"p{n}", "username": f"m{n}", "name": f"Member {n}", "time_zone": "UTC"}
        | name_keys(f"m{n}", f"Member {n}")
        | closed
        for n in range(10_000)
    )
    asked: list[dict[str, Any]] = []
    find = type(users).find

    def note(self: Any, condition: Any, *rest: Any, **options: Any) -> Any:
        if "name_starts" in str(condition) or "name_parts" in str(condition):
            hint, limit = options["hint"], options["limit"]
            asked.append({"find": self.name, "filter": condition, "hint": hint, "limit": limit})
        return find(self, condition, *rest, **options)

    monkeypatch.setattr(type(users), "find", note)
    assert len((await ana.does("people:find", query=query, limit=20))["items"]) == 20
    assert asked
    assert sum([await keys_read(house.services.database, find) for find in asked]) < 200


async def test_the_card_of_a_person_says_who_and_when_they_are(
    house: House, ana: Member, ben: Member
) -> None:
    users = house.services.users
    await users.describe(ben.user.id, time_zone="Asia/Tokyo")
    shown = (await ana.does("people:show", user=ben.user.id))["person"]
    assert shown == {
        "id": ben.user.id,
        "username": "ben",
        "name": "Ben",
        "state": "online",
        "role": "member",
        "time_zone": "Asia/Tokyo",
    }
    assert (await ana.does("people:show", user="Ben"))["person"] == shown
    mine = (await ben.does("people:show", user=ana.user.id))["person"]
    assert "time_zone" not in mine
    await users.change(ben.user.id, {"disabled": True})
    assert (await ana.does("people:show", user=ben.user.id))["person"]["disabled"] is True
    await users.change(ben.user.id, {"deleted": True})
    for gone in (ben.user.id, "nobody"):
        assert await ana.fails("people:show", user=gone) == "not_found"
