"""Socket.IO packets: decoded strictly, encoded to text once.

The server decodes through `StrictPacket`; what it says itself is made by the functions below.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from socketio import packet

from app.errors import ParleyError
from app.library_versions import require_pinned
from app.realtime.line.frame import Frame
from app.realtime.socketio.engineio_packets import Json, encode, message

require_pinned("python-socketio")

MAX_ATTACHMENTS = 10
LONGEST_NAMESPACE = 256
LONGEST_ID = 100


# The head of a packet, before its JSON. Each part begins with a character that the part before it
# can't hold, so that nothing is tried twice, however long it is.
_HEAD = re.compile(
    r"(?P<kind>[0-6])(?:(?P<attachments>[0-9]{1,9})-)?"
    rf"(?:(?P<namespace>/[^,]{{0,{LONGEST_NAMESPACE}}})(?:,|\Z))?"
    rf"(?P<id>[0-9]{{1,{LONGEST_ID}}})?(?![0-9])"
)


class Head(NamedTuple):
    """The head of a packet, before its JSON, and its `length`."""

    kind: int
    attachments: int
    namespace: str | None
    id: int | None
    length: int


def head_of(text: object) -> Head | None:
    """The head of a packet; None for what is none."""
    found = _HEAD.match(text) if isinstance(text, str) else None
    if found is None:
        return None
    kind, attachments, namespace, ack = found.groups()
    if namespace and "?" in namespace:
        namespace = namespace.partition("?")[0]  # A query after the name is ignored.
    ack = int(ack) if ack else None
    return Head(int(kind), int(attachments or 0), namespace, ack, found.end())


def content(text: str, head: Head) -> Any:
    """The JSON behind the head of a packet, decoded; None where there is none.

    Raises ValueError.
    """
    json = text[head.length :]
    return Json.loads(json) if json else None


class StrictPacket(packet.Packet):  # type: ignore[misc]  # python-socketio has no types
    """A Socket.IO packet; a client can't make the server wait for endless attachments."""

    json = Json

    def decode(self, encoded_packet: Any) -> int:
        """Take a packet's text, and return how many attachments follow. Raises ValueError."""
        head = head_of(encoded_packet)
        if head is None:
            raise ValueError("no Socket.IO packet")
        is_binary = head.kind in (packet.BINARY_EVENT, packet.BINARY_ACK)
        if head.attachments > MAX_ATTACHMENTS or is_binary != (head.attachments > 0):
            raise ValueError("wrong number of attachments")
        self.packet_type, self.namespace, self.id = head.kind, head.namespace, head.id
        self.data = content(encoded_packet, head)
        return head.attachments

    def add_attachment(self, attachment: Any) -> bool:
        if not isinstance(attachment, bytes):
            raise TypeError("an attachment is binary")
        complete: bool = super().add_attachment(attachment)
        return complete


def event(namespace: str, name: str, payload: Any, stream: str | None = None) -> Frame:
    """The server event `name`."""
    return Frame(_data(packet.EVENT, namespace, [name, payload]), stream)


def acknowledgement(
    namespace: str,
    ack: int,
    payload: Mapping[str, Any],
    stream: str | None = None,
    instead: Callable[[], Frame] | None = None,
) -> Frame:
    """The answer to the client's event number `ack`."""
    return Frame(_data(packet.ACK, namespace, [payload], ack), stream, instead)


def farewell(namespace: str) -> Frame:
    """The end of a namespace, after which clients don't come back by themselves."""
    return Frame(_data(packet.DISCONNECT, namespace, None))


def refusal(error: ParleyError) -> tuple[str, dict[str, Any]]:
    """`message` and `data: {code, retry_after?}` of a connect error."""
    return error.message, {k: v for k, v in error.as_error().items() if k != "message"}


def connected(namespace: str, sid: str) -> Frame:
    """The answer to a client that was let in."""
    return Frame(_data(packet.CONNECT, namespace, {"sid": sid}))


def connect_error(namespace: str, why: Any) -> Frame:
    """The answer to a client that was not let in."""
    return Frame(_data(packet.CONNECT_ERROR, namespace, why))


def unknown_namespace(namespace: str) -> Frame:
    """A connect error in the words of the reference server."""
    return connect_error(namespace, {"message": "Invalid namespace"})


def _data(kind: int, namespace: str, data: Any, ack: int | None = None) -> bytes:
    # Hot path: written as bytes, where python-socketio would make four texts first.
    head = str(kind) if namespace == "/" else f"{kind}{namespace},"
    return message(head if ack is None else f"{head}{ack}", b"" if data is None else encode(data))
