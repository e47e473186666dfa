"""Engine.IO v4: how a session begins, and what begins none."""

import json

import aiohttp
import pytest

from app.realtime.socketio.engineio_server import StrictEngine
from tests.conformance.peer import Peer

REFUSED = {
    "nothing said": "",
    "no version": "transport=polling",
    "version of no kind": "EIO=abc&transport=polling",
    "old version": "EIO=3&transport=polling",
    "no transport": "EIO=4",
    "unknown transport": "EIO=4&transport=abc",
    "websocket without upgrade": "EIO=4&transport=websocket",
    "answer as a script": "EIO=4&transport=polling&j=0",
    "unknown session": "EIO=4&transport=polling&sid=nobody",
}
REFUSED_SOCKETS = {
    "no version": "transport=websocket",
    "version of no kind": "EIO=abc&transport=websocket",
    "no transport": "EIO=4",
    "unknown transport": "EIO=4&transport=abc",
    "polling with upgrade": "EIO=4&transport=polling",
    "unknown session": "EIO=4&transport=websocket&sid=nobody",
}


async def test_polling_session_opens_with_the_times_of_the_server(peer: Peer) -> None:
    opening = await peer.opens()
    assert isinstance(opening.pop("sid"), str)
    assert opening == {
        "upgrades": ["websocket"],
        "pingInterval": 300,
        "pingTimeout": 200,
        "maxPayload": 1_000_000,
    }


async def test_websocket_session_opens_without_upgrades(peer: Peer) -> None:
    line = await peer.connects()
    frame = await line.hears()
    opening = json.loads(frame.removeprefix("0"))
    assert opening["upgrades"] == []
    assert (opening["pingInterval"], opening["pingTimeout"]) == (300, 200)


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED)
async def test_request_that_makes_no_sense_is_refused(
    peer: Peer, engine: StrictEngine, query: str
) -> None:
    assert (await peer.asks(query))[0] == 400
    assert engine.sockets == {}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD"])
async def test_method_that_opens_no_session_is_refused(
    peer: Peer, engine: StrictEngine, method: str
) -> None:
    assert (await peer.asks("EIO=4&transport=polling", method))[0] == 400
    assert engine.sockets == {}


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_unknown_session_is_answered_as_the_reference_server_does(
    peer: Peer, method: str
) -> None:
    """Also a session of another node: its client begins anew."""
    status, text = await peer.asks("EIO=4&transport=polling&sid=nobody", method)
    assert status == 400
    assert json.loads(text) == {"code": 1, "message": "Session ID unknown"}


@pytest.mark.parametrize("query", REFUSED_SOCKETS.values(), ids=REFUSED_SOCKETS)
async def test_websocket_that_makes_no_sense_is_refused(
    peer: Peer, engine: StrictEngine, query: str
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await peer.connects(query)
    assert caught.value.status == 400
    assert engine.sockets == {}


async def test_wrong_method_on_an_open_session_ends_it(peer: Peer, engine: StrictEngine) -> None:
    sid = await peer.sid()
    assert (await peer.asks(f"EIO=4&transport=polling&sid={sid}", "PUT"))[0] == 400
    assert engine.sockets == {}


async def test_upgrade_that_is_no_websocket_leaves_no_session(
    peer: Peer, engine: StrictEngine
) -> None:
    """It has no key: aiohttp refuses it after Engine.IO has taken it."""
    url = f"{peer.url}?EIO=4&transport=websocket"
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
    async with peer.session.get(url, headers=headers) as response:
        assert response.status == 400
    assert engine.sockets == {}


async def test_handshake_comes_before_what_is_said_as_somebody_connects(
    peer: Peer, engine: StrictEngine
) -> None:
    async def greet(sid: str, _: object) -> None:
        await engine.send(sid, "welcome")

    engine.on("connect", greet)
    status, polled = await peer.asks("EIO=4&transport=polling")
    assert (status, polled[0]) == (200, "0")
    assert polled.endswith("\x1e4welcome")
    line = await peer.connects()
    assert (await line.hears()).startswith("0{")
    assert await line.hears() == "4welcome"
