"""One client of `/ws` as one feature sees it: events become frames, each encoded once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from app.accounts.models import Caller
from app.errors import NotFound, ParleyError
from app.realtime.connections import Connection
from app.realtime.dispatch import Answer
from app.realtime.events import Event
from app.realtime.websocket.line import Close, Frame, Line

# The names of server events where they are others than on Socket.IO, by feature.
TYPES: Mapping[str, Mapping[str, str]] = {
    "chat": {"messages": "chat", "room:activity": "activity"},
    "notifications": {"notifications": "notification", "inbox": "notification"},
    "analytics": {"metrics": "analytics", "events": "analytics"},
    "topics": {"events": "topic"},
}
Id = int | str | None


class WebSocketConnection(Connection):
    """Shares its line with the client's other features."""

    def __init__(
        self, line: Line, place: str, caller: Caller, *, address: str, since: datetime
    ) -> None:
        super().__init__(caller, address=address, since=since, line=line.id)
        self._line = line
        self._form = f"ws {place}"
        self._types = TYPES.get(place, {})

    @property
    def transport(self) -> str:
        return "websocket"

    @property
    def buffered_bytes(self) -> int:
        return self._line.buffered_bytes

    def send(self, event: Event) -> None:
        self._line.write(event.encoded(self._form, self._encode))

    def _encode(self, event: Event) -> Frame:
        payload = event.payload
        if event.name == "inbox":
            # On Socket.IO the name tells it from what comes after.
            payload = {**payload, "inbox": True}
        return frame(self._types.get(event.name, event.name), payload, topic=event.topic)

    def drop(self, topic: str) -> None:
        self._line.outbox.drop(topic)

    def revoke(self, topic: str) -> None:
        self._line.outbox.revoke(topic)

    def close(self) -> None:
        self._line.end(Close.SESSION_ENDED, "This session has ended; please sign in again.")


def frame(kind: str, payload: Any, *, topic: str | None = None, **fields: Any) -> Frame:
    """`{type, payload}`, and what else the envelope has."""
    return Frame(msgspec.json.encode({"type": kind, **fields, "payload": payload}), topic)


def acknowledgement(asked: Id, answer: Answer) -> Frame:
    """The answer to the client's message `asked`; another one where its topic is taken back."""
    written = frame("ack", answer.payload, topic=answer.topic, id=asked)
    gone = NotFound("There is no such room, or it is private.")
    written.instead = lambda: frame("ack", gone.as_result(), id=asked)
    return written


def complaint(error: ParleyError, asked: Id = None) -> Frame:
    """What is wrong with a message: an `ack` where the client waits for one, else an `error`."""
    if asked is not None:
        return frame("ack", error.as_result(), id=asked)
    return frame("error", error.as_error())
