"""Counts what Parley does itself: sign-ins, messages, connections, errors and latencies.

Listens to signals; what sends them knows nothing of analytics. These events carry no session, so
that a user counts as one visitor, and no content. Only people who do something count as visitors:
neither an account that is made for somebody nor a bot or a webhook.
"""

from collections.abc import Callable, Sequence

from app.accounts.models import User
from app.accounts.sign_in import SignIn
from app.accounts.users import Users
from app.analytics.intake import Intake, Noted
from app.realtime.connection_signals import ConnectionSignals
from app.realtime.connections import Connection
from app.realtime.dispatch import Answered
from app.streams.committer import Committer
from app.streams.hub import Hub
from app.streams.models import Change

TRANSPORTS = ("websocket", "polling")
SEND = "message:send"


class Instrumentation:
    """Each method listens to some parts of Parley, once they are built."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._known: Callable[[str], User | None] = lambda _: None

    def of_accounts(self, sign_in: SignIn, users: Users) -> None:
        """Count sign-ins and new accounts."""
        self._known = users.known
        sign_in.signed_in.listen(self._signed_in)
        users.created.append(self._joined)

    def of_streams(self, committer: Committer, hub: Hub) -> None:
        """Count commits, and time commits and deliveries."""
        committer.committed.listen(self._committed)
        committer.took.listen(lambda ms: self._intake.timed("latency:commit", ms))
        hub.took.listen(lambda ms: self._intake.timed("latency:delivery", ms))

    def of_connections(self, signals: ConnectionSignals) -> None:
        """Count opened connections and errors by code, gauge the open connections, and time the
        acknowledgement of messages."""
        signals.opened.listen(self._opened)
        signals.answered.listen(self._answered)
        signals.failed.listen(self._intake.failed)
        for transport in TRANSPORTS:
            self._intake.gauge(f"connections:{transport}", _count(signals, transport))

    def _signed_in(self, user: User) -> None:
        self._intake.note("user_login", user_id=user.id)

    async def _joined(self, user: User) -> None:
        self._intake.note("user_joined", user_id=user.id, is_visit=False)

    def _committed(self, changes: Sequence[Change]) -> None:
        noted = [Noted(c.what, c.sender, self._is_visit(c.sender)) for c in changes if c.what]
        if noted:
            self._intake.note_all(noted)

    def _is_visit(self, sender: str) -> bool:
        # Senders of whom nothing is known are webhooks.
        user = self._known(sender)
        return user is not None and not user.is_bot

    def _opened(self, connection: Connection) -> None:
        properties = {"transport": connection.transport}
        self._intake.note(
            "connection_opened",
            user_id=connection.user_id,
            properties=properties,
            is_visit=not connection.caller.user.is_bot,
        )

    def _answered(self, answered: Answered) -> None:
        if answered.error is not None:
            self._intake.failed(answered.error)
        elif answered.name == SEND:
            self._intake.timed("latency:ack", answered.ms)


def _count(signals: ConnectionSignals, transport: str) -> Callable[[], int]:
    return lambda: sum(count()[transport] for count in signals.transports)
