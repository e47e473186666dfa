"""Engine.IO v4 over HTTP long-polling: packets there and back, one poll at a time, the end."""

import asyncio

import pytest

from app.realtime.socketio import engineio_socket
from app.realtime.socketio.engineio_server import StrictEngine
from tests.conformance.peer import Peer
from tests.harness.waiting import eventually

pytestmark = pytest.mark.usefixtures("unhurried")

PAYLOADS = {
    "one packet": "4hello",
    "several packets": "4test1\x1e4test2\x1e4test3",
    "text and binary": "4hello\x1ebAQIDBA==",
    "JSON": '4{"a":1}\x1e4[1,2]',
    "beyond ASCII": "4grüße €𝄞",
}
NO_PACKETS = {
    "no type": "abc", "after the end": "1\x1e0",
    "empty": "", "unknown type": "7", "an empty packet": "4a\x1e\x1e4b",
    "no UTF-8": b"4\xff", "broken binary": "bA", "open": "0", "ping": "2", "upgrade": "5",
    "noop": "6",
}  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
async def test_messages_go_there_and_back_in_order(peer: Peer, payload: str) -> None:
    sid = await peer.sid()
    assert await peer.posts(sid, payload.encode()) == (200, "ok")
    assert await peer.polls(sid) == (200, payload)


@pytest.mark.parametrize("body", NO_PACKETS.values(), ids=NO_PACKETS)
async def test_what_no_client_sends_ends_its_session(
    peer: Peer, engine: StrictEngine, body: str | bytes
) -> None:
    sid = await peer.sid()
    assert (await peer.posts(sid, body))[0] == 400
    assert (await peer.polls(sid))[0] == 400
    assert engine.sockets == {}


async def test_payload_of_the_most_bytes_passes_and_one_more_does_not(
    peer: Peer, engine: StrictEngine
) -> None:
    sid = await peer.sid()
    assert await peer.posts(sid, "4" + "x" * 999_999) == (200, "ok")
    assert (await peer.posts(sid, "4" + "x" * 1_000_000))[0] == 413
    assert engine.sockets == {}


async def is_polled(engine: StrictEngine, sid: str) -> None:
    await eventually(lambda: engine.sockets[sid]._is_polled, "the poll waits")


async def test_two_polls_at_once_end_the_session(peer: Peer, engine: StrictEngine) -> None:
    sid = await peer.sid()
    first = peer.begins_poll(sid)
    await is_polled(engine, sid)
    assert (await peer.polls(sid))[0] == 400
    assert await first == (200, "1")
    assert (await peer.polls(sid))[0] == 400


async def test_poll_that_is_given_up_ends_the_session(peer: Peer, engine: StrictEngine) -> None:
    sid = await peer.sid()
    poll = peer.begins_poll(sid)
    await is_polled(engine, sid)
    poll.cancel()
    assert (await peer.polls(sid))[0] == 400
    assert engine.sockets == {}


async def test_poller_that_went_away_is_noticed_by_itself(
    peer: Peer, engine: StrictEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engineio_socket, "LOOKS_EVERY_S", 0.01)
    reasons: list[str] = []
    engine.on("disconnect", lambda _, reason: reasons.append(reason))
    sid = await peer.sid()
    poll = peer.begins_poll(sid)
    await is_polled(engine, sid)
    poll.cancel()
    await eventually(lambda: engine.sockets == {}, "its session has ended")
    assert reasons == ["transport error"]


async def test_session_closed_by_its_client_lets_the_poll_go(
    peer: Peer, engine: StrictEngine
) -> None:
    sid = await peer.sid()
    poll = peer.begins_poll(sid)
    await is_polled(engine, sid)
    assert await peer.posts(sid, "1") == (200, "ok")
    assert await poll == (200, "6")
    assert (await peer.polls(sid))[0] == 400


async def test_session_closed_by_the_server_is_heard_of_by_the_next_poll(
    peer: Peer, engine: StrictEngine
) -> None:
    sid = await peer.sid()
    await engine.send(sid, "last words")
    await engine.sockets[sid].close()
    assert (await peer.posts(sid, "4too late"))[0] == 400
    assert await peer.polls(sid) == (200, "4last words\x1e1")
    assert (await peer.polls(sid))[0] == 400


async def test_session_closed_by_the_server_is_not_kept_for_ever(
    peer: Peer, engine: StrictEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engineio_socket, "HEARD_WITHIN_S", 0.01)
    await engine.sockets[await peer.sid()].close()
    await eventually(lambda: engine.sockets == {}, "it is forgotten")


async def test_poll_under_way_gets_what_is_sent(peer: Peer, engine: StrictEngine) -> None:
    sid = await peer.sid()
    for word in ("one", "two"):
        poll = peer.begins_poll(sid)
        await is_polled(engine, sid)
        await engine.send(sid, word)
        assert await poll == (200, f"4{word}")


async def test_many_poll_at_once_each_their_own(peer: Peer) -> None:
    sids = [await peer.sid() for _ in range(20)]
    await asyncio.gather(*(peer.posts(sid, f"4{sid}") for sid in sids))
    answers = await asyncio.gather(*(peer.polls(sid) for sid in sids))
    assert answers == [(200, f"4{sid}") for sid in sids]


async def test_session_of_a_websocket_answers_no_request(peer: Peer, engine: StrictEngine) -> None:
    line = await peer.connects()
    await line.hears()
    (sid,) = engine.sockets
    assert (await peer.polls(sid))[0] == 400
    assert (await peer.posts(sid, "4hello"))[0] == 400
    await line.say("4still here")
    assert await line.hears_but_pings() == "4still here"
