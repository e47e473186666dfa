"""One Socket.IO client on one namespace."""

from datetime import datetime

from app.accounts.models import Caller
from app.realtime import packets
from app.realtime.connections import Connection
from app.realtime.events import Event
from app.realtime.outbox import Outbox, Outgoing
from app.realtime.server import SocketServer
from app.realtime.transport import buffered_bytes, kind


class SocketConnection(Connection):
    """Writes through the outbox of its transport, so acks and events keep one order."""

    def __init__(
        self,
        server: SocketServer,
        *,
        eio_sid: str,
        namespace: str,
        caller: Caller,
        address: str,
        since: datetime,
    ) -> None:
        super().__init__(caller, address=address, since=since, line=server.line(eio_sid))
        self._server = server
        self._eio_sid = eio_sid
        self._namespace = namespace

    @property
    def transport(self) -> str:
        return kind(self._server.engine_socket(self._eio_sid))

    @property
    def buffered_bytes(self) -> int:
        return buffered_bytes(self._server.engine_socket(self._eio_sid))

    def announce(self) -> None:
        """Say that somebody was let in here."""
        self._server.admitted(self._eio_sid, self)

    def send(self, event: Event) -> None:
        self._server.write(self._eio_sid, event.encoded(self._namespace, self._encode))

    def _encode(self, event: Event) -> Outgoing:
        return Outgoing(packets.event(self._namespace, event.name, event.payload), event.topic)

    @property
    def _outbox(self) -> Outbox | None:
        socket = self._server.engine_socket(self._eio_sid)
        outbox: Outbox | None = socket.queue if socket else None
        return outbox

    def drop(self, topic: str) -> None:
        if outbox := self._outbox:
            outbox.drop(topic)

    def revoke(self, topic: str) -> None:
        if outbox := self._outbox:
            outbox.revoke(topic)

    def close(self) -> None:
        self._server.hang_up(self._eio_sid, self._namespace)
