"""Losing access: nothing of the room after the acknowledgement, whatever was under way."""

import asyncio
from typing import Any

import pytest

from app.chat.pins.store import PinStore
from app.chat.saved.store import SavedStore
from app.realtime.line.outbox import Outbox
from app.realtime.server_event import Event
from app.streams.log import Log
from tests.chat.house import House, Member
from tests.chat.test_reads_at_once import stopped
from tests.chat.test_rooms import workshop
from tests.harness.waiting import eventually


async def test_member_removed_gets_nothing_more_on_any_connection(
    house: House, ana: Member, ben: Member
) -> None:
    room = await workshop(ana, ben)
    laptop, phone = await house.again(ben), await house.again(ben, polling=True)
    await ben.joins(room)
    await laptop.joins(room)
    await ana.joins(room)
    await ana.does("room:remove", room=room, user="ben")
    for connection in (ben, laptop, phone):
        await connection.hears("room:removed", lambda told: told["room"] == room)
        connection.forgets()
    await ana.sends("now we are alone", room=room)
    await ana.sees("now we are alone")
    await ana.sends("said in the hallway")
    for connection in (ben, laptop, phone):
        await connection.hears("room:activity")
        assert [e for e in connection.heard if e[1].get("room") == room] == []
        assert await connection.fails("room:sync", room=room, cursor=0) == "not_found"


async def test_removed_in_the_middle_of_a_join(
    house: House, ana: Member, ben: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await workshop(ana, ben)
    await ana.sends("a secret", room=room)
    reading, go_on = asyncio.Event(), asyncio.Event()
    log = house.services.chat.timeline._log
    sync = log.sync

    async def slow(*args: Any) -> Any:
        page = await sync(*args)
        reading.set()
        await go_on.wait()
        return page

    monkeypatch.setattr(log, "sync", slow)
    joining = asyncio.create_task(ben.call("room:join", room=room))
    await reading.wait()
    await ana.does("room:remove", room=room, user="ben")
    go_on.set()
    answer = await joining
    assert answer["error"]["code"] == "not_found"
    await ana.sends("another one", room=room)
    await ana.sends("hallway")
    await ben.hears("room:activity", lambda told: told["room"] != room)
    assert "secret" not in str(ben.heard)
    assert ben.told("messages") == []


async def test_removed_while_something_of_the_room_is_read_or_kept(
    ana: Member, ben: Member
) -> None:
    room = await workshop(ana, ben)
    secret, another = [await ana.sends(text, room=room) for text in ("a secret", "another")]
    message = {"room": room, "id": secret["id"]}
    await ana.does("message:pin", **message)
    await ben.does("message:save", **message)
    for event, asked, kind, name in (
        ("pins:list", {"room": room}, Log, "items"),
        ("message:context", message, Log, "page"),
        ("message:save", message, SavedStore, "count"),
        ("message:pin", {"room": room, "id": another["id"]}, PinStore, "of"),
        ("saved:list", {}, Log, "items"),
    ):
        with stopped(kind, name) as reads:
            asking = asyncio.create_task(ben.call(event, **asked))
            await eventually(lambda reads=reads: reads.begun == 1, f"{event} is under way")
            await ana.does("room:remove", room=room, user="ben")
            reads.released.set()
            answer = await asking
        if event == "saved:list":
            assert answer["items"] == []
        else:
            assert answer["error"]["code"] == "not_found", event
        await ana.does("room:invite", room=room, user="ben")
    (pinned,) = (await ana.does("pins:list", room=room))["items"]
    assert pinned["id"] == secret["id"]


async def test_what_waits_to_be_written_is_taken_back(
    house: House, ana: Member, ben: Member
) -> None:
    """Neither events nor answers of the room leave a queue that nobody has emptied yet."""
    room = await workshop(ana, ben)
    await ben.joins(room)
    connection = house.connections("chat").of(ben.id)[0]
    line = connection._line
    outbox = line.outbox
    line._task = asyncio.create_task(asyncio.Event().wait())  # As if it were stuck.
    connection.send(Event("messages", {"text": "secret"}, stream=room))
    asking = asyncio.create_task(ben.call("room:sync", room=room, cursor=0))
    await eventually(lambda: '"items"' in str(waiting_in(outbox)), "the answer waits too")
    await ana.does("room:remove", room=room, user="ben")
    left = waiting_in(outbox)
    assert not [text for text in left if "secret" in text or '"items"' in text]
    line._task.cancel()
    line._task = None
    line._wake()
    assert (await asking)["error"]["code"] == "not_found"


def waiting_in(outbox: Outbox) -> list[str]:
    return [frame.data.decode() for frame in outbox._frames]


async def test_removed_person_can_come_back_and_continues(ana: Member, ben: Member) -> None:
    room = await workshop(ana, ben)
    cursor = (await ben.joins(room))["rev"]
    await ana.does("room:remove", room=room, user="ben")
    await ana.sends("without ben", room=room)
    await ana.does("room:invite", room=room, user="ben")
    joined = await ben.joins(room, cursor=cursor)
    assert [m.get("text") for m in joined["items"]][1] == "without ben"
    await ana.sends("with ben", room=room)
    await ben.sees("with ben")


async def test_send_that_waits_while_its_sender_is_removed_is_refused(
    house: House, ana: Member, ben: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await workshop(ana, ben)
    question = await ana.sends("?", room=room)
    looking, go_on = asyncio.Event(), asyncio.Event()
    log = house.services.chat.messages._log
    item = log.item

    async def slow(*args: Any) -> Any:
        looking.set()
        await go_on.wait()
        return await item(*args)

    monkeypatch.setattr(log, "item", slow)
    sending = asyncio.create_task(
        ben.call("message:send", room=room, text="!", client_id="1", reply_to=question["id"])
    )
    await looking.wait()
    await ana.does("room:remove", room=room, user="ben")
    go_on.set()
    assert (await sending)["error"]["code"] == "not_found"
    items = (await ana.joins(room))["items"]
    assert "!" not in [m.get("text") for m in items]
