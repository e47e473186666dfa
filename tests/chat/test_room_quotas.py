"""Quotas are a person's own: being put into rooms never takes their last places."""

import pytest

from app.storage.mongo import Database
from tests.chat.house import Member, open_house


async def test_nobody_is_in_more_rooms_than_a_welcome_can_list(
    ana: Member, ben: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.chat.room_quotas.ROOMS_AT_MOST", 2)
    workshop = (await ben.does("room:create", name="Workshop"))["room"]["id"]
    assert await ben.fails("room:create", name="One more") == "conflict"
    await ana.does("room:create", name="Garden")
    assert await ben.fails("room:join", room="garden") == "conflict"
    assert await ana.fails("room:invite", room="garden", user="ben") == "conflict"
    assert await ana.fails("direct:open", user="ben") == "conflict"
    await ben.does("room:quit", room=workshop)
    await ben.does("room:join", room="garden")


async def test_one_person_does_not_fill_another_ones_rooms(
    ana: Member, ben: Member, cleo: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.chat.room_quotas.BY_ONE_AT_MOST", 2)
    made = await cleo.does("room:create", name="First", members=["ben"])
    await cleo.does("direct:open", user="ben")
    refused = await cleo.call("room:create", name="Second", kind="private", members=["ben"])
    assert (refused["error"]["code"], "Ben" in refused["error"]["message"]) == ("conflict", True)
    alone = (await cleo.does("room:create", name="Second"))["room"]["id"]
    assert await cleo.fails("room:invite", room=alone, user="ben") == "conflict"
    await cleo.does("room:invite", room=alone, user="ana")
    # Others still can, ben himself comes in where he likes, and what he leaves is given back.
    await ana.does("room:invite", room=alone, user="ben")
    await ben.does("room:create", name="Mine")
    await ben.does("room:quit", room=made["room"]["id"])
    # A membership that he begins again by himself counts for nobody else.
    await ben.joins(made["room"]["id"])
    await cleo.does("room:create", name="Third", members=["ben"])


async def test_all_others_together_leave_places_for_oneself(
    ana: Member, ben: Member, cleo: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.chat.room_quotas.BY_OTHERS_AT_MOST", 2)
    await ana.does("room:create", name="First", members=["ben"])
    await cleo.does("room:create", name="Second", members=["ben"])
    for other in (ana, cleo):
        assert await other.fails("room:create", name="Third", members=["ben"]) == "conflict"
        assert await other.fails("direct:open", user="ben") == "conflict"
    await ben.does("room:create", name="Mine")
    await ben.does("direct:open", user="cleo")
    await cleo.does("room:create", name="Open")
    await ben.joins("open")


async def test_rooms_that_one_has_made_count_also_where_one_left_them(
    ana: Member, ben: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.chat.room_quotas.OWNED_AT_MOST", 2)
    first = (await ben.does("room:create", name="First"))["room"]["id"]
    second = (await ben.does("room:create", name="Second"))["room"]["id"]
    await ben.does("room:quit", room=second)
    assert await ben.fails("room:create", name="Third") == "conflict"
    await ben.does("direct:open", user="ana")
    await ben.does("room:archive", room=first)
    await ben.does("room:create", name="Third")


async def test_making_rooms_and_inviting_have_a_pace(database: Database) -> None:
    async with open_house(database, rooms_per_minute=2, invitations_per_minute=2) as house:
        ana = await house.welcomes("ana", role="admin")
        ben, cleo = await house.welcomes("ben"), await house.welcomes("cleo")
        room = (await ben.does("room:create", name="One", members=["cleo"]))["room"]["id"]
        refused = await ben.call("room:create", name="Two", members=["ana", "cleo"])
        assert refused["error"]["code"] == "rate_limited"
        assert refused["error"]["retry_after"] > 0
        assert await ben.fails("room:create", name="Three") == "rate_limited"
        assert await ben.fails("room:invite", room=room, user="ana") == "rate_limited"
        assert await ben.fails("direct:open", user="ana") == "rate_limited"
        await cleo.does("room:create", name="Three", members=["ana"])
        await ana.joins(room)
