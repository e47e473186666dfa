"""One Socket.IO client on one namespace."""

from datetime import datetime

from app.accounts.models import Caller
from app.realtime.connections import Connection
from app.realtime.line.frame import Frame
from app.realtime.server_event import Event
from app.realtime.socketio import packets
from app.realtime.socketio.engineio_socket import StrictSocket
from app.realtime.socketio.server import SocketServer


class SocketIOConnection(Connection):
    """Shares the line of its transport, so that acks and events keep one order."""

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
        super().__init__(caller, socket.line, address=address, since=since)
        self._server = server
        self._socket = socket
        self._namespace = namespace

    @property
    def transport(self) -> str:
        return self._socket.transport

    def announce(self) -> None:
        """Note that a person has signed in. Raises RateLimited, Unavailable."""
        self._server.signed_in(self._socket.sid, self)

    def retire(self) -> None:
        """Note that the person has left."""
        self._server.signed_out(self._socket.sid)

    def send(self, event: Event) -> None:
        self._line.write(event.encoded(self._namespace, self._encode))

    def _encode(self, event: Event) -> Frame:
        return packets.event(self._namespace, event.name, event.payload, event.stream)

    def close(self) -> None:
        self._server.hang_up(self._socket.sid, self._namespace)
