"""The heartbeat of Engine.IO v4: the server asks, and gives up a peer that is silent."""

import asyncio
import math
import time

import pytest

from app.loop_pacing import Pace
from app.realtime.line.heartbeat import Heartbeat
from app.realtime.socketio.engineio_server import StrictEngine, make_engine, options
from app.telemetry.tasks import Tasks
from tests.conformance.peer import Peer
from tests.harness.waiting import WITHIN_S, eventually


async def test_poller_is_asked_each_interval(peer: Peer, engine: StrictEngine) -> None:
    engine.ping_timeout = WITHIN_S
    began = time.monotonic()
    sid = await peer.sid()
    for _ in range(3):
        assert await peer.polls(sid) == (200, "2")
        assert await peer.posts(sid, "3") == (200, "ok")
    assert time.monotonic() - began >= 0.89


async def test_websocket_is_asked_each_interval(peer: Peer, engine: StrictEngine) -> None:
    engine.ping_timeout = WITHIN_S
    began = time.monotonic()
    line = await peer.connects()
    await line.hears()
    for _ in range(3):
        assert await line.hears() == "2"
        await line.say("3")
    assert time.monotonic() - began >= 0.89


async def test_silent_websocket_is_closed(peer: Peer, engine: StrictEngine) -> None:
    reasons: list[str] = []
    engine.on("disconnect", lambda _, reason: reasons.append(reason))
    began = time.monotonic()
    line = await peer.connects()
    await line.is_closed()
    assert time.monotonic() - began >= 0.49
    assert reasons == ["ping timeout"]
    await eventually(lambda: engine.sockets == {}, "its session has ended")


async def test_poll_that_waits_is_told_of_the_time_out(peer: Peer, engine: StrictEngine) -> None:
    engine.ping_timeout = 2.0  # the second poll is there before, on a busy machine too
    sid = await peer.sid()
    assert await peer.polls(sid) == (200, "2")
    assert await peer.polls(sid) == (200, "1")
    assert (await peer.polls(sid))[0] == 400


async def test_session_that_nobody_polls_ends_by_itself(peer: Peer, engine: StrictEngine) -> None:
    await peer.sid()
    await eventually(lambda: engine.sockets == {}, "its session has ended")


async def test_request_after_the_time_out_is_refused_also_before_the_timer_runs(
    peer: Peer, engine: StrictEngine
) -> None:
    sid = await peer.sid()
    engine.sockets[sid].line.heartbeat._heard_at = -math.inf
    assert (await peer.posts(sid, "3"))[0] == 400
    assert engine.sockets == {}


async def test_messages_are_no_answer_to_a_ping(peer: Peer, engine: StrictEngine) -> None:
    line = await peer.connects()
    (socket,) = engine.sockets.values()
    while not socket.closed:
        await line.say("4hello")
        await line.socket.receive()


class Asked:
    """Notes that it was asked, and that it was given up."""

    def __init__(self) -> None:
        self.is_asked, self.is_gone = asyncio.Event(), asyncio.Event()

    def ping(self) -> None:
        self.is_asked.set()

    def give_up(self) -> None:
        self.is_gone.set()


async def test_answer_to_no_question_puts_nothing_off() -> None:
    asked = Asked()
    heartbeat = Heartbeat(asked, 0.03, 0.06, Pace(at_once=1))
    heartbeat.begin()
    heard_at = heartbeat._heard_at
    heartbeat.answered()
    assert heartbeat._heard_at == heard_at
    await asyncio.wait_for(asked.is_asked.wait(), WITHIN_S)
    heartbeat.answered()
    assert heartbeat._heard_at > heard_at
    await asyncio.wait_for(asked.is_gone.wait(), WITHIN_S)
    assert heartbeat.is_over


async def test_whatever_is_heard_puts_it_off() -> None:
    heartbeat = Heartbeat(Asked(), 60.0, 60.0, Pace(at_once=1))
    heartbeat.begin()
    heard_at = heartbeat._heard_at
    await asyncio.sleep(0.001)
    heartbeat.heard()
    assert heartbeat._heard_at > heard_at
    heartbeat.stop()


async def test_heartbeat_that_was_stopped_gives_nobody_up() -> None:
    heartbeat = Heartbeat(Asked(), 0.0, 0.0, Pace(at_once=1))
    heartbeat.begin()
    heartbeat.stop()
    assert not heartbeat.is_over


@pytest.mark.parametrize(
    ("interval_s", "timeout_s", "to_answer_s"), [(30, 60, 30), (0.3, 0.5, 0.2), (30, 30, 1)]
)
async def test_silence_is_counted_from_the_last_answer(
    tasks: Tasks, interval_s: float, timeout_s: float, to_answer_s: float
) -> None:
    assert options(interval_s, timeout_s, 1)["ping_timeout"] == pytest.approx(to_answer_s)
    engine = make_engine(heartbeat_interval=interval_s, connection_timeout=timeout_s, tasks=tasks)
    assert engine.ping_interval == interval_s
