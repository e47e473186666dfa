"""Presence, `@here` and who looks at a room are those of all nodes together."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from app.storage.mongo import Database
from tests.chat.conftest import ana, house
from tests.chat.house import House, Member, Payload, open_house
from tests.harness.waiting import eventually

__all__ = ["ana", "house"]


@asynccontextmanager
async def joined(database: Database, *known: House) -> AsyncIterator[House]:
    """One more node, which all others know."""
    async with open_house(database) as opened:
        for each in (*known, opened):
            await eventually(
                lambda node=each: len(node.services.nodes.roster) == len(known) + 1,
                "the nodes know each other",
            )
        yield opened


@pytest.fixture
async def other(database: Database, house: House) -> AsyncIterator[House]:
    async with joined(database, house) as opened:
        yield opened


async def arrives(other: House, house: House, username: str) -> Member:
    """A new person, with one connection to the other node."""
    member = await other.enters(await house.invites(username))
    await member.hears("welcome")
    return member


def shows(user: str, state: str) -> Callable[[Payload], bool]:
    """Whether a `presence` says so of this person."""
    return lambda told: {"id": user, "state": state} in told["users"]


def states(member: Member, of: Member) -> list[str]:
    """The states of somebody that `member` was told of, in order."""
    told = [user for payload in member.told("presence") for user in payload["users"]]
    return [user["state"] for user in told if user["id"] == of.id]


async def test_people_see_each_others_presence_over_nodes(
    house: House, other: House, ana: Member
) -> None:
    await ana.joins()
    ben = await arrives(other, house, "ben")
    await ana.hears("presence", shows(ben.id, "online"))
    await eventually(lambda: other.services.nodes.people.others.of(ana.id) != (), "ana is known")
    answer = await ben.joins()
    assert {m["id"]: m["state"] for m in answer["members"]}[ana.id] == "online"
    await ben.does("presence:set", state="idle")
    await ana.hears("presence", shows(ben.id, "idle"))
    await ben.client.disconnect()
    await ana.hears("presence", shows(ben.id, "offline"))


async def test_the_list_of_direct_rooms_shows_them_too(
    house: House, other: House, ana: Member
) -> None:
    ben = await arrives(other, house, "ben")
    await eventually(lambda: house.services.nodes.people.others.of(ben.id) != (), "ben is known")
    made = await ana.does("direct:open", user="ben")
    assert made["room"]["with"]["state"] == "online"
    ana.forgets()
    await ben.does("presence:set", state="away")
    await ana.hears("presence", shows(ben.id, "away"))


async def test_one_who_is_on_two_nodes_is_as_present_as_on_the_better_one(
    house: House, other: House, ana: Member
) -> None:
    await ana.joins()
    there = await arrives(other, house, "ben")
    await ana.hears("presence", shows(there.id, "online"))
    ana.forgets()
    here = await house.enters(there.user)
    await here.hears("welcome")
    await there.client.disconnect()
    await eventually(lambda: house.services.nodes.people.others.of(here.id) == (), "he left one")
    assert states(ana, here) == []
    await here.client.disconnect()
    await ana.hears("presence", shows(here.id, "offline"))


async def test_here_calls_those_on_other_nodes(house: House, other: House, ana: Member) -> None:
    ben = await arrives(other, house, "ben")
    cleo = await house.invites("cleo")
    await eventually(lambda: house.services.nodes.people.others.of(ben.id) != (), "ben is known")
    await ana.joins()
    await ana.sends("lunch @here")
    message = await ana.sees("lunch @here")
    assert ben.id in message["mentions"]
    assert cleo.id not in message["mentions"]


async def test_a_mention_notifies_nobody_who_sees_it_on_another_node(
    house: House, other: House, ana: Member
) -> None:
    ben = await arrives(other, house, "ben")
    room = (await ben.joins())["room"]["id"]
    await ana.joins()
    await ben.does("presence:set", state="online", room=room)
    watching = house.services.chat.lifecycle._subscribers.watching
    await eventually(lambda: ben.id in watching(room), "ana's node knows that ben looks")
    await ana.sends("@ben do you see this?")
    await ben.does("presence:set", state="online")
    await eventually(lambda: ben.id not in watching(room), "ben looks away")
    await ana.sends("@ben and this?")
    entries = house.services.database.collection("entries")
    assert await entries.count_documents({"stream": f"inbox:{ben.id}", "kind": "item"}) == 1


async def test_a_third_node_knows_at_once_who_is_there(
    database: Database, house: House, other: House, ana: Member
) -> None:
    ben = await arrives(other, house, "ben")
    async with joined(database, house, other) as third:
        presence = third.services.chat.lifecycle._subscribers
        for member in (ana, ben):
            await eventually(
                lambda who=member: presence.present({who.id}) == {who.id},
                f"the third node knows of {member.user.name}",
            )


async def test_people_of_a_node_that_stops_stay_until_they_are_elsewhere(
    database: Database, house: House, ana: Member
) -> None:
    await ana.joins()
    async with joined(database, house) as stopping:
        ben = await arrives(stopping, house, "ben")
        await ana.hears("presence", shows(ben.id, "online"))
        ana.forgets()
    ben = await house.enters(ben.user)
    await ben.hears("welcome")
    await eventually(lambda: len(house.services.nodes.roster) == 1, "its lease has ended")
    assert "offline" not in states(ana, ben)
