"""Packets of clients: taken as the stock decoders do, and refused before they cost."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from engineio import packet as engine
from hypothesis import given
from hypothesis import strategies as st
from socketio import packet

from app.realtime.socketio.engineio_packets import decoded, of_payload
from app.realtime.socketio.packets import StrictPacket, head_of

BIG = 1_000_000
# python-socketio took six seconds to decode one of these. Even a busy machine needs less than this.
WITHIN_S = 0.5


def of_stock(text: str) -> Any:
    """The packet as python-socketio decodes it."""
    found = packet.Packet(encoded_packet=text)
    return found.packet_type, found.namespace, found.id, found.data, found.attachment_count


def of_ours(text: str) -> Any:
    found = StrictPacket(encoded_packet=text)
    return found.packet_type, found.namespace, found.id, found.data, found.attachment_count


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "0/chat",
        "0/chat,",
        '0/chat,{"token":"x"}',
        "1/chat,",
        '2["a",1]',
        '20["a"]',
        '2/chat,17["a",{"b":[1]}]',
        '2/chat?x=1,17["a"]',
        '2["a-b",{"c":"1-2,/"}]',
        "3/chat,5[]",
        '52-/chat,9["a",{"_placeholder":true,"num":0}]',
        "2" + "9" * 100 + "[1]",
        '2/,3["root"]',
    ],
)
def test_what_clients_send_is_taken_as_before(text: str) -> None:
    assert of_ours(text) == of_stock(text)


HOSTILE = [
    "2/" + "1" * BIG,
    "2/x," + "1" * BIG,
    "2" + "1" * BIG,
    "2/a?" + "1" * BIG,
    "2/" + "1?" * (BIG // 2),
    "5" + "1" * BIG + "-",
    "5" + "1-" * (BIG // 2),
    "2" + "/" * BIG,
    "2" + "," * BIG,
    "2[" + "1" * BIG + "]",
    "2" + "[" * BIG,
    "2[" + "[]," * (BIG // 3) + "0]",
    "2[" + "1e300," * (BIG // 6) + "0]",
    '2["' + '\\"' * (BIG // 2),
    "2²",
    "2" + "٣" * BIG,
    "x",
    "9",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: f"{text[:8]!r}")
def test_what_no_client_sends_is_refused_at_once(text: str) -> None:
    assert seconds(lambda: head_of(text)) < WITHIN_S

    def decodes() -> None:
        with pytest.raises(ValueError, match=r"."):
            StrictPacket(encoded_packet=text)

    assert seconds(decodes) < WITHIN_S


@pytest.mark.parametrize("frame", [None, b"2[]", 7, [], {}])
def test_what_is_no_text_is_no_packet(frame: Any) -> None:
    assert head_of(frame) is None


@given(st.text(alphabet='0123456789-/,?[]{}"a²', max_size=30))
def test_whatever_is_said_is_a_packet_or_a_value_error(text: str) -> None:
    try:
        found = of_ours("2" + text)
    except ValueError:
        return
    assert found == of_stock("2" + text)


@pytest.mark.parametrize("frame", ["0", "1", "2probe", "3", "4hello", "4", "4[1]", "5", "6"])
def test_a_frame_is_what_follows_its_kind(frame: str) -> None:
    found = decoded(frame)
    assert (found.packet_type, found.data) == (int(frame[0]), frame[1:])


def test_bytes_are_a_message_also_within_polling() -> None:
    for frame in (b"\x00\xff", "bAP8="):
        found = decoded(frame)
        assert (found.packet_type, found.data) == (engine.MESSAGE, b"\x00\xff")


@pytest.mark.parametrize("frame", ["", "7", "x", "²", "d=4a", "b?"])
def test_a_frame_of_no_kind_is_refused(frame: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decoded(frame)


def test_a_payload_holds_so_many_packets_and_no_more() -> None:
    assert [p.data for p in of_payload("4a\x1e4b", 2)] == ["a", "b"]
    for payload in ("4a\x1e4b\x1e4c", "\x1e" * BIG, "4a\x1e", ""):
        with pytest.raises(ValueError, match=r"."):
            of_payload(payload, 2)


def seconds(work: Callable[[], object]) -> float:
    """How much of the processor's time it took."""
    began = time.process_time()
    work()
    return time.process_time() - began
