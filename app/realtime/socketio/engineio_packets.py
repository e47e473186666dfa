"""Engine.IO packets (protocol version 4) and their JSON: decoded strictly, encoded once. No I/O.

The content of a message is not looked at here; the stock decoder tries each as JSON.
"""

import base64
from typing import Any

import msgspec
from aiohttp import WSMsgType
from engineio import packet

from app.errors import Invalid
from app.realtime.line.frame import Frame
from app.web.json_limits import must_be_light

KINDS = "0123456"
SEPARATOR = "\x1e"


def message(head: str, json: bytes) -> bytes:
    """The data of a frame that carries this text as a message."""
    return f"4{head}".encode() + json


def encoded(pkt: packet.Packet) -> Frame:
    """A packet of engineio's as the frame of a WebSocket."""
    data = pkt.encode()
    if isinstance(data, str):
        return Frame(data.encode())
    return Frame(data, kind=WSMsgType.BINARY)


def decoded(frame: str | bytes) -> packet.Packet:
    """The packet in a frame of a WebSocket, or in a part of a polled payload. Raises ValueError."""
    if isinstance(frame, bytes | bytearray):
        return packet.Packet(packet.MESSAGE, bytes(frame))
    if frame.startswith("b"):
        return packet.Packet(packet.MESSAGE, base64.b64decode(frame[1:], validate=True))
    if frame[:1] not in KINDS or not frame:
        raise ValueError("no Engine.IO packet")
    return packet.Packet(int(frame[0]), frame[1:])


def polled(frame: Frame) -> packet.Packet:
    """The packet that `encoded` made a frame of, for a client that polls."""
    return decoded(frame.data if frame.kind is WSMsgType.BINARY else frame.data.decode())


def of_payload(payload: str, at_most: int) -> list[packet.Packet]:
    """The packets of one request of polling. Raises ValueError."""
    # Counted first: nothing but separators would become a million strings.
    if payload.count(SEPARATOR) >= at_most:
        raise ValueError("too many packets")
    return [decoded(one) for one in payload.split(SEPARATOR)]


encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder()


class Json:
    """JSON through msgspec, which python-engineio and python-socketio take as their `json`."""

    @staticmethod
    def dumps(data: Any, **_: Any) -> str:
        """Compact JSON text."""
        return encode(data).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        """The value of `text`. Raises ValueError for anything that is not JSON, is nested too
        deeply or would take too long."""
        try:
            raw = text.encode() if isinstance(text, str) else text
            must_be_light(raw)
            return _decoder.decode(raw)
        except (msgspec.MsgspecError, Invalid, RecursionError, UnicodeError) as error:
            raise ValueError(f"not JSON: {type(error).__name__}") from None
