"""The promises hold when the server dies in the middle of a conversation."""

import pytest

from tests.checker.history import Unknown
from tests.faults.conftest import Visit
from tests.faults.storm import Storm
from tests.harness.delivery import assert_delivered_once, assert_kept


async def _kills(visit: Visit, messages: int, times: int) -> None:
    async def killed(_n: int) -> None:
        visit.town.server.is_killed()
        await visit.town.server.starts()

    await Storm(visit, messages=messages, times=times, breaks=killed).passes(f"storm {messages}")
    unknown = [t for s in visit.history.sends for t in s.tries if isinstance(t.outcome, Unknown)]
    assert unknown, "nobody noticed the kill, so nothing was tried"


async def test_nothing_acknowledged_is_lost_when_the_server_is_killed(visit: Visit) -> None:
    await _kills(visit, messages=300, times=1)


@pytest.mark.slow
async def test_nothing_of_2000_is_lost_when_the_server_is_killed_three_times(visit: Visit) -> None:
    await _kills(visit, messages=2_000, times=3)


async def test_message_sent_again_after_a_kill_is_one_message(visit: Visit) -> None:
    room = await visit.town.creates("resend")
    ana, ben = await visit.arrives("ana", room), await visit.arrives("ben", room)
    first = await ana.sends("once, please", room, client_id="the-same")
    visit.town.server.is_killed()
    await visit.town.server.starts()
    again = await ana.sends("once, please", room, client_id="the-same")
    await ana.sends("afterwards", room)
    await ben.sees("afterwards", room)
    assert {(a.id, a.seq) for a in again.acks} == {(a.id, a.seq) for a in first.acks}
    assert_delivered_once("once, please", ana, ben, room=room)
    visit.history.sends.remove(again)
    await assert_kept(visit.town, visit.history, room)


async def test_stop_keeps_what_was_acknowledged_and_people_come_back(visit: Visit) -> None:
    room = await visit.town.creates("orderly stop")
    ana, ben = await visit.arrives("ana", room), await visit.arrives("ben", room)
    await ana.sends("before the stop", room)
    await visit.town.server.stops()
    await visit.town.server.starts()
    await ana.sends("after the stop", room)
    await ben.sees("after the stop", room)
    assert ben.room(room).texts() == ["before the stop", "after the stop"]
    await assert_kept(visit.town, visit.history, room)
