"""Drafts: what somebody is writing, on all of their devices, while they are in the room."""

from unittest.mock import patch

from app.chat.drafts import service as drafts
from app.chat.drafts import store
from tests.chat.house import House, Member, soon


async def listed(member: Member) -> list[tuple[str, str | None, str]]:
    """Text, thread and answered message of each draft."""
    items = (await member.does("drafts:list"))["items"]
    return [(item["text"], item.get("thread"), item.get("reply_to")) for item in items]


async def test_draft_is_kept_replaced_and_removed(ana: Member) -> None:
    await ana.does("draft:set", room="hallway", text="half", reply_to="m-1")
    await ana.does("draft:set", room="hallway", thread="m-2", text="in a thread")
    done = await ana.does("draft:set", room="hallway", text="half a thought")
    assert await listed(ana) == [("half a thought", None, None), ("in a thread", "m-2", None)]
    (first, _) = (await ana.does("drafts:list"))["items"]
    assert first["at"] == done["at"]
    await ana.does("draft:set", room="hallway", text="")
    assert await listed(ana) == [("in a thread", "m-2", None)]


async def test_draft_is_told_to_the_persons_other_connections_alone(
    house: House, ana: Member, ben: Member
) -> None:
    phone = await house.again(ana)
    await ana.does("draft:set", room="hallway", text="from my desk", reply_to="m-1")
    told = await phone.hears("draft")
    assert (told["text"], told["reply_to"]) == ("from my desk", "m-1")
    await ana.does("draft:set", room="hallway", text="")
    await phone.hears("draft", lambda told: told["text"] == "")
    assert ana.told("draft") == ben.told("draft") == []
    assert await listed(ben) == []


async def test_right_to_a_draft_ends_with_the_membership(ana: Member, ben: Member) -> None:
    room = (await ana.does("room:create", name="apart", kind="private"))["room"]["id"]
    assert await ben.fails("draft:set", room=room, text="let me in") == "not_found"
    await ana.does("room:invite", room=room, user=ben.id)
    await ben.does("draft:set", room=room, text="thanks")
    await ana.does("room:remove", room=room, user=ben.id)
    assert await listed(ben) == []
    assert await ben.fails("draft:set", room=room, text="why?") == "not_found"


async def test_drafts_are_bounded_in_length_and_number(ana: Member) -> None:
    assert await ana.fails("draft:set", room="hallway", text="x" * 65_537) == "too_large"
    assert await ana.fails("draft:set", room="hallway", text="a\0b") == "invalid"
    with patch.object(drafts, "DRAFTS_PER_PERSON", 3):
        several = [ana.call("draft:set", room="hallway", thread=f"m-{n}", text="x") for n in "1234"]
        assert sorted(answer["ok"] for answer in await soon(*several)) == [False, True, True, True]
        assert len(await listed(ana)) == 3
        kept = [thread for _, thread, _ in await listed(ana)]
        await ana.does("draft:set", room="hallway", thread=kept[0], text="longer")
        await ana.does("draft:set", room="hallway", thread=kept[0], text="")
        await ana.does("draft:set", room="hallway", thread="m-9", text="x")


async def test_drafts_of_rooms_that_were_left_make_way_for_others(ana: Member, ben: Member) -> None:
    with patch.object(drafts, "DRAFTS_PER_PERSON", 1):
        room = (await ana.does("room:create", name="left behind"))["room"]["id"]
        await ben.joins(room)
        await ben.does("draft:set", room=room, text="old")
        assert await ben.fails("draft:set", room="hallway", text="new") == "invalid"
        await ben.does("room:quit", room=room)
        await ben.does("draft:set", room="hallway", text="new")
        assert await listed(ben) == [("new", None, None)]


async def test_list_says_where_it_leaves_out_the_oldest(ana: Member) -> None:
    for n in "123":
        await ana.does("draft:set", room="hallway", thread=n, text=n * 40_000)
    with patch.object(drafts, "LISTED_BYTES", 90_000):
        answer = await ana.does("drafts:list")
    assert [item["thread"] for item in answer["items"]] == ["3", "2"]
    assert answer["more"] is True


async def test_a_list_is_read_in_portions_and_only_as_far_as_it_fits(ana: Member) -> None:
    for n in "12345":
        await ana.does("draft:set", room="hallway", thread=n, text=n * 1_000)
    for at_most, kept in ((5_000, "54321"), (4_999, "5432"), (2_500, "54")):
        with patch.object(store, "READ_AT_ONCE", 2), patch.object(drafts, "LISTED_BYTES", at_most):
            answer = await ana.does("drafts:list")
        assert "".join(item["thread"] for item in answer["items"]) == kept
        assert answer["more"] is (len(kept) < 5)


async def test_drafts_of_a_deleted_account_are_gone(house: House, ben: Member) -> None:
    await ben.does("draft:set", room="hallway", text="never sent")
    await house.services.accounts.disabling.delete(ben.id)
    stored = house.services.database.collection("drafts")
    assert await stored.count_documents({"user": ben.id}) == 0
