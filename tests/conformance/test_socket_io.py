"""Socket.IO v5 on top: namespaces, events, acknowledgements, attachments, and what is none."""

import json

import pytest

from app.realtime.socketio import transport
from app.realtime.socketio.server import SocketServer
from tests.conformance.peer import Line
from tests.harness.waiting import eventually

pytestmark = pytest.mark.usefixtures("unhurried")

TWO = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
NO_PACKETS = {
    "unknown type": "4abc",
    "type beyond the last": "47",
    "nothing": "4",
    "no list": "42{}",
    "empty list": "42[]",
    "name is a number": "42[1]",
    "broken JSON": '42["message"',
    "wrong number": '42abc["message-with-ack",1]',
    "error from a client": '44{"message":"no"}',
    "attachment without event": b"\x01",
    "too many attachments": "4511-" + '["message"]',
}


@pytest.mark.parametrize(
    ("namespace", "said", "told"),
    [
        ("", "40", "{}"),
        ("", '40{"token":"123"}', '{"token":"123"}'),
        ("/custom,", "40/custom,", "{}"),
        ("/custom,", "40/custom", "{}"),
        ("/custom,", '40/custom,{"token":"abc"}', '{"token":"abc"}'),
    ],
)
async def test_namespace_is_entered(line: Line, namespace: str, said: str, told: str) -> None:
    await line.say(said)
    frame = await line.hears()
    assert frame.startswith(f"40{namespace}")
    assert json.loads(frame.removeprefix(f"40{namespace}")).keys() == {"sid"}
    assert await line.hears() == f'42{namespace}["auth",{told}]'


async def test_unknown_namespace_is_refused_and_the_connection_goes_on(line: Line) -> None:
    for said in ("40/random", "40/random,", '40/random,{"token":"x"}'):
        await line.say(said)
        assert await line.hears_but_pings() == '44/random,{"message":"Invalid namespace"}'
    await line.say("40")
    assert (await line.hears_but_pings()).startswith("40{")


async def test_namespace_is_left_and_the_connection_goes_on(entered: Line) -> None:
    await entered.say("41", "40")
    assert (await entered.hears()).startswith('40{"sid":')


async def test_one_namespace_is_left_and_the_other_goes_on(entered: Line) -> None:
    await entered.say("40/custom")
    assert (await entered.hears_but_pings()).startswith("40/custom,")
    assert await entered.hears_but_pings() == '42/custom,["auth",{}]'
    await entered.say("41/custom", '42["message","still here"]')
    assert await entered.hears_but_pings() == '42["message-back","still here"]'


async def test_event_with_several_arguments(entered: Line) -> None:
    await entered.say('42["message",1,"2",{"3":[true]}]')
    assert await entered.hears_but_pings() == '42["message-back",1,"2",{"3":[true]}]'


async def test_event_with_attachments(entered: Line) -> None:
    await entered.say(f'452-["message",{TWO}]', b"\x01\x02\x03", b"\x04\x05\x06")
    assert await entered.hears_but_pings() == f'452-["message-back",{TWO}]'
    assert await entered.hears_but_pings() == b"\x01\x02\x03"
    assert await entered.hears_but_pings() == b"\x04\x05\x06"


async def test_acknowledgement_has_the_number_of_its_event(entered: Line) -> None:
    await entered.say('42456["message-with-ack",1,"2",{"3":[false]}]')
    assert await entered.hears_but_pings() == '43456[1,"2",{"3":[false]}]'


async def test_acknowledgement_with_attachments(entered: Line) -> None:
    await entered.say(f'452-789["message-with-ack",{TWO}]', b"\x01\x02\x03", b"\x04\x05\x06")
    assert await entered.hears_but_pings() == f"462-789[{TWO}]"
    assert await entered.hears_but_pings() == b"\x01\x02\x03"
    assert await entered.hears_but_pings() == b"\x04\x05\x06"


@pytest.mark.parametrize("frame", NO_PACKETS.values(), ids=NO_PACKETS)
async def test_what_is_no_packet_closes_the_connection(
    entered: Line, sockets: SocketServer, frame: str | bytes
) -> None:
    await entered.say(frame)
    assert await entered.is_closed() == 1000
    await eventually(lambda: sockets.eio.sockets == {}, "its session has ended")
    assert len(sockets._transports) == 0


async def test_garbage_instead_of_a_handshake_closes_the_connection(line: Line) -> None:
    await line.say("4abc")
    assert await line.is_closed() == 1000


async def test_names_that_are_the_servers_are_passed_over(entered: Line) -> None:
    await entered.say('42["disconnect"]', '42["connect"]', '42["message","still here"]')
    assert await entered.hears() == '42["message-back","still here"]'


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Close connections that enter no namespace after 0.1 s."""
    monkeypatch.setattr(transport, "SIGN_IN_WITHIN_S", 0.1)


async def test_connection_that_enters_nothing_is_closed(impatient: None, line: Line) -> None:
    assert await line.is_closed() is not None
