"""Rooms of over 100 members: what is told there does not grow with the square of the room."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from app.accounts.models import User
from app.chat.models import React
from bench.people import account
from tests.chat.house import House, Member
from tests.harness.waiting import eventually

# With ana, ben and cleo, who are connected.
OTHERS = 237


class Fair:
    """A large room; most of its members are never there."""

    def __init__(self, house: House, room: str, people: list[User]) -> None:
        self.house = house
        self.room = room
        self.people = people

    async def all_react(self, message: str, emoji: str, count: int) -> None:
        asked = React(room=self.room, id=message, emoji=emoji)
        react = self.house.services.chat.messages.react
        await asyncio.gather(*(react(user, asked, add=True) for user in self.people[:count]))


@pytest.fixture
async def fair(house: House, ana: Member, ben: Member, cleo: Member) -> Fair:
    """ana's private room of 240."""
    ids = [f"guest-{number:03}" for number in range(OTHERS)]
    at = datetime.now(UTC)
    users = house.services.core.database.collection("users")
    await users.insert_many([account(user_id, user_id, at) for user_id in ids])
    members = [*ids, "ben", "cleo"]
    made = await ana.does("room:create", name="Fair", kind="private", members=members)
    known = await house.services.users.many(ids)
    return Fair(house, made["room"]["id"], [known[user_id] for user_id in ids])


def ids_of(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


async def test_a_join_lists_two_hundred_members_those_who_are_there_first(
    fair: Fair, ana: Member, ben: Member, cleo: Member
) -> None:
    joined = await ben.joins(fair.room)
    assert len(joined["members"]) == 200
    assert set(ids_of(joined["members"])[:3]) == {ana.id, ben.id, cleo.id}
    assert (joined["member_count"], joined["online"], joined["reads"]) == (240, 3, {})


async def test_members_that_the_client_has_are_not_sent_again(
    fair: Fair, ana: Member, ben: Member
) -> None:
    joined = await ben.joins(fair.room)
    held = {"cursor": joined["rev"], "members_rev": joined["members_rev"]}
    again = await ben.joins(fair.room, **held)
    assert "members" not in again
    assert (again["member_count"], again["members_rev"]) == (240, joined["members_rev"])
    await ana.does("room:remove", room=fair.room, user=fair.people[7].id)
    changed = await ben.joins(fair.room, **held)
    assert (len(changed["members"]), changed["member_count"]) == (200, 239)
    assert changed["members_rev"] != joined["members_rev"]


async def test_a_small_room_sends_its_list_again_where_anything_of_it_changed(
    ana: Member, ben: Member
) -> None:
    joined = await ana.joins()
    assert joined["member_count"] == 2
    assert "online" not in joined
    held = {"cursor": joined["rev"], "members_rev": joined["members_rev"]}
    assert "members" not in await ana.joins(**held)
    await ben.does("presence:set", state="away")
    assert "members" in await ana.joins(**held)


async def test_presence_goes_to_those_who_watch_it(
    fair: Fair, ana: Member, ben: Member, cleo: Member
) -> None:
    await ana.joins(fair.room)
    await ben.joins(fair.room)
    answer = await ana.does("presence:watch", room=fair.room, users=[cleo.id, "nobody"])
    assert answer["users"] == [{"id": cleo.id, "name": "Cleo", "state": "online"}]
    assert answer["online"] == 3
    await ben.does("presence:watch", room=fair.room, users=[ana.id])
    ana.forgets()
    ben.forgets()
    await cleo.client.disconnect()
    gone = {"id": cleo.id, "state": "offline"}
    await ana.hears("presence", lambda told: gone in told["users"] and told["online"] == 2)
    await ben.hears("presence", lambda told: told.get("online") == 2)
    assert [told for told in ben.told("presence") if gone in told["users"]] == []


async def test_how_far_people_read_is_told_to_those_who_ask(
    fair: Fair, house: House, ana: Member, ben: Member, cleo: Member
) -> None:
    await ana.joins(fair.room)
    phone = await house.again(ben)
    await ben.joins(fair.room)
    await phone.joins(fair.room)
    sent = await ana.sends("hi", fair.room)
    for each in (ben, cleo):
        await each.does("room:read", room=fair.room, seq=sent["seq"])
    asked = {"room": fair.room, "seq": sent["seq"]}
    answer = await ana.does("room:readers", **asked)
    assert (answer["count"], set(answer["users"])) == (2, {ben.id, cleo.id})
    assert answer["names"] == {ben.id: "Ben", cleo.id: "Cleo"}
    # The other devices of the reader know by the entry of the room.
    await phone.hears("room:updated", lambda told: told["room"]["last_read"] == sent["seq"])
    assert [each.told("room:reads") for each in (ana, ben, phone)] == [[], [], []]


async def test_an_emoji_names_fifty_people_and_the_reader(
    fair: Fair, ana: Member, ben: Member, cleo: Member
) -> None:
    await ana.joins(fair.room)
    sent = await ana.sends("vote", fair.room)
    await ben.does("reaction:add", room=fair.room, id=sent["id"], emoji="👍")
    await fair.all_react(sent["id"], "👍", 70)
    full = await ana.hears(
        "messages", lambda told: told["items"][0].get("reaction_counts") == {"👍": 71}
    )
    named = full["items"][0]["reactions"]["👍"]
    assert len(named) == 50
    assert ben.id not in named
    # Gathered: not one event for each who reacts.
    assert len(ana.told("messages")) < 20
    for member, is_named in ((ben, True), (cleo, False)):
        found = (await member.does("room:history", room=fair.room, before=10**6))["items"][-1]
        joined = (await member.joins(fair.room))["items"][-1]
        assert found["reactions"] == joined["reactions"]
        assert (ben.id in found["reactions"]["👍"]) is is_named
        assert len(found["reactions"]["👍"]) == 50
        assert found["reaction_counts"] == {"👍": 71}


async def test_a_message_takes_gathered_changes_along(fair: Fair, ana: Member, ben: Member) -> None:
    joined = await ana.joins(fair.room)
    sent = await ben.sends("vote", fair.room)
    await fair.all_react(sent["id"], "👍", 5)
    last = await ben.sends("next", fair.room)
    await ana.sees("next")
    await eventually(lambda: ana.told("messages")[-1]["rev"] >= last["rev"], "ana has heard of all")
    cursor = joined["rev"]
    for batch in ana.told("messages"):
        assert batch["prev"] <= cursor
        cursor = max(cursor, batch["rev"])
    vote = [item for item in ana.live() if item["id"] == sent["id"]][-1]
    assert len(vote["reactions"]["👍"]) == 5


async def test_a_call_to_all_is_told_as_such(fair: Fair, ana: Member, ben: Member) -> None:
    await ana.joins(fair.room)
    sent = await ana.sends("@everyone and @ben: lunch", fair.room)
    message = await ana.sees("@everyone and @ben: lunch")
    assert (message["mentions"], message["mention_groups"]) == ([ben.id], ["everyone"])
    await ben.hears("room:activity", lambda told: told["mentions"] == 1)
    await ana.does("message:edit", room=fair.room, id=sent["id"], text="lunch")
    edited = (await ben.joins(fair.room))["items"][-1]
    assert "mention_groups" not in edited
    assert (await ben.does("rooms:list"))["rooms"][-1]["mentions"] == 0


async def test_here_calls_those_who_are_connected(
    fair: Fair, house: House, ana: Member, ben: Member, cleo: Member
) -> None:
    await cleo.client.disconnect()
    await eventually(lambda: len(house.connections("chat")) == 2, "cleo is gone")
    await ana.joins(fair.room)
    await ana.sends("@here: lunch", fair.room)
    assert (await ana.sees("@here: lunch"))["mention_groups"] == ["here"]
    await ben.hears("room:activity", lambda told: told["mentions"] == 1)
    back = await house.again(cleo)
    entry = next(r for r in back.told("welcome")[0]["rooms"] if r["id"] == fair.room)
    assert (entry["unread"], entry["mentions"]) == (1, 0)


async def test_members_come_in_pages_and_are_found_by_their_names(
    fair: Fair, ana: Member, ben: Member
) -> None:
    room = fair.room
    found: list[str] = []
    more, after = True, {}
    while more:
        page = await ben.does("room:members", room=room, limit=100, **after)
        found += [item["username"] for item in page["items"]]
        more, after = page["more"], {"after": found[-1]}
    assert found == sorted(found)
    assert len(found) == 240
    sought = await ben.does("room:members", room=room, query="UEST 23")
    last = [f"guest-23{number}" for number in range(7)]
    assert [item["username"] for item in sought["items"]] == [
        *("guest-023", "guest-123", "guest-223"),
        *last,
    ]
    asked = await ben.does("room:members", room=room, users=[ana.id, "nobody"])
    assert ids_of(asked["items"]) == [ana.id]
    await ana.does("room:remove", room=room, user=fair.people[236].id)
    assert len((await ben.does("room:members", room=room, query="UEST 23"))["items"]) == 9


async def test_those_outside_learn_nothing_of_the_members(
    fair: Fair, ana: Member, ben: Member
) -> None:
    await ana.does("room:remove", room=fair.room, user=ben.id)
    for event, more in (
        ("room:members", {}),
        ("room:readers", {"seq": 1}),
        ("presence:watch", {"users": [ana.id]}),
    ):
        assert await ben.fails(event, room=fair.room, **more) == "not_found"
