"""What happens in Parley itself, counted: sign-ins, messages, connections, how long things take.

Nobody that is listened to knows analytics. What is not a page view carries no session, so that a
person is one visitor, and no content: of a message it is counted that it was sent.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from app.accounts.models import User
from app.accounts.service import Accounts
from app.realtime.connections import Connection
from app.realtime.dispatch import Answered
from app.streams.committer import Committer
from app.streams.hub import Hub
from app.streams.models import Change
from app.telemetry.signals import Signal

TRANSPORTS = ("websocket", "polling")
SEND = "message:send"


class Counting(Protocol):
    """`app.analytics.intake.Intake`, as it is needed here. None of it ever raises."""

    def note(
        self,
        event_type: str,
        *,
        user_id: str | None = None,
        session_id: str | None = None,
        properties: Mapping[str, Any] = {},
    ) -> None: ...

    def timed(self, series: str, ms: float) -> None: ...

    def failed(self, code: str) -> None: ...

    def gauge(self, series: str, read: Callable[[], int]) -> None: ...


class Sockets(Protocol):
    """A server of sockets: of Socket.IO (`SocketServer`) or plain WebSockets (`Gateway`)."""

    opened: Signal[Connection]

    def transports(self) -> Counter[str]: ...


class Instrumentation:
    """Listens from the moment each thing to listen to is there."""

    def __init__(self, intake: Counting) -> None:
        self._intake = intake

    def of_services(self, accounts: Accounts, committer: Committer, hub: Hub) -> None:
        """Sign-ins and new accounts, what is committed, and how long that and its delivery take."""
        accounts.sign_in.signed_in.listen(self._signed_in)
        accounts.users.created.append(self._joined)
        committer.committed.listen(self._committed)
        committer.took.listen(lambda ms: self._intake.timed("latency:commit", ms))
        hub.took.listen(lambda ms: self._intake.timed("latency:delivery", ms))

    def of_sockets(self, *servers: Sockets) -> None:
        """Connections: each that is opened, and how many are open, by their transport."""
        for sockets in servers:
            sockets.opened.listen(self._opened)
        for transport in TRANSPORTS:
            self._intake.gauge(f"connections:{transport}", _count(servers, transport))

    def of_events(self, answered: Signal[Answered]) -> None:
        """Errors by code, and how long a message takes to be acknowledged."""
        answered.listen(self._answered)

    def failed(self, code: str) -> None:
        """Somebody was told of an error over HTTP."""
        self._intake.failed(code)

    def _signed_in(self, user: User) -> None:
        self._intake.note("user_login", user_id=user.id)

    async def _joined(self, user: User) -> None:
        self._intake.note("user_joined", user_id=user.id)

    def _committed(self, change: Change) -> None:
        if change.what:
            self._intake.note(change.what, user_id=change.sender)

    def _opened(self, connection: Connection) -> None:
        properties = {"transport": connection.transport}
        self._intake.note("connection_opened", user_id=connection.user_id, properties=properties)

    def _answered(self, answered: Answered) -> None:
        if answered.error is not None:
            self._intake.failed(answered.error)
        elif answered.name == SEND:
            self._intake.timed("latency:ack", answered.ms)


def _count(servers: tuple[Sockets, ...], transport: str) -> Callable[[], int]:
    return lambda: sum(sockets.transports()[transport] for sockets in servers)
