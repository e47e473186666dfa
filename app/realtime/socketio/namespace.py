"""A feature's namespace on Socket.IO: lets clients in, answers them and writes to them."""

from datetime import datetime
from typing import Any

import socketio
from aiohttp import web
from socketio.exceptions import ConnectionRefusedError as Refused

from app.accounts.models import Caller
from app.errors import ParleyError, Unauthenticated
from app.realtime.connections import Connection
from app.realtime.dispatch import Answer, as_expected, log_refused_connection
from app.realtime.line.frame import Frame
from app.realtime.namespace import ServedNamespace
from app.realtime.server_event import Event
from app.realtime.socketio import packets
from app.realtime.socketio.engineio_socket import StrictSocket
from app.realtime.socketio.server import SocketServer
from app.times import now
from app.web import request_info, session_cookie
from app.web.authentication import SessionLookup, TokenLookup


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


class FeatureNamespace(socketio.AsyncNamespace):  # type: ignore[misc]  # no types upstream
    """Lets clients into `feature`, answers their events, and sees them off."""

    def __init__(
        self,
        feature: ServedNamespace,
        server: SocketServer,
        sessions: SessionLookup,
        tokens: TokenLookup,
    ) -> None:
        super().__init__(f"/{feature.name}")
        self._feature = feature
        self._socket_server = server
        self._connections = feature.connections
        self._sessions = sessions
        self._tokens = tokens
        self._by_sid: dict[str, SocketIOConnection] = {}

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Called by python-socketio, for disconnect only."""
        if event == "disconnect":
            await self._disconnect(args[0])

    async def let_in(self, sid: str, environ: dict[str, Any], auth: object) -> None:
        """Authenticate and keep a new client. Raises socketio's ConnectionRefusedError."""
        request: web.Request = environ["aiohttp.request"]
        moment = self._connections.moment
        try:
            caller = await self._authenticate(request, auth)
            self._feature.dispatcher.must_admit(caller)
            connection = self._connection(sid, caller, request)
            self._connections.add(connection, moment)
            self._announce(connection)
        except Exception as error:  # noqa: BLE001  # logged in as_expected
            expected = as_expected(error, "connect")
            log_refused_connection(request_info.address(request), self.namespace, expected)
            raise Refused(*packets.refusal(expected)) from None
        self._by_sid[sid] = connection
        # The welcome follows the answer to this handshake.
        self._socket_server.spawn(self._greet(sid, connection), f"greet {sid}")

    def _announce(self, connection: SocketIOConnection) -> None:
        try:
            connection.announce()
        except ParleyError:
            self._connections.remove(connection)
            raise

    def _connection(self, sid: str, caller: Caller, request: web.Request) -> SocketIOConnection:
        eio_sid = self._socket_server.manager.eio_sid_from_sid(sid, self.namespace)
        socket = self._socket_server.engine_socket(eio_sid) if eio_sid else None
        if socket is None:
            raise Unauthenticated("The connection has ended.")
        return SocketIOConnection(
            self._socket_server,
            socket=socket,
            namespace=self.namespace,
            caller=caller,
            address=request_info.address(request),
            since=now(),
        )

    async def _authenticate(self, request: web.Request, auth: object) -> Caller:
        token = auth.get("token") if isinstance(auth, dict) else None
        if isinstance(token, str):
            return await self._tokens.resolve(token)
        cookie = session_cookie.read(request)
        caller = await self._sessions.resolve(cookie) if cookie else None
        if caller is None:
            raise Unauthenticated("Please sign in first.")
        return caller

    async def _greet(self, sid: str, connection: SocketIOConnection) -> None:
        if sid not in self._by_sid:
            return  # It has left already; `depart` will not run for it.
        # At once: events of this connection may be on their way, and the handshake had its turn.
        try:
            await self._feature.arrive(connection)
        except Exception as error:  # noqa: BLE001  # logged in as_expected
            # Without a welcome there is no use in staying; the client comes back by itself.
            as_expected(error, "welcome")
            connection.close()

    async def _disconnect(self, sid: str) -> None:
        connection = self._by_sid.pop(sid, None)
        if connection is None:
            return
        self._connections.remove(connection)
        connection.retire()
        try:
            await self._feature.depart(connection)
        except Exception as error:  # noqa: BLE001  # logged in as_expected
            as_expected(error, "disconnect")

    async def answer(self, sid: str, event: str, arguments: list[Any]) -> Answer:
        """The answer to one client event; more than one argument is not looked at."""
        connection = self._by_sid.get(sid)
        if connection is None:
            return Answer(Unauthenticated("The connection has ended.").as_result())
        payload = arguments[0] if arguments else None
        dispatcher = self._feature.dispatcher
        return await dispatcher.call(connection, event, {} if payload is None else payload)
