"""A connection for tests of rules that need one."""

from datetime import UTC, datetime

from app.accounts.models import Caller, User
from app.realtime.connections import Connection
from app.realtime.events import Event

ANA = User(id="ana", username="ana", name="Ana")


class Quiet(Connection):
    """A connection that ignores all that is sent to it."""

    transport, buffered_bytes = "none", 0

    def __init__(self, user: User = ANA) -> None:
        super().__init__(Caller(user=user), address="", since=datetime.now(UTC))

    def send(self, event: Event) -> None: ...

    def drop(self, topic: str) -> None: ...

    def revoke(self, topic: str) -> None: ...

    def close(self) -> None: ...
