"""One Socket.IO client on one namespace."""

from datetime import datetime

from app.accounts.models import Caller
from app.realtime.connections import Connection
from app.realtime.events import Event
from app.realtime.line.outbox import Outgoing
from app.realtime.socketio import packets
from app.realtime.socketio.engine_socket import StrictSocket
from app.realtime.socketio.server import SocketServer
from app.realtime.socketio.transport import buffered_bytes, kind


class SocketIOConnection(Connection):
    """Writes through the outbox of its transport, so acks and events keep one order."""

    def __init__(
        self,
        server: SocketServer,
        *,
        socket: StrictSocket,
        namespace: str,
        caller: Caller,
        address: str,
        since: datetime,
    ) -> None:
        super().__init__(caller, address=address, since=since, line=server.line(socket.sid))
        self._server = server
        self._socket = socket
        self._writer = socket.writer
        self._namespace = namespace

    @property
    def transport(self) -> str:
        return kind(self._socket)

    @property
    def buffered_bytes(self) -> int:
        return buffered_bytes(self._socket)

    def announce(self) -> None:
        """Say that somebody was let in here. Raises RateLimited, Unavailable."""
        self._server.signed_in(self._socket.sid, self)

    def retire(self) -> None:
        """Say that they have left."""
        self._server.signed_out(self._socket.sid)

    def send(self, event: Event) -> None:
        # The short way: with it, many members cost less.
        if self._writer.write(event.encoded(self._namespace, self._encode)):
            self._server.wait_for(self._socket)

    def _encode(self, event: Event) -> Outgoing:
        return Outgoing(packets.event(self._namespace, event.name, event.payload), event.topic)

    def drop(self, topic: str) -> None:
        self._socket.queue.drop(topic)

    def revoke(self, topic: str) -> None:
        self._socket.queue.revoke(topic)

    def close(self) -> None:
        self._server.hang_up(self._socket.sid, self._namespace)
