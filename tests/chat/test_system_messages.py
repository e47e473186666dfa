"""System messages: their sentences, and the members whom they carry."""

from typing import Any

import pytest

from app.chat.system_messages import System, text_and_html
from app.storage.mongo import Database
from app.streams.store import ENTRIES
from tests.chat.house import House, Member, Payload
from tests.chat.test_http import web_of
from tests.chat.test_rooms import workshop
from tests.harness.listener import Listener
from tests.harness.waiting import eventually

MEMBERSHIP_KINDS = ("joined", "invited", "left", "removed")


@pytest.mark.parametrize(
    ("system", "sentence"),
    [
        ({"kind": "created"}, "Ana created the room"),
        ({"kind": "created", "direct": True}, "Conversation started"),
        ({"kind": "joined"}, "Ben joined"),
        ({"kind": "invited"}, "Ana added Ben"),
        ({"kind": "left"}, "Ben left"),
        ({"kind": "removed"}, "Ana removed Ben"),
        ({"kind": "renamed", "fields": {"name": "{by} & co"}}, "Ana renamed the room to {by} & co"),
        ({"kind": "topic", "fields": {"topic": "planes"}}, "Ana set the topic: planes"),
        ({"kind": "topic", "fields": {"topic": ""}}, "Ana removed the topic"),
        ({"kind": "archived", "fields": {"archived": True}}, "Ana archived the room"),
    ],
)
def test_room_says_what_happened(system: System, sentence: str) -> None:
    assert text_and_html(system, "Ana", "Ben")[0] == sentence


def test_names_run_in_their_own_direction_in_what_the_room_says() -> None:
    renamed: System = {"kind": "renamed", "fields": {"name": "<b>{by}"}}
    assert text_and_html(renamed, "دانا", "Ben") == (
        "دانا renamed the room to <b>{by}",
        "<bdi>دانا</bdi> renamed the room to <bdi>&lt;b&gt;{by}</bdi>",
    )
    archived: System = {"kind": "archived", "fields": {"archived": True}}
    assert text_and_html(archived, "Ana", "Ana")[1] == "<bdi>Ana</bdi> archived the room"


def members_in(items: list[Payload]) -> list[tuple[str, Payload]]:
    """`(kind, member)` of the items that are about a member."""
    systems = [item["system"] for item in items if "system" in item]
    return [(s["kind"], s["member"]) for s in systems if s["kind"] in MEMBERSHIP_KINDS]


def member_of(joined: Payload, user_id: str) -> Payload:
    """One of the members in the answer to `room:join`."""
    return next(dict(member) for member in joined["members"] if member["id"] == user_id)


async def test_arrival_carries_the_member_as_the_list_has_them(
    house: House, ana: Member, ben: Member, cleo: Member
) -> None:
    room = await workshop(ana, ben, kind="open")
    await ben.joins(room)
    await cleo.joins(room)
    item = await ben.hears("messages", lambda told: bool(members_in(told["items"])))
    kind, member = members_in(item["items"])[-1]
    listed = member_of(await ben.joins(room), cleo.id)
    assert (kind, member) == ("joined", listed)
    assert member == {
        "id": cleo.id,
        "username": "cleo",
        "name": "Cleo",
        "role": "member",
        "state": "online",
    }


async def test_who_was_added_or_has_gone_is_carried_too(
    house: House, ana: Member, ben: Member, cleo: Member
) -> None:
    room = await workshop(ana, ben)
    await ana.joins(room)
    await ana.does("room:invite", room=room, user=cleo.id)
    await ana.does("room:remove", room=room, user=cleo.id)
    await ben.does("room:quit", room=room)
    history = await ana.does("room:history", room=room, before=1_000)
    found = [(kind, member["username"]) for kind, member in members_in(history["items"])]
    assert found == [("invited", "cleo"), ("removed", "cleo"), ("left", "ben")]


async def test_an_owner_who_comes_back_is_shown_as_the_owner(ana: Member, ben: Member) -> None:
    room = await workshop(ana, ben, kind="open")
    await ana.does("room:quit", room=room)
    await ana.joins(room)
    synced = await ben.does("room:sync", room=room, cursor=0)
    assert [m["role"] for _, m in members_in(synced["items"])] == ["owner", "owner"]


async def test_every_transport_carries_the_member(house: House, ana: Member, ben: Member) -> None:
    room = await workshop(ana, kind="open")
    token = await house.services.tokens.create(ana.id)
    async with Listener(house.address, token, f"chat:{room}") as reader:
        await reader.opens()
        await ben.joins(room)
        await eventually(lambda: bool(members_in(reader.items())), "ana's stream hears of ben")
        streamed = reader.items()
    _, found = await (await web_of(house, ana)).get(f"/api/rooms/{room}/messages")
    for items in (streamed, found["items"]):
        assert [(k, m["username"]) for k, m in members_in(items)] == [("joined", "ben")]


@pytest.mark.parametrize("stored", [True, False])
async def test_an_entry_of_an_older_version_is_served_with_its_member(
    house: House, database: Database, ana: Member, ben: Member, stored: bool
) -> None:
    room = await workshop(ana, kind="open")
    await ben.joins(room)
    if not stored:
        entry: dict[str, Any] = {"body.system.kind": "joined", "stream": f"room:{room}"}
        await database.collection(ENTRIES).update_one(entry, {"$unset": {"body.system.member": ""}})
    await house.services.users.describe(ben.id, name="Benjamin")
    history = await ana.does("room:history", room=room, before=1_000)
    ((_, member),) = members_in(history["items"])
    assert (member["username"], member["name"]) == ("ben", "Benjamin")
