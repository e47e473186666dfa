"""A person's inbox on their devices: comes live, waits while they are away, is read everywhere."""

import asyncio

import pytest

from app.accounts.models import Revoked, User
from app.notifications.models import Notice
from tests.chat.house import House
from tests.harness.waiting import eventually
from tests.notifications.inboxes import Inboxes


async def sends(inboxes: Inboxes, to: User, *titles: str) -> list[str]:
    """One notification after the other; their ids."""
    return [(await inboxes.sender.send([to.id], Notice(title=t))).ids[0] for t in titles]


async def test_a_notification_arrives_with_the_count(inboxes: Inboxes, ben: User) -> None:
    device = await inboxes.opens(ben)
    assert (device.unread, device.titles) == (0, [])
    await sends(inboxes, ben, "Lunch is ready")
    told = await device.sees("Lunch is ready")
    assert told["user_id"] == ben.id
    assert told["category"] == "system"
    assert told["read"] is False
    assert device.unread == 1


async def test_what_came_while_away_is_in_the_inbox(inboxes: Inboxes, ben: User) -> None:
    await sends(inboxes, ben, "one", "two")
    device = await inboxes.opens(ben)
    assert device.titles == ["one", "two"]
    assert device.unread == 2


@pytest.mark.parametrize("polling", [False, True])
async def test_reading_on_one_device_clears_it_on_the_other(
    inboxes: Inboxes, ben: User, polling: bool
) -> None:
    ids = await sends(inboxes, ben, "one", "two", "three")
    phone, desk = await inboxes.opens(ben, polling=polling), await inboxes.opens(ben)
    answer = await phone.does("notification:read", ids=ids[:1])
    assert answer["unread"] == 2
    await desk.shows(2)
    assert desk.unread_titles == ["two", "three"]
    assert (await desk.does("notification:read", all=True))["unread"] == 0
    await phone.shows(0)
    assert phone.unread_titles == []


async def test_archiving_puts_away_on_both(inboxes: Inboxes, ben: User) -> None:
    ids = await sends(inboxes, ben, "keep", "put away")
    phone, desk = await inboxes.opens(ben), await inboxes.opens(ben)
    assert (await phone.does("notification:archive", ids=ids[1:]))["unread"] == 1
    await desk.shows(1)
    assert desk.titles == ["keep"]
    listed = await desk.does("inbox:list")
    assert [i["title"] for i in listed["items"]] == ["keep"]
    everything = await desk.does("inbox:list", archived=True)
    assert [i.get("archived") for i in everything["items"]] == [None, True]


async def test_reading_twice_changes_nothing(inboxes: Inboxes, ben: User) -> None:
    ids = await sends(inboxes, ben, "one")
    device = await inboxes.opens(ben)
    for _ in range(2):
        assert (await device.does("notification:read", ids=ids * 2))["unread"] == 0
    await device.does("inbox:sync", cursor=0)
    assert (await device.does("inbox:sync", cursor=0))["rev"] == 2


async def test_one_unknown_id_marks_nothing(inboxes: Inboxes, ben: User) -> None:
    ids = await sends(inboxes, ben, "one")
    device = await inboxes.opens(ben)
    assert await device.fails("notification:read", ids=[*ids, "0" * 24]) == "not_found"
    assert await device.fails("notification:archive", ids=[*ids, "0" * 24]) == "not_found"
    assert await device.fails("notification:read") == "invalid"
    assert await inboxes.counted(ben) == 1


async def test_read_all_goes_beyond_one_page(inboxes: Inboxes, ben: User) -> None:
    await asyncio.gather(*(sends(inboxes, ben, f"n{n}") for n in range(250)))
    phone, desk = await inboxes.opens(ben), await inboxes.opens(ben)
    assert phone.unread == 250
    assert (await phone.does("notification:read", all=True))["unread"] == 0
    await desk.shows(0)
    assert await inboxes.counted(ben) == 0


async def test_what_was_missed_comes_by_sync(inboxes: Inboxes, ben: User) -> None:
    ids = await sends(inboxes, ben, "one", "two")
    phone, desk = await inboxes.opens(ben), await inboxes.opens(ben)
    await phone.leaves()
    await desk.does("notification:read", ids=ids[:1])
    await sends(inboxes, ben, "three")
    back = await inboxes.opens(ben)
    back.items, back.cursor = phone.items, phone.cursor
    await back.syncs()
    assert back.titles == ["one", "two", "three"]
    assert back.unread_titles == ["two", "three"]
    assert back.unread == 2


async def test_a_cursor_ahead_of_the_log_is_reset(inboxes: Inboxes, ben: User) -> None:
    await sends(inboxes, ben, "one")
    device = await inboxes.opens(ben)
    answer = await device.does("inbox:sync", cursor=99)
    assert answer["reset"]
    assert [i["title"] for i in answer["items"]] == ["one"]


async def test_the_newest_hundred_then_pages_without_repetition(
    inboxes: Inboxes, ben: User
) -> None:
    for start in range(0, 240, 20):
        await asyncio.gather(*(sends(inboxes, ben, f"n{n}") for n in range(start, start + 20)))
    device = await inboxes.opens(ben)
    assert device.unread == 240
    assert len(device.items) == 100
    seen = [i["id"] for i in device.items.values()]
    before = min(i["seq"] for i in device.items.values())
    more = True
    while more:
        page = await device.does("inbox:list", before=before, limit=60, unread=True)
        seqs = [i["seq"] for i in page["items"]]
        assert seqs == sorted(seqs)
        seen += [i["id"] for i in page["items"]]
        before, more = seqs[0], page["more"]
    assert len(seen) == len(set(seen)) == 240


async def test_a_list_can_be_of_one_category(inboxes: Inboxes, ben: User) -> None:
    for category in ("reply", "builds", "reply"):
        await inboxes.sender.send([ben.id], Notice(title=category, category=category))
    device = await inboxes.opens(ben)
    page = await device.does("inbox:list", category="reply")
    assert [i["title"] for i in page["items"]] == ["reply", "reply"]


async def test_a_withdrawn_one_disappears_everywhere(inboxes: Inboxes, ben: User) -> None:
    submit = inboxes.house.services.committer.submit
    for change in await inboxes.sender.additions([ben.id], Notice(title="Hello"), "mention:m1"):
        await submit(change)
    device = await inboxes.opens(ben)
    assert device.titles == ["Hello"]
    for change in await inboxes.sender.withdrawals([ben.id], "mention:m1"):
        await submit(change)
    await device.shows(0)
    assert device.titles == []
    assert await inboxes.sender.withdrawals([ben.id], "mention:m1") == ()
    assert (await device.does("inbox:list"))["items"] == []


async def test_an_ended_session_ends_the_inbox(house: House, inboxes: Inboxes, ben: User) -> None:
    device = await inboxes.opens(ben)
    await house.services.revocations.publish(Revoked(user=ben.id))
    await eventually(lambda: not device.client.connected, "ben is cut off")
    await eventually(
        lambda: len(house.services.notifications.open_inboxes) == 0, "the view is closed"
    )
    await sends(inboxes, ben, "too late")
    assert device.titles == []


async def test_the_view_goes_with_the_last_device(
    house: House, inboxes: Inboxes, ben: User
) -> None:
    open_ones = house.services.notifications.open_inboxes
    phone, desk = await inboxes.opens(ben), await inboxes.opens(ben)
    assert len(open_ones) == 1
    await phone.leaves()
    await sends(inboxes, ben, "still here")
    await desk.sees("still here")
    await desk.leaves()
    await eventually(lambda: len(open_ones) == 0, "nobody looks any more")


async def test_in_process_subscribers_hear_of_each_once(
    house: House, inboxes: Inboxes, ben: User, cleo: User
) -> None:
    heard = []
    house.services.local_events.subscribe(f"notifications:{ben.id}", heard.append)
    ids = await sends(inboxes, ben, "one")
    await sends(inboxes, cleo, "not for ben")
    device = await inboxes.opens(ben)
    await device.does("notification:read", ids=ids)
    assert [(e.data["title"], e.sender) for e in heard] == [("one", "notification_service")]


async def test_long_ones_come_in_several_answers(inboxes: Inboxes, ben: User) -> None:
    """None of them longer than 1 MiB, beyond which many clients give up."""
    live = await inboxes.opens(ben)
    notices = [Notice(title=f"{n:03}", body="語" * 4_000) for n in range(120)]
    await asyncio.gather(*(inboxes.sender.send([ben.id], notice) for notice in notices))
    device = await inboxes.opens(ben)
    assert (0 < len(device.titles) < 100, device.unread) == (True, 120)
    await live.shows(120)
    await live.syncs()
    assert sorted(live.titles) == [notice.title for notice in notices]
    device.cursor = 0
    await device.syncs()
    assert sorted(device.titles) == [notice.title for notice in notices]
    listed = await device.does("inbox:list", limit=100)
    assert (0 < len(listed["items"]) < 100, listed["more"]) == (True, True)
    assert [i["title"] for i in listed["items"]] == device.titles[-len(listed["items"]) :]
