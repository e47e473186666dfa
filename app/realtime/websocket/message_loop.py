"""One client of `/ws`: signs it in, dispatches its messages to the features, and closes it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from aiohttp import WSMessage, WSMsgType
from msgspec import Meta, Struct, field

from app.accounts.models import Caller
from app.errors import Forbidden, Invalid, ParleyError, Unauthenticated
from app.lengths import Medium
from app.loop_pacing import Pace, pieces_of, reading_pace
from app.realtime.connections import Connection
from app.realtime.dispatch import Answer, as_expected, log_refused_connection
from app.realtime.namespace import ServedNamespace
from app.realtime.websocket.client_socket import ClientSocket, Close
from app.realtime.websocket.connection import (
    Id,
    WebSocketConnection,
    acknowledgement,
    complaint,
    event_frame,
    reply_frame,
)
from app.times import now, rfc3339
from app.web import decoding

AUTH_WITHIN_S = 10.0
EVENTS_AT_ONCE = 500
# Letting one in takes about two milliseconds.
ARRIVALS_A_TURN = 4
# A client that keeps sending after so many `rate_limited` errors in a row is closed.
IGNORED_LIMITS_AT_MOST = 100

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


class Envelope(Struct):
    """A message of a client. Only `auth` has a `token`, here or in its payload."""

    type: Annotated[str, Meta(max_length=64)]
    id: int | Annotated[str, Meta(max_length=64)] | None = None
    payload: Any = None
    token: Medium | None = None

    @property
    def shown_token(self) -> str | None:
        within = self.payload.get("token") if isinstance(self.payload, dict) else None
        return self.token or (within if isinstance(within, str) else None)


class LoopContext(Struct, kw_only=True):
    """Shared by all sessions. `resolve` returns the caller of a token; raises Unauthenticated."""

    namespaces: list[ServedNamespace]
    resolve: Callable[[str], Awaitable[Caller]]
    opened: Callable[[Connection], None]
    spawn: Spawn
    heartbeat_interval_s: float
    reading: Pace = field(default_factory=reading_pace)
    arrivals: Pace = field(default_factory=lambda: Pace(at_once=ARRIVALS_A_TURN))


class MessageLoop:
    """One client from its sign-in to its end. `known` is the caller that the handshake's cookie or
    header proved, as of `moments`; None where the first message has to. `sign_in` gives the lease
    to a person; raises RateLimited, Unavailable."""

    def __init__(
        self,
        context: LoopContext,
        socket: ClientSocket,
        address: str,
        known: Caller | None,
        moments: list[int],
        sign_in: Callable[[str], None],
    ) -> None:
        self._context = context
        self._socket = socket
        self._line = socket.line
        self._address = address
        self._known = known
        self._moments = moments
        self._sign_in = sign_in
        self._since: datetime = now()
        self._connections: dict[str, WebSocketConnection] = {}
        self._admitted: list[tuple[ServedNamespace, WebSocketConnection]] = []
        self._slots = asyncio.Semaphore(EVENTS_AT_ONCE)
        self._limited = 0

    async def run(self) -> None:
        """Until the client leaves or is sent away."""
        try:
            if await self._let_in():
                while (message := await self._socket.next_message()) is not None:
                    await self._context.reading.turn(pieces_of(message.data))
                    await self._take(message)
        finally:
            await self._leave()

    # Sign-in.

    async def _let_in(self) -> bool:
        try:
            envelope = None if self._known else await self._first_message()
            caller = self._known or await self._recognise(envelope)
            self._sign_in(caller.user.id)
            await self._context.arrivals.turn()
            self._connect(caller)
            self._greet(caller, envelope)
            for namespace, connection in self._admitted:
                await namespace.arrive(connection)
        except TimeoutError:
            self._send_away(Unauthenticated("Nobody signed in; send `auth` first."))
        except Exception as error:  # noqa: BLE001  # logged in as_expected
            self._send_away(as_expected(error, "auth"))
        return not self._line.is_ending

    async def _first_message(self) -> Envelope | None:
        # Noted before a caller is authenticated: what is revoked meanwhile must not slip through.
        self._moments = [namespace.connections.moment for namespace in self._context.namespaces]
        # Over all that comes: each of aiohttp's own limits begins anew with a ping.
        async with asyncio.timeout(AUTH_WITHIN_S):
            message = await self._socket.next_message()
        if message is None or message.type is not WSMsgType.TEXT:
            return None
        await self._context.reading.turn(pieces_of(message.data))
        try:
            return decoding.from_json(message.data, Envelope)
        except Invalid:
            return None

    async def _recognise(self, envelope: Envelope | None) -> Caller:
        token = envelope.shown_token if envelope is not None and envelope.type == "auth" else None
        if token is None:
            raise Unauthenticated("The first message has to be `auth` with a token.")
        return await self._context.resolve(token)

    def _connect(self, caller: Caller) -> None:
        for namespace, moment in zip(self._context.namespaces, self._moments, strict=True):
            connection = WebSocketConnection(
                self._socket, namespace, caller, address=self._address, since=self._since
            )
            self._connections[namespace.name] = connection
            if _may_use(namespace, caller):
                namespace.connections.add(connection, moment)
                self._admitted.append((namespace, connection))

    def _greet(self, caller: Caller, envelope: Envelope | None) -> None:
        interval_ms = round(self._context.heartbeat_interval_s * 1000)
        ready = {"user": caller.user.profile, "heartbeat_interval": interval_ms}
        self._line.write(event_frame("ready", ready))
        if envelope is not None and envelope.id is not None:
            self._line.write(reply_frame("ack", {"ok": True}, envelope.id))
        if self._admitted:
            self._context.opened(self._admitted[0][1])

    def _send_away(self, error: ParleyError) -> None:
        log_refused_connection(self._address, "/ws", error)
        is_anonymous = isinstance(error, Unauthenticated | Forbidden)
        code = Close.UNAUTHENTICATED if is_anonymous else Close.TRY_LATER
        self._socket.end(code, error.message)

    async def _leave(self) -> None:
        for namespace, connection in self._admitted:
            namespace.connections.remove(connection)
            try:
                await namespace.depart(connection)
            except Exception as error:  # noqa: BLE001  # logged in as_expected
                as_expected(error, "disconnect")

    # Messages.

    async def _take(self, message: WSMessage) -> None:
        if message.type is not WSMsgType.TEXT:
            self._line.write(complaint(Invalid("Binary messages not supported")))
            return
        try:
            envelope = decoding.from_json(message.data, Envelope)
        except Invalid as error:
            self._line.write(complaint(error, _id_of(message.data)))
            return
        if envelope.type == "ping":
            self._pong(envelope)
        elif envelope.type == "auth":
            await self._prove_again(envelope)
        else:
            await self._begin(envelope)

    def _pong(self, envelope: Envelope) -> None:
        self._line.write(reply_frame("pong", {"server_time": rfc3339(now())}, envelope.id))
        if envelope.id is not None:
            self._line.write(reply_frame("ack", {"ok": True}, envelope.id))

    async def _prove_again(self, envelope: Envelope) -> None:
        """A browser whose cookie was enough may still say `auth`; but not as another person."""
        mine = next(iter(self._connections.values()))
        try:
            caller = await self._context.resolve(envelope.shown_token or "")
        except Exception as error:  # noqa: BLE001  # logged in as_expected
            self._send_away(as_expected(error, "auth"))
            return
        if caller.user.id != mine.user_id:
            self._send_away(Unauthenticated("To change the user, open a new connection."))
        elif envelope.id is not None:
            self._line.write(reply_frame("ack", {"ok": True}, envelope.id))

    async def _begin(self, envelope: Envelope) -> None:
        namespaces = self._context.namespaces
        namespace = next((n for n in namespaces if n.dispatcher.knows(envelope.type)), None)
        if namespace is None:
            unknown = Invalid(f"There is no message of type {envelope.type!r}.", field="type")
            self._line.write(complaint(unknown, envelope.id))
            return
        # Past the limit this client is not read any further until an answer is done.
        await self._slots.acquire()
        self._context.spawn(self._answer(namespace, envelope), "answer")

    async def _answer(self, namespace: ServedNamespace, envelope: Envelope) -> None:
        try:
            payload = {} if envelope.payload is None else envelope.payload
            connection = self._connections[namespace.name]
            answer = await namespace.dispatcher.call(connection, envelope.type, payload)
            self._write_answer(envelope, answer)
            if answer.then is not None:
                answer.then()
        finally:
            self._slots.release()

    def _write_answer(self, envelope: Envelope, answer: Answer) -> None:
        error: Mapping[str, Any] | None = answer.payload.get("error")
        if envelope.id is not None:
            self._line.write(acknowledgement(envelope.id, answer))
        elif error is not None:
            self._line.write(event_frame("error", error))
        is_limited = error is not None and error["code"] == "rate_limited"
        self._limited = self._limited + 1 if is_limited else 0
        if self._limited > IGNORED_LIMITS_AT_MOST:
            self._socket.end(
                Close.POLICY,
                "Closed: you kept sending after rate-limit errors.",
                keeps_waiting=True,
            )


def _may_use(namespace: ServedNamespace, caller: Caller) -> bool:
    try:
        namespace.dispatcher.must_admit(caller)
    except Forbidden:
        return False
    return True


def _id_of(text: str) -> Id:
    """The id of a message that is wrong otherwise, so that whoever waits for it hears of it."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    given = found.get("id") if isinstance(found, dict) else None
    return given if isinstance(given, int | str) and len(str(given)) <= 64 else None
