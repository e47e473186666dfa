"""From polling to WebSocket, as Engine.IO v4 describes it: nothing is lost, nothing comes twice."""

import asyncio

import pytest

from app.realtime.socketio import engineio_socket
from app.realtime.socketio.engineio_server import StrictEngine
from tests.conformance.peer import Line, Peer
from tests.harness.waiting import WITHIN_S, eventually

pytestmark = pytest.mark.usefixtures("unhurried")


async def probed(peer: Peer, sid: str) -> Line:
    line = await peer.probes(sid)
    await line.say("2probe")
    assert await line.hears() == "3probe"
    return line


async def test_websocket_takes_the_place_of_polling(peer: Peer) -> None:
    sid = await peer.sid()
    line = await probed(peer, sid)
    assert await peer.polls(sid) == (200, "6")
    await line.say("5", "4hello")
    assert await line.hears() == "4hello"


async def test_poll_that_waits_is_let_go_by_the_probe(peer: Peer, engine: StrictEngine) -> None:
    sid = await peer.sid()
    poll = peer.begins_poll(sid)
    await eventually(lambda: engine.sockets[sid]._is_polled, "the poll waits")
    line = await probed(peer, sid)
    assert await poll == (200, "6")
    await line.say("5", "4hello")
    assert await line.hears() == "4hello"


async def test_what_is_sent_meanwhile_comes_over_the_websocket(
    peer: Peer, engine: StrictEngine
) -> None:
    sid = await peer.sid()
    line = await probed(peer, sid)
    await engine.send(sid, "first")
    assert await peer.polls(sid) == (200, "6")
    await line.say("5")
    assert await line.hears() == "4first"


async def test_polls_go_on_until_the_probe(peer: Peer, engine: StrictEngine) -> None:
    sid = await peer.sid()
    await peer.probes(sid)
    await eventually(lambda: engine.sockets[sid].upgrading, "a WebSocket is there")
    await engine.send(sid, "hello")
    assert await peer.polls(sid) == (200, "4hello")


@pytest.mark.parametrize("frames", [("2",), ("4hello",), ("2probe", "4hello"), ("2probe", "6")])
async def test_upgrade_that_goes_wrong_leaves_the_poller_its_packets(
    peer: Peer, engine: StrictEngine, frames: tuple[str, ...]
) -> None:
    sid = await peer.sid()
    line = await peer.probes(sid)
    await line.say(*frames)
    await engine.send(sid, "kept")
    await line.is_closed()
    await eventually(lambda: not engine.sockets[sid].upgrading, "the upgrade is off")
    assert await peer.polls(sid) == (200, "4kept")
    await probed(peer, sid)


async def test_upgrade_that_breaks_off_leaves_the_poller_its_packets(
    peer: Peer, engine: StrictEngine
) -> None:
    sid = await peer.sid()
    line = await probed(peer, sid)
    await engine.send(sid, "kept")
    await line.socket.close()
    await eventually(lambda: not engine.sockets[sid].upgrading, "the upgrade is off")
    assert await peer.polls(sid) == (200, "4kept")


async def test_upgrade_that_never_ends_is_given_up(
    peer: Peer, engine: StrictEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engineio_socket, "UPGRADE_WITHIN_S", 0.05)
    sid = await peer.sid()
    line = await probed(peer, sid)
    await engine.send(sid, "kept")
    assert await line.is_closed() == 1000
    assert await peer.polls(sid) == (200, "4kept")


async def test_requests_after_the_upgrade_are_refused(peer: Peer) -> None:
    sid = await peer.sid()
    line = await probed(peer, sid)
    await line.say("5", "4now")
    assert await line.hears() == "4now"
    assert (await peer.polls(sid))[0] == 400
    assert (await peer.posts(sid, "4hello"))[0] == 400
    await line.say("4still here")
    assert await line.hears_but_pings() == "4still here"


@pytest.mark.parametrize("is_done", [True, False])
async def test_second_websocket_is_opened_and_closed(peer: Peer, is_done: bool) -> None:
    sid = await peer.sid()
    line = await probed(peer, sid)
    if is_done:
        await line.say("5", "4now")
        assert await line.hears() == "4now"
    assert await (await peer.probes(sid)).is_closed() == 1000
    await line.say(*([] if is_done else ["5"]), "4still here")
    assert await line.hears_but_pings() == "4still here"


async def test_session_that_ends_meanwhile_takes_its_websocket_along(
    peer: Peer, engine: StrictEngine
) -> None:
    sid = await peer.sid()
    line = await probed(peer, sid)
    assert await peer.posts(sid, "1") == (200, "ok")
    await line.say("5")
    await asyncio.wait_for(line.is_closed(), WITHIN_S)
    assert engine.sockets == {}
