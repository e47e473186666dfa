"""One client of `/ws` as one feature sees it: events become frames, each encoded once."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from app.accounts.models import Caller
from app.errors import ParleyError
from app.realtime.connections import Connection
from app.realtime.dispatch import Answer
from app.realtime.line.frame import Frame
from app.realtime.namespace import ServedNamespace
from app.realtime.server_event import Event
from app.realtime.websocket.client_socket import ClientSocket, Close

Id = int | str | None


class WebSocketConnection(Connection):
    """Shares its line with the client's other features."""

    def __init__(
        self,
        socket: ClientSocket,
        namespace: ServedNamespace,
        caller: Caller,
        *,
        address: str,
        since: datetime,
    ) -> None:
        super().__init__(caller, socket.line, address=address, since=since)
        self._socket = socket
        self._form = f"ws {namespace.name}"
        self._types = namespace.message_types

    @property
    def transport(self) -> str:
        return "websocket"

    def send(self, event: Event) -> None:
        self._line.write(event.encoded(self._form, self._encode))

    def _encode(self, event: Event) -> Frame:
        if found := self._types.get(event.name):
            payload = {**event.payload, **found.adds} if found.adds else event.payload
            return event_frame(found.name, payload, event.stream)
        return event_frame(event.name, event.payload, event.stream)

    def close(self) -> None:
        self._socket.end(Close.SESSION_ENDED, "This session has ended; please sign in again.")


def event_frame(kind: str, payload: Any, stream: str | None = None) -> Frame:
    """`{type, payload}`."""
    return Frame(msgspec.json.encode({"type": kind, "payload": payload}), stream)


def reply_frame(kind: str, payload: Mapping[str, Any], asked: Id) -> Frame:
    """`{type, id, payload}`: what belongs to the client's message `asked`."""
    return Frame(_reply(kind, payload, asked))


def acknowledgement(asked: Id, answer: Answer) -> Frame:
    """The answer to the message `asked`; another one where what it tells of is taken back."""
    instead: Callable[[], Frame] | None = None
    if answer.revoked is not None:
        instead = partial(_revoked, answer.revoked, asked)
    return Frame(_reply("ack", answer.payload, asked), answer.stream, instead)


def complaint(error: ParleyError, asked: Id = None) -> Frame:
    """The error of a message: an `ack` where the client waits for one, else an `error`."""
    if asked is not None:
        return reply_frame("ack", error.as_result(), asked)
    return event_frame("error", error.as_error())


def _revoked(error: Callable[[], ParleyError], asked: Id) -> Frame:
    return complaint(error(), asked)


def _reply(kind: str, payload: Mapping[str, Any], asked: Id) -> bytes:
    return msgspec.json.encode({"type": kind, "id": asked, "payload": payload})
