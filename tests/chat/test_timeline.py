"""Many who come at once: into the first room, and into one that many are in."""

from typing import Any

import pytest

from app.accounts.models import User
from tests.chat.house import House, Member, Payload, soon

AT_ONCE = 30


async def test_all_get_in_who_come_before_there_is_a_first_room(house: House) -> None:
    house.services.users.created.clear()
    people = [await house.invites(f"person-{n}") for n in range(AT_ONCE)]
    members = await soon(*map(house.enters, people))
    for member in members:
        (hallway,) = (await member.hears("welcome"))["rooms"]
        assert hallway["slug"] == "hallway"
        assert hallway["member"]
    joined = await members[0].joins()
    assert {found["id"] for found in joined["members"]} == {user.id for user in people}


async def test_a_room_can_be_opened_as_soon_as_the_handshake_is_answered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also among many who connect at the same moment and are admitted in portions."""
    monkeypatch.setattr(house.site.sockets.arrivals, "_at_once", 1)
    people = [await house.invites(f"person-{n}") for n in range(AT_ONCE)]

    async def opens(user: User) -> Payload:
        return await (await house.enters(user)).joins()

    assert all(joined["room"]["slug"] == "hallway" for joined in await soon(*map(opens, people)))


def people_of(joined: Payload) -> dict[str, tuple[str, str]]:
    return {found["id"]: (found["name"], found["state"]) for found in joined["members"]}


def states_of(told: Payload) -> dict[str, str]:
    return {user["id"]: user["state"] for user in told["users"]}


async def test_member_list_is_never_older_than_what_happened(
    house: House, ana: Member, ben: Member, cleo: Member
) -> None:
    """It is made once for all who ask: each change has to be in the next one's."""
    assert people_of(await ana.joins())[ben.id] == ("Ben", "online")
    await ben.does("presence:set", state="away")
    assert people_of(await cleo.joins())[ben.id] == ("Ben", "away")
    await house.services.users.describe(ben.id, name="Benedict")
    assert people_of(await ana.joins())[ben.id] == ("Benedict", "away")
    await ben.client.disconnect()
    await ana.hears("presence", lambda told: states_of(told).get(ben.id) == "offline")
    assert people_of(await cleo.joins())[ben.id] == ("Benedict", "offline")
    await ana.does("room:remove", room="hallway", user=cleo.id)
    assert cleo.id not in people_of(await ana.joins())
    await ana.does("room:invite", room="hallway", user=cleo.id)
    assert people_of(await ana.joins())[cleo.id] == ("Cleo", "online")


async def test_who_is_deleted_is_a_former_member_to_the_next_one(
    house: House, ana: Member, ben: Member, cleo: Member
) -> None:
    await ben.sends("hi")
    await ana.joins()
    await house.services.accounts.disabling.delete(ben.id)
    joined = await cleo.joins()
    assert people_of(joined)[ben.id][0] == "former member"
    assert (
        next(m for m in joined["items"] if m.get("text") == "hi")["by"]["name"] == "former member"
    )


async def test_reading_is_in_the_next_answer(ana: Member, ben: Member) -> None:
    sent = await ana.sends("hi")
    assert (await ana.joins())["reads"][ben.id] < sent["seq"]
    await ben.does("room:read", room="hallway", seq=sent["seq"])
    assert (await ana.joins())["reads"][ben.id] == sent["seq"]


async def test_page_that_was_read_for_another_has_every_change(
    house: House, ana: Member, ben: Member
) -> None:
    """Pages are kept for who asks next; none may show what is not so any more."""
    sent = await ana.sends("first")
    cursor = sent["rev"] - 1
    (item,) = (await ben.does("room:sync", room="hallway", cursor=cursor))["items"]
    assert item["text"] == "first"
    there = {"room": "hallway", "id": sent["id"]}
    await ana.does("message:edit", **there, text="second")
    await ben.does("reaction:add", **there, emoji="👍")
    (item,) = (await ben.does("room:sync", room="hallway", cursor=cursor))["items"]
    assert (item["text"], item["reactions"]) == ("second", {"👍": [ben.id]})
    await house.services.users.describe(ana.id, name="Anastasia")
    (item,) = (await ben.does("room:sync", room="hallway", cursor=cursor))["items"]
    assert item["by"]["name"] == "Anastasia"
    await ana.does("message:delete", **there)
    (item,) = (await ben.does("room:sync", room="hallway", cursor=cursor))["items"]
    assert item["deleted"]
    assert "text" not in item


async def test_many_who_missed_the_same_are_answered_from_one_read(
    house: House, ana: Member, ben: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor = (await ana.sends("0"))["rev"]
    for number in range(1, 4):
        await ana.sends(str(number))
    log, reads = house.services.chat.timeline._log, []
    sync = log.sync

    async def counted(*asked: Any) -> Any:
        reads.append(asked)
        return await sync(*asked)

    monkeypatch.setattr(log, "sync", counted)
    calls = [ben.does("room:sync", room="hallway", cursor=cursor) for _ in range(20)]
    for answer in await soon(*calls):
        assert [m["text"] for m in answer["items"]] == ["1", "2", "3"]
    assert len(reads) == 1
