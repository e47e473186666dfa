"""Pinned messages of a room, and the messages that each person has saved."""

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

from app.chat import message_lists
from app.chat.pins import service as pins
from app.chat.saved import service as saved
from app.streams.log import Log
from app.streams.models import Item
from tests.chat.house import House, Member


async def texts(member: Member, event: str, **asked: Any) -> list[str]:
    """The texts of a list, in its order."""
    items = (await member.does(event, **asked))["items"]
    return [item.get("message", item)["text"] for item in items]


async def test_pins_are_seen_by_all_and_listed_newest_first(ana: Member, ben: Member) -> None:
    await ana.joins()
    await ben.joins()
    first, second = [await ana.sends(text) for text in ("first", "second")]
    for message in (first, second, first):
        await ben.does("message:pin", room="hallway", id=message["id"])
    told = await ana.hears("messages", lambda told: told["items"][-1].get("pinned") is not None)
    assert told["items"][-1]["pinned"]["by"] == ben.id
    assert await texts(ana, "pins:list", room="hallway") == ["second", "first"]
    await ana.does("message:unpin", room="hallway", id=second["id"])
    await ana.does("message:edit", room="hallway", id=first["id"], text="first, edited")
    assert await texts(ben, "pins:list", room="hallway") == ["first, edited"]
    await ana.does("message:delete", room="hallway", id=first["id"])
    assert await texts(ben, "pins:list", room="hallway") == []


async def test_pins_need_a_member_and_a_message_of_the_room(ana: Member, ben: Member) -> None:
    room = (await ana.does("room:create", name="secret", kind="private"))["room"]["id"]
    sent = await ana.sends("here", room)
    there = {"room": room, "id": sent["id"]}
    assert await ben.fails("message:pin", **there) == "not_found"
    assert await ben.fails("pins:list", room=room) == "not_found"
    assert await ben.fails("message:pin", room="hallway", id=sent["id"]) == "not_found"
    await ana.does("message:pin", **there)
    assert await ben.fails("message:unpin", **there) == "not_found"


async def test_neither_notes_nor_deleted_messages_are_pinned_or_saved(ana: Member) -> None:
    gone = await ana.sends("gone")
    await ana.does("message:delete", room="hallway", id=gone["id"])
    items = (await ana.does("room:history", room="hallway", before=10_000))["items"]
    note = next(item for item in items if "system" in item)
    for event in ("message:pin", "message:save"):
        assert await ana.fails(event, room="hallway", id=note["id"]) == "forbidden"
        assert await ana.fails(event, room="hallway", id=gone["id"]) == "not_found"


async def test_pins_of_a_room_are_bounded_and_deleted_ones_make_way(ana: Member) -> None:
    sent = [await ana.sends(str(n)) for n in range(4)]
    with patch.object(pins, "PINS_PER_ROOM", 2):
        for message in sent[:2]:
            await ana.does("message:pin", room="hallway", id=message["id"])
        assert await ana.fails("message:pin", room="hallway", id=sent[2]["id"]) == "conflict"
        await ana.does("message:pin", room="hallway", id=sent[1]["id"])
        await ana.does("message:delete", room="hallway", id=sent[0]["id"])
        await ana.does("message:pin", room="hallway", id=sent[2]["id"])
        assert await texts(ana, "pins:list", room="hallway") == ["2", "1"]


async def test_saved_messages_are_ones_own_and_shown_while_they_may_be_read(
    ana: Member, ben: Member
) -> None:
    made = await ana.does("room:create", name="secret", kind="private", members=[ben.id])
    room = made["room"]["id"]
    private = await ana.sends("private", room)
    public = await ana.sends("public")
    await ben.does("message:save", room="hallway", id=public["id"])
    await ben.does("message:save", room=room, id=private["id"])
    await ben.does("message:save", room="hallway", id=public["id"])
    assert await texts(ben, "saved:list") == ["private", "public"]
    assert await texts(ana, "saved:list") == []
    await ana.does("room:remove", room=room, user=ben.id)
    assert await texts(ben, "saved:list") == ["public"]
    assert await ben.fails("message:save", room=room, id=private["id"]) == "not_found"
    await ben.does("message:save", room="hallway", id=public["id"], on=False)
    assert await texts(ben, "saved:list") == []


async def test_saved_messages_are_bounded_and_deleted_ones_are_not_shown(ana: Member) -> None:
    sent = [await ana.sends(str(n)) for n in range(3)]
    with patch.object(saved, "SAVED_PER_PERSON", 2):
        for message in sent[:2]:
            await ana.does("message:save", room="hallway", id=message["id"])
        assert await ana.fails("message:save", room="hallway", id=sent[2]["id"]) == "conflict"
        await ana.does("message:save", room="hallway", id=sent[1]["id"])
    await ana.does("message:delete", room="hallway", id=sent[0]["id"])
    assert await texts(ana, "saved:list") == ["1"]


async def test_a_full_list_takes_a_repeat_and_forgets_what_is_no_longer_seen(
    ana: Member, ben: Member
) -> None:
    made = await ana.does("room:create", name="for a while", kind="private", members=[ben.id])
    room = made["room"]["id"]
    one, two, three = [await ana.sends(text) for text in ("one", "two", "three")]
    private = await ana.sends("private", room)
    with patch.object(saved, "SAVED_PER_PERSON", 2):
        await ben.does("message:save", room="hallway", id=one["id"])
        await ben.does("message:save", room=room, id=private["id"])
        await ben.does("message:save", room=room, id=private["id"])
        assert await ben.fails("message:save", room="hallway", id=two["id"]) == "conflict"
        await ana.does("room:remove", room=room, user=ben.id)
        await ben.does("message:save", room="hallway", id=two["id"])
        await ana.does("message:delete", room="hallway", id=one["id"])
        await ben.does("message:save", room="hallway", id=three["id"])
        assert await texts(ben, "saved:list") == ["three", "two"]


async def test_long_messages_of_a_room_that_was_left_hide_no_others(
    ana: Member, ben: Member
) -> None:
    made = await ana.does("room:create", name="long ones", kind="private", members=[ben.id])
    room = made["room"]["id"]
    public = await ana.sends("public")
    await ben.does("message:save", room="hallway", id=public["id"])
    for n in "123":
        long = await ana.sends(n * 1_000, room)
        await ben.does("message:save", room=room, id=long["id"])
    await ana.does("room:remove", room=room, user=ben.id)
    with patch.object(message_lists, "PORTION_BYTES", 2_000):
        answer = await ben.does("saved:list")
    assert [item["message"]["text"] for item in answer["items"]] == ["public"]
    assert answer["more"] is False


async def test_lists_of_long_messages_are_read_only_as_far_as_they_fit(ana: Member) -> None:
    for n in "123456":
        sent = await ana.sends(n * 1_000)
        await ana.does("message:pin", room="hallway", id=sent["id"])
        await ana.does("message:save", room="hallway", id=sent["id"])
    read = list[str]()
    items = Log.items

    async def noted(self: Log, ids: Sequence[str]) -> list[Item]:
        read.extend(ids)
        return await items(self, ids)

    for event, asked in (("pins:list", {"room": "hallway"}), ("saved:list", {})):
        with (
            patch.object(Log, "items", noted),
            patch.object(message_lists, "READ_AT_ONCE", 2),
            patch.object(message_lists, "PORTION_BYTES", 6_000),
        ):
            answer = await ana.does(event, **asked)
        shown = [item.get("message", item)["text"][0] for item in answer["items"]]
        assert shown == ["6", "5"], event
        assert answer["more"] is True
        assert len(read) == 4, event
        read.clear()
        # All of them, where there is room for all.
        with patch.object(message_lists, "READ_AT_ONCE", 2):
            answer = await ana.does(event, **asked)
        assert (len(answer["items"]), answer["more"]) == (6, False)


async def test_which_messages_are_saved_is_known_on_every_device(
    house: House, ana: Member, ben: Member
) -> None:
    phone = await house.again(ben)
    sent = await ana.sends("keep this")
    await ben.does("message:save", room="hallway", id=sent["id"])
    assert await phone.hears("saved") == {"id": sent["id"], "on": True}
    assert (await phone.does("saved:ids"))["ids"] == [sent["id"]]
    assert (await ana.does("saved:ids"))["ids"] == []
    await phone.does("message:save", room="hallway", id=sent["id"], on=False)
    assert await ben.hears("saved") == {"id": sent["id"], "on": False}
    assert (await ben.does("saved:ids"))["ids"] == []
    assert not ana.told("saved")
