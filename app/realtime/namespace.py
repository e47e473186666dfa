"""One Socket.IO namespace over a feature's table of events: authenticate, decode, answer."""

from collections.abc import Awaitable, Callable
from typing import Any

import socketio
import structlog
from aiohttp import web
from socketio.exceptions import ConnectionRefusedError as Refused

from app.accounts.models import Caller
from app.accounts.sessions import Sessions
from app.accounts.tokens import Tokens
from app.errors import ParleyError, Unauthenticated
from app.realtime.connections import Connection, Connections
from app.realtime.dispatch import Dispatcher, as_expected
from app.realtime.server import SocketServer, after_answer
from app.realtime.socket_connection import SocketConnection
from app.telemetry.tasks import Tasks
from app.times import now
from app.web import visitor

log = structlog.get_logger("socketio")

Step = Callable[[Connection], Awaitable[None]]


class FeatureNamespace(socketio.AsyncNamespace):  # type: ignore[misc]  # no types upstream
    """`arrive` and `depart` are the feature's; everything else is in the table."""

    def __init__(
        self,
        name: str,
        *,
        server: SocketServer,
        dispatcher: Dispatcher,
        connections: Connections,
        sessions: Sessions,
        tokens: Tokens,
        tasks: Tasks,
        arrive: Step,
        depart: Step,
    ) -> None:
        super().__init__(name)
        self._socket_server = server
        self._dispatcher = dispatcher
        self._connections = connections
        self._sessions = sessions
        self._tokens = tokens
        self._tasks = tasks
        self._arrive = arrive
        self._depart = depart
        self._by_sid: dict[str, SocketConnection] = {}

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Called by python-socketio for connect, disconnect and every client event."""
        if event == "connect":
            return await self._connect(*args)
        if event == "disconnect":
            return await self._disconnect(args[0])
        return await self._answer(event, *args)

    async def _connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        request: web.Request = environ["aiohttp.request"]
        try:
            caller = await self._authenticate(request, auth)
        except Exception as error:  # noqa: BLE001  # logged in as_expected
            raise refusal(as_expected(error, "connect")) from None
        eio_sid = self._socket_server.manager.eio_sid_from_sid(sid, self.namespace)
        connection = SocketConnection(
            self._socket_server,
            self._tasks,
            sid=sid,
            eio_sid=eio_sid,
            namespace=self.namespace,
            caller=caller,
            address=visitor.address(request),
            since=now(),
        )
        self._by_sid[sid] = connection
        self._connections.add(connection)
        # The welcome follows the answer to this handshake.
        self._tasks.spawn(self._greet(connection), f"greet {sid}")

    async def _authenticate(self, request: web.Request, auth: object) -> Caller:
        token = auth.get("token") if isinstance(auth, dict) else None
        if isinstance(token, str):
            return await self._tokens.resolve(token)
        cookie = visitor.session_cookie(request)
        caller = await self._sessions.resolve(cookie) if cookie else None
        if caller is None:
            raise Unauthenticated("Please sign in first.")
        return caller

    async def _greet(self, connection: SocketConnection) -> None:
        try:
            await self._arrive(connection)
        except Exception as error:  # noqa: BLE001  # logged in as_expected
            # Without a welcome there is no use in staying; the client comes back by itself.
            as_expected(error, "welcome")
            connection.close()

    async def _disconnect(self, sid: str) -> None:
        connection = self._by_sid.pop(sid, None)
        if connection is None:
            return
        self._connections.remove(connection)
        try:
            await self._depart(connection)
        except Exception as error:  # noqa: BLE001  # logged in as_expected
            as_expected(error, "disconnect")

    async def _answer(self, event: str, sid: str, payload: object = None, *_: Any) -> Any:
        connection = self._by_sid.get(sid)
        if connection is None:
            return Unauthenticated("The connection has ended.").as_result()
        answer = await self._dispatcher.call(connection, event, {} if payload is None else payload)
        if answer.then is not None:
            after_answer.get().append(answer.then)
        return answer.payload


def refusal(error: ParleyError) -> Refused:
    """The connect error `{message, data: {code, retry_after?}}`."""
    return Refused(error.message, {k: v for k, v in error.as_error().items() if k != "message"})
