"""Presence and typing over connections."""

import asyncio

from tests.chat.house import House, Member
from tests.harness.waiting import eventually


def states(member: Member, of: Member) -> list[str]:
    """The presence of `of` as `member` was told it, in order."""
    users = [u for told in member.told("presence") for u in told["users"]]
    return [u["state"] for u in users if u["id"] == of.id]


async def test_presence_is_the_most_present_of_a_persons_connections(
    house: House, ana: Member, ben: Member
) -> None:
    await ana.joins()
    phone = await house.again(ben)
    await ben.does("presence:set", state="away")
    await phone.does("presence:set", state="idle")
    await eventually(lambda: states(ana, ben)[-1:] == ["idle"], "ben is idle")
    await phone.client.disconnect()
    await eventually(lambda: states(ana, ben)[-1:] == ["away"], "ben is away")
    await ben.client.disconnect()
    await eventually(lambda: states(ana, ben)[-1:] == ["offline"], "ben is gone")
    member = next(m for m in (await ana.joins())["members"] if m["id"] == ben.id)
    assert member["state"] == "offline"


async def test_a_person_who_connects_is_shown_online(house: House, ana: Member) -> None:
    await ana.joins()
    ben = await house.welcomes("ben")
    await eventually(lambda: states(ana, ben)[-1:] == ["online"], "ben is here")


async def test_connection_that_left_before_its_welcome_leaves_no_ghost(
    house: House, ana: Member, monkeypatch: object
) -> None:
    room_list = house.services.chat.room_list
    listed, asked, go_on = room_list.listed, asyncio.Event(), asyncio.Event()

    async def slow(*args: object) -> object:
        asked.set()
        await go_on.wait()
        return await listed(*args)

    room_list.listed = slow
    ben = await house.enters(await house.invites("ben"))
    await asked.wait()
    await ben.client.disconnect()
    await eventually(lambda: len(house.connections("chat")) == 1, "only ana is connected")
    go_on.set()
    room_list.listed = listed
    member = next(m for m in (await ana.joins())["members"] if m["id"] == ben.id)
    assert member["state"] == "offline"


async def test_typing_is_shown_until_it_stops_or_the_message_comes(
    ana: Member, ben: Member
) -> None:
    await ana.joins()
    await ben.does("typing:start", room="hallway")
    await ana.hears("typing", lambda told: told["users"] == [ben.id])
    ana.forgets()
    await ben.does("typing:stop", room="hallway")
    await ana.hears("typing", lambda told: told["users"] == [])
    await ben.does("typing:start", room="hallway")
    await ana.hears("typing", lambda told: told["users"] == [ben.id])
    ana.forgets()
    await ben.sends("done")
    await ana.hears("typing", lambda told: told["users"] == [])


async def test_typing_ends_with_the_connection(ana: Member, ben: Member) -> None:
    await ana.joins()
    await ben.does("typing:start", room="hallway")
    await ana.hears("typing", lambda told: told["users"] == [ben.id])
    ana.forgets()
    await ben.client.disconnect()
    await ana.hears("typing", lambda told: told["users"] == [])


async def test_presence_and_typing_stay_in_the_rooms_of_the_person(
    house: House, ana: Member, ben: Member, cleo: Member
) -> None:
    made = await ana.does("room:create", name="Workshop", kind="private", members=["cleo"])
    await cleo.joins(made["room"]["id"])
    await ana.does("typing:start", room=made["room"]["id"])
    await cleo.hears("typing")
    assert [e for e, p in ben.heard if p.get("room") == made["room"]["id"]] == []


async def test_direct_room_shows_the_other_persons_presence_also_unopened(
    ana: Member, ben: Member
) -> None:
    entry = (await ana.does("direct:open", user="ben"))["room"]
    assert entry["with"]["state"] == "online"
    await ben.does("presence:set", state="away")
    gone = {"id": ben.id, "state": "away"}
    await ana.hears("presence", lambda told: told["room"] == entry["id"] and gone in told["users"])


async def test_direct_room_has_two_equals(ana: Member, ben: Member) -> None:
    room = (await ana.does("direct:open", user="ben"))["room"]["id"]
    joined = await ana.joins(room)
    assert {member["role"] for member in joined["members"]} == {"member"}
