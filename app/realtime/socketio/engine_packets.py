"""Engine.IO packets of clients, decoded strictly: what is in a message is not looked at here.

The stock decoder tries each message as JSON, and takes what comes of it for the message.
"""

import base64

from engineio import packet

KINDS = "0123456"
SEPARATOR = "\x1e"


def decoded(frame: str | bytes) -> packet.Packet:
    """One packet. Raises ValueError."""
    if isinstance(frame, bytes | bytearray):
        return packet.Packet(packet.MESSAGE, bytes(frame))
    if frame.startswith("b"):
        return packet.Packet(packet.MESSAGE, base64.b64decode(frame[1:], validate=True))
    if frame[:1] not in KINDS or not frame:
        raise ValueError("no Engine.IO packet")
    return packet.Packet(int(frame[0]), frame[1:])


def of_payload(payload: str, at_most: int) -> list[packet.Packet]:
    """The packets of one request of polling. Raises ValueError."""
    # Counted first: nothing but separators would become a million strings.
    if payload.count(SEPARATOR) >= at_most:
        raise ValueError("too many packets")
    return [decoded(one) for one in payload.split(SEPARATOR)]
