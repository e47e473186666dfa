"""Socket.IO packets: decoded strictly, encoded to text once.

The server decodes through `StrictPacket`; what it says itself is made by the functions below.
"""

from collections.abc import Mapping
from typing import Any

from socketio import packet

from app.errors import ParleyError
from app.realtime import json

MAX_ATTACHMENTS = 10


class StrictPacket(packet.Packet):  # type: ignore[misc]  # python-socketio has no types
    """A Socket.IO packet; a client can't make the server wait for endless attachments."""

    json = json

    def decode(self, encoded_packet: Any) -> int:
        count: int = super().decode(encoded_packet)
        is_binary = self.packet_type in (packet.BINARY_EVENT, packet.BINARY_ACK)
        if count > MAX_ATTACHMENTS or is_binary != (count > 0):
            raise ValueError("wrong number of attachments")
        return count

    def add_attachment(self, attachment: Any) -> bool:
        if not isinstance(attachment, bytes):
            raise TypeError("an attachment is binary")
        complete: bool = super().add_attachment(attachment)
        return complete


def event(namespace: str, name: str, payload: Any) -> str:
    """The server event `name`."""
    return _text(packet.EVENT, namespace, [name, payload])


def acknowledgement(namespace: str, ack: int, payload: Mapping[str, Any]) -> str:
    """The answer to the client's event number `ack`."""
    return _text(packet.ACK, namespace, [payload], ack)


def farewell(namespace: str) -> str:
    """The end of a namespace, after which clients don't come back by themselves."""
    return _text(packet.DISCONNECT, namespace, None)


def refusal(error: ParleyError) -> tuple[str, dict[str, Any]]:
    """`message` and `data: {code, retry_after?}` of a connect error."""
    return error.message, {k: v for k, v in error.as_error().items() if k != "message"}


def unknown_namespace(namespace: str) -> str:
    """No such namespace, in the words of the reference server."""
    return _text(packet.CONNECT_ERROR, namespace, {"message": "Invalid namespace"})


def _text(kind: int, namespace: str, data: Any, ack: int | None = None) -> str:
    text: str = StrictPacket(kind, data, namespace=namespace, id=ack, binary=False).encode()
    return text
