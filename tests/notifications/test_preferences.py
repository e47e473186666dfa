"""Preferences are stored, applied when a notification is sent, and known on all devices."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.models import User
from app.notifications.models import Notice
from app.times import now, rfc3339
from tests.chat.house import House
from tests.harness.waiting import eventually
from tests.notifications.inboxes import Inboxes

PATH = "/api/notifications/preferences"


async def puts(inboxes: Inboxes, user: User, **chosen: Any) -> Any:
    status, answer = await inboxes.http("PUT", PATH, user, json=chosen)
    assert status == 200, answer
    return answer


async def test_defaults(inboxes: Inboxes, ben: User) -> None:
    _, found = await inboxes.http("GET", PATH, ben)
    assert found["categories"]["mention"] == "desktop"
    assert found["categories"]["reaction"] == "app"
    assert (found["rooms"], found["quiet"], found["snooze_until"]) == ({}, None, None)


async def test_what_was_chosen_is_kept(inboxes: Inboxes, ben: User) -> None:
    until = rfc3339(now() + timedelta(hours=1))
    chosen = {
        "categories": {"reaction": "off", "builds": "app"},
        "rooms": {"r1": "all", "r2": "muted"},
        "quiet": {"from": "22:00", "to": "07:00"},
        "snooze_until": until,
    }
    answer = await puts(inboxes, ben, **chosen)
    assert answer == (await inboxes.http("GET", PATH, ben))[1]
    assert answer["categories"]["reaction"] == "off"
    assert {k: answer[k] for k in ("rooms", "quiet", "snooze_until")} == {
        k: chosen[k] for k in ("rooms", "quiet", "snooze_until")
    }
    assert await inboxes.house.services.notifications.book.wanting_all_of("r1") == [ben.id]
    assert await inboxes.house.services.notifications.book.wanting_all_of("r2") == []


async def test_one_room_is_muted_without_the_others(inboxes: Inboxes, ben: User) -> None:
    await puts(inboxes, ben, rooms={"r1": "all"}, quiet={"from": "22:00", "to": "07:00"})
    device, other = await inboxes.opens(ben), await inboxes.opens(ben)
    answer = await device.does("preferences:room", room="r2", level="muted")
    assert answer["preferences"]["rooms"] == {"r1": "all", "r2": "muted"}
    assert answer["preferences"]["quiet"] == {"from": "22:00", "to": "07:00"}
    await eventually(lambda: other.told("preferences"), "the other device hears of it")
    answer = await device.does("preferences:room", room="r2", level="mentions")
    assert answer["preferences"]["rooms"] == {"r1": "all"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"categories": {"reply": "loud"}}, "categories[...]"),
        ({"categories": {"Bad name": "off"}}, None),
        ({"quiet": {"from": "24:00", "to": "07:00"}}, "quiet.from"),
        ({"quiet": {"from": "22:00"}}, "quiet.to"),
        ({"snooze_until": "2026-03-01T10:00:00"}, "snooze_until"),
        ({"snooze_until": "9000-01-01T00:00:00Z"}, "snooze_until"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    inboxes: Inboxes, ben: User, wrong: dict[str, Any], field: str | None
) -> None:
    status, answer = await inboxes.http("PUT", PATH, ben, json=wrong)
    assert status == 400
    if field is not None:
        assert answer["error"]["field"] == field


async def test_off_reaches_nobody_else(inboxes: Inboxes, ben: User, cleo: User) -> None:
    await puts(inboxes, ben, categories={"announcement": "off"})
    notice = Notice(title="News", category="announcement")
    sent = await inboxes.sender.send([ben.id, cleo.id], notice)
    assert len(sent.ids) == 2
    assert [await inboxes.counted(ben), await inboxes.counted(cleo)] == [0, 1]


async def test_snoozed_is_silent_but_there(inboxes: Inboxes, ben: User) -> None:
    await puts(inboxes, ben, snooze_until=rfc3339(now() + timedelta(hours=1)))
    device = await inboxes.opens(ben)
    await inboxes.sender.send([ben.id], Notice(title="Psst"))
    assert (await device.sees("Psst"))["alert"] == "none"
    assert device.unread == 1


async def test_the_other_device_hears_of_a_change(inboxes: Inboxes, ben: User) -> None:
    phone, desk = await inboxes.opens(ben), await inboxes.opens(ben)
    await phone.does("preferences:set", categories={"reply": "off"})
    await eventually(lambda: desk.told("preferences"), "the desk hears of it")
    assert desk.told("preferences")[0]["preferences"]["categories"]["reply"] == "off"
    got = await desk.does("preferences:get")
    assert got["preferences"]["categories"]["reply"] == "off"


async def test_a_deleted_account_leaves_nothing(house: House, inboxes: Inboxes, ben: User) -> None:
    await puts(inboxes, ben, categories={"reply": "off"})
    await inboxes.sender.send([ben.id], Notice(title="one"))
    await inboxes.sender.send([ben.id], Notice(title="two"))
    await house.services.accounts.disabling.delete(ben.id)
    db = house.services.database
    assert await db.collection("notification_preferences").count_documents({}) == 0
    left = await db.collection("entries").find({"stream": f"inbox:{ben.id}"}).to_list(None)
    assert [(e["kind"], e.get("body")) for e in left] == [("mark", None)]
