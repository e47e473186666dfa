"""How much is unread, on every connection, and how far everybody has read."""

import pytest

from app.chat import room_documents, room_view, unread
from tests.chat.house import House, Member, open_house, soon


async def counts(member: Member, room: str = "hallway") -> tuple[int, int]:
    """Unread and mentions as the list of rooms has them."""
    rooms = (await member.does("rooms:list"))["rooms"]
    found = next(r for r in rooms if room in (r["slug"], r["id"]))
    return found["unread"], found["mentions"]


async def test_messages_of_others_are_unread_with_their_mentions(ana: Member, ben: Member) -> None:
    await ana.sends("one")
    await ana.sends("two, @ben")
    await ben.sends("my own, @ben")
    assert await counts(ben) == (2, 1)
    assert await counts(ana) == (1, 0)


async def test_deleted_and_system_messages_are_not_unread(
    ana: Member, ben: Member, cleo: Member
) -> None:
    gone = await ana.sends("nothing for @ben")
    assert await counts(ben) == (1, 1)
    await ana.does("message:delete", room="hallway", id=gone["id"])
    await ana.does("room:update", room="hallway", topic="quiet")
    assert await counts(ben) == (0, 0)


async def test_edit_can_bring_and_take_a_mention(ana: Member, ben: Member) -> None:
    sent = await ana.sends("hi")
    there = {"room": "hallway", "id": sent["id"]}
    await ana.does("message:edit", **there, text="hi @ben")
    assert await counts(ben) == (1, 1)
    await ana.does("message:edit", **there, text="hi all")
    assert await counts(ben) == (1, 0)


async def test_reading_is_told_to_the_persons_other_connections(
    house: House, ana: Member, ben: Member
) -> None:
    phone = await house.again(ben)
    await ben.joins()
    # While he was not in the room he may have been told that somebody came into it.
    before = ben.told("room:activity")
    await ana.joins()
    sent = await ana.sends("hi @ben")
    await phone.hears("room:activity", lambda told: (told["unread"], told["mentions"]) == (1, 1))
    assert (await ben.does("room:read", room="hallway", seq=sent["seq"]))["unread"] == 0
    await phone.hears("room:activity", lambda told: told["unread"] == 0)
    await ana.hears("room:reads", lambda told: told["reads"].get(ben.id) == sent["seq"])
    assert ben.told("room:activity") == before


async def test_reading_never_goes_backwards_nor_ahead_of_the_room(ana: Member, ben: Member) -> None:
    sent = [await ana.sends(str(n)) for n in range(3)]
    assert (await ben.does("room:read", room="hallway", seq=sent[1]["seq"]))["unread"] == 1
    assert (await ben.does("room:read", room="hallway", seq=sent[0]["seq"]))["unread"] == 1
    await ben.does("room:read", room="hallway", seq=2**53 - 1)
    await ana.sends("later")
    assert await counts(ben) == (1, 0)
    assert (await ben.joins())["last_read"] == sent[-1]["seq"]


async def test_counts_hold_after_a_restart(house: House, ana: Member, ben: Member) -> None:
    sent = await ana.sends("read")
    await ben.does("room:read", room="hallway", seq=sent["seq"])
    await ana.sends("unread, @ben")
    await ana.does("room:update", room="hallway", topic="not a message")
    gone = await ana.sends("gone, @ben")
    await ana.does("message:delete", room="hallway", id=gone["id"])
    async with open_house(house.services.database) as after:
        returned = await after.enters(ben.user)
        hallway = (await returned.hears("welcome"))["rooms"][0]
        assert (hallway["unread"], hallway["mentions"]) == (1, 1)
        assert hallway["last_read"] == sent["seq"]


async def test_counts_are_exact_beyond_what_is_kept_in_memory(
    house: House, ana: Member, ben: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_documents, "SHALLOW", 2)
    for module in (unread, room_view, room_documents):
        monkeypatch.setattr(module, "WINDOW", 5)
    first, *_ = await soon(*[ana.sends(f"{n} @ben") for n in range(13)])
    await ben.sends("mine")
    await ana.sends("last")
    assert await counts(ben) == (14, 13)
    # The count is kept for the next request.
    await ana.does("message:delete", room="hallway", id=first["id"])
    assert await counts(ben) == (13, 12)
    async with open_house(house.services.database) as after:
        returned = await after.enters(ben.user)
        hallway = (await returned.hears("welcome"))["rooms"][0]
        assert (hallway["unread"], hallway["mentions"]) == (13, 12)


async def test_activity_is_coalesced(house: House, ana: Member, ben: Member) -> None:
    await soon(*[ana.sends(str(n)) for n in range(60)])
    await ben.hears("room:activity", lambda told: told["unread"] == 60)
    assert len(ben.told("room:activity")) < 15
    last = ben.told("room:activity")[-1]
    assert last["rev"] == (await ben.joins())["rev"]


async def test_reading_that_could_not_be_stored_is_not_shown_as_read(
    house: House, ana: Member, ben: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await ana.sends("hi")

    async def away(*_: object) -> None:
        raise TimeoutError("the database is away")

    with monkeypatch.context() as patched:
        patched.setattr(house.services.chat.timeline._store, "mark_read", away)
        assert not (await ben.call("room:read", room="hallway", seq=sent["seq"]))["ok"]
    assert await counts(ben) == (1, 0)
    await ben.does("room:read", room="hallway", seq=sent["seq"])
    assert await counts(ben) == (0, 0)


async def test_marking_unread_holds_on_every_device(house: House, ana: Member, ben: Member) -> None:
    phone = await house.again(ben)
    room = (await ben.joins())["room"]["id"]
    sent = [await ana.sends(f"{n}, @ben") for n in range(4)]
    await ben.does("room:read", room="hallway", seq=sent[3]["seq"])
    there = {"room": "hallway", "seq": sent[1]["seq"]}
    assert (await ben.does("room:mark_unread", **there))["unread"] == 3
    for device in (ben, phone):
        told = await device.hears("room:updated", lambda told: told["room"]["unread"] == 3)
        assert (told["room"]["mentions"], told["room"]["last_read"]) == (3, sent[1]["seq"] - 1)
    assert await counts(ben) == (3, 3)
    # Where another node has marked more meanwhile, that stays.
    store = house.services.chat.timeline._store
    assert await store.mark_unread(room, ben.id, sent[2]["seq"]) is None
    # A message that is unread already stays so; later reading goes on from here.
    assert (await ben.does("room:mark_unread", room="hallway", seq=sent[3]["seq"]))["unread"] == 3
    assert (await ben.does("room:read", room="hallway", seq=sent[2]["seq"]))["unread"] == 1
    async with open_house(house.services.database) as after:
        hallway = (await (await after.enters(ben.user)).hears("welcome"))["rooms"][0]
        assert hallway["unread"] == 1


async def test_marking_unread_is_learned_by_another_node(
    house: House, ana: Member, ben: Member
) -> None:
    sent = [await ana.sends(str(n)) for n in range(4)]
    await ben.does("room:read", room="hallway", seq=sent[3]["seq"])
    async with open_house(house.services.database) as node:
        there = await node.enters(ben.user)
        assert await counts(there) == (0, 0)
        await ben.does("room:mark_unread", room="hallway", seq=sent[1]["seq"])
        assert await counts(there) == (3, 0)
        # Later reading is newer, wherever it happens.
        assert (await there.does("room:read", room="hallway", seq=sent[2]["seq"]))["unread"] == 1
        assert await counts(ben) == (1, 0)
        # Reading that another node stored before the mark changes nothing.
        await there.does("room:mark_unread", room="hallway", seq=sent[0]["seq"])
        assert await counts(ben) == (4, 0)


async def test_nodes_agree_about_somebody_who_marked_unread_left_and_came_again(
    house: House, ana: Member, ben: Member
) -> None:
    room = (await ana.does("room:create", name="Harbour"))["room"]["id"]
    await ben.joins(room)
    sent = [await ana.sends(str(n), room) for n in range(3)]
    await ben.does("room:read", room=room, seq=sent[2]["seq"])
    await ben.does("room:mark_unread", room=room, seq=sent[1]["seq"])
    await ben.does("room:quit", room=room)
    await ben.joins(room)
    here = (await house.services.chat.views.get(room)).members[ben.id]
    async with open_house(house.services.database) as node:
        # It reads the membership from the database.
        there = (await node.services.chat.views.get(room)).members[ben.id]
    assert there.reading == here.reading


async def test_nothing_is_marked_unread_in_a_room_outside(ana: Member, ben: Member) -> None:
    room = (await ana.does("room:create", name="secret", kind="private"))["room"]["id"]
    assert await ben.fails("room:mark_unread", room=room, seq=1) == "not_found"
