"""Events in rooms notify the right people once; a notification is withdrawn with its cause."""

from typing import Any

import pytest

from app.accounts.models import User
from app.chat.message_notifier import NewMessage
from app.chat.models import Room
from app.notifications.mention_notifier import reasons
from app.storage.mongo import Database
from app.streams.store import ENTRIES
from tests.chat.house import House, Member
from tests.harness.waiting import eventually
from tests.notifications.inboxes import Device, Inboxes


def said(**changed: Any) -> NewMessage:
    room = Room(id="r", slug="r", name="workshop", kind=changed.pop("kind", "open"), owner="ana")
    people: dict[str, Any] = {
        "id": "m",
        "room": room,
        "by": User(id="ana", username="ana", name="Ana"),
        "text": "hi",
        "members": frozenset({"ana", "ben", "cleo", "dana"}),
    }
    return NewMessage(**{**people, **changed})


def test_each_is_told_once_for_what_concerns_them_most() -> None:
    message = said(mentions=("ben",), answers="ben")
    assert reasons(message, ["ben", "cleo"]) == {"ben": "mention", "cleo": "message"}
    assert reasons(said(answers="ben"), ["ben"]) == {"ben": "reply"}


def test_neither_the_author_nor_strangers_nor_who_is_watching_is_told() -> None:
    message = said(mentions=("ana", "eve", "ben", "cleo"), watching=frozenset({"cleo"}))
    assert reasons(message, []) == {"ben": "mention"}


def test_direct_message_tells_the_other_person() -> None:
    message = said(kind="direct", members=frozenset({"ana", "ben"}), mentions=("ben",))
    assert reasons(message, []) == {"ben": "direct"}
    plain = said(kind="direct", members=frozenset({"ana", "ben"}))
    assert reasons(plain, []) == {"ben": "direct"}


@pytest.fixture
async def writer(house: House, ana: User, ben: User) -> Member:
    """Ana in chat."""
    member = await house.enters(ana)
    await member.hears("welcome")
    return member


@pytest.fixture
async def device(inboxes: Inboxes, ben: User) -> Device:
    """Ben's inbox."""
    return await inboxes.connects(ben)


async def test_mention_is_told_and_gone_with_its_message(writer: Member, device: Device) -> None:
    sent = await writer.sends("look @ben")
    await device.shows(1)
    (item,) = device.items.values()
    assert (item["category"], item["message"]) == ("mention", sent["id"])
    assert item["title"] == "Ana mentioned you in hallway"
    await writer.does("message:delete", room="hallway", id=sent["id"])
    await device.shows(0)
    assert device.titles == []


async def test_edit_tells_the_newly_mentioned_and_takes_back_the_others(
    house: House, inboxes: Inboxes, writer: Member, device: Device, cleo: User
) -> None:
    cleos = await inboxes.connects(cleo)
    sent = await writer.sends("look @ben")
    await device.shows(1)
    await writer.does("message:edit", room="hallway", id=sent["id"], text="look @cleo")
    await cleos.shows(1)
    await device.shows(0)
    # And back again: a new one, not the one that was taken back.
    await writer.does("message:edit", room="hallway", id=sent["id"], text="look @ben")
    await device.shows(1)
    await cleos.shows(0)


async def test_message_and_its_notification_are_one_transaction(
    database: Database, writer: Member, device: Device
) -> None:
    """A refused message notifies nobody: the room was archived between."""
    room = (await writer.does("room:create", name="Shed", members=["ben"]))["room"]["id"]
    await device.shows(1)  # The invitation.
    await writer.does("room:archive", room=room)
    assert await writer.fails("message:send", room=room, text="@ben", client_id="x") == "forbidden"
    inbox = {"stream": f"inbox:{device.user.id}", "body.category": "mention"}
    assert await database.collection(ENTRIES).count_documents(inbox) == 0


async def test_repeat_of_a_message_tells_once(writer: Member, device: Device) -> None:
    first = await writer.sends("look @ben", client_id="same")
    again = await writer.sends("look @ben", client_id="same")
    assert again["id"] == first["id"]
    await writer.sends("and @ben", client_id="other")
    await device.shows(2)
    assert len(device.items) == 2


async def test_reply_reaction_direct_message_and_invitation_tell(
    house: House, ben: User, writer: Member, device: Device
) -> None:
    bens = await house.enters(ben)
    await bens.hears("welcome")
    mine = await bens.sends("my question")
    await writer.sends("my answer", reply_to=mine["id"])
    await writer.does("reaction:add", room="hallway", id=mine["id"], emoji="🎉")
    direct = (await writer.does("direct:open", user="ben"))["room"]["id"]
    await writer.sends("between us", room=direct)
    await writer.does("room:create", name="Shed", members=["ben"])
    await device.shows(4)
    found = [item["category"] for item in sorted(device.items.values(), key=lambda i: i["seq"])]
    assert found == ["reply", "reaction", "direct", "invitation"]
    await writer.does("reaction:remove", room="hallway", id=mine["id"], emoji="🎉")
    await device.shows(3)


async def test_who_has_the_room_in_front_of_them_is_not_told(
    house: House, ben: User, writer: Member, device: Device
) -> None:
    bens = await house.enters(ben)
    await bens.hears("welcome")
    await bens.does("presence:set", state="online", room="hallway")
    mine = await bens.sends("my own")
    await writer.sends("you see this @ben")
    await writer.does("reaction:add", room="hallway", id=mine["id"], emoji="🎉")
    await bens.does("presence:set", state="idle")
    await writer.sends("but not this @ben")
    await device.shows(1)
    assert [item["body"] for item in device.items.values()] == ["but not this @ben"]


async def test_reading_the_room_reads_what_told_of_it(
    house: House, ben: User, writer: Member, device: Device
) -> None:
    sent = await writer.sends("look @ben")
    await device.shows(1)
    bens = await house.enters(ben)
    await bens.hears("welcome")
    await bens.does("room:read", room="hallway", seq=sent["seq"])
    await device.shows(0)
    assert device.titles == ["Ana mentioned you in hallway"]


async def test_muted_room_tells_nothing_and_an_all_room_everything(
    inboxes: Inboxes, writer: Member, device: Device
) -> None:
    hallway = (await writer.joins())["room"]["id"]
    await device.does("preferences:set", rooms={hallway: "muted"})
    await writer.sends("quiet @ben")
    await device.does("preferences:set", rooms={hallway: "all"})
    await writer.sends("to all")
    await device.shows(1)
    assert {item["category"] for item in device.items.values()} == {"message"}


async def test_everyone_of_a_large_room_is_told_soon_and_corrected(
    house: House, database: Database, writer: Member, device: Device
) -> None:
    users = [await house.invites(f"guest{n}") for n in range(25)]
    await writer.does("room:create", name="Hall", members=[u.username for u in users] + ["ben"])
    await device.shows(1)
    sent = await writer.sends("fire drill @everyone", room="hall")
    await device.shows(2)
    told = {"stream": {"$regex": "^inbox:"}, "body.category": "mention", "body.unread": True}

    async def count() -> int:
        return int(await database.collection(ENTRIES).count_documents(told))

    async def all_are_told() -> bool:
        return await count() == 26

    await eventually(all_are_told, "all 26 are told")
    await writer.does("message:delete", room="hall", id=sent["id"])
    await device.shows(1)

    async def nobody_is() -> bool:
        return await count() == 0

    await eventually(nobody_is, "nobody is told any more")
