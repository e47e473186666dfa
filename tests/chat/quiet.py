"""A connection for tests of rules that need one."""

from datetime import UTC, datetime

from app.accounts.models import Caller, User
from app.realtime.connections import Connection
from app.realtime.server_event import Event
from tests.realtime.idle_line import idle_line

ANA = User(id="ana", username="ana", name="Ana")


class Quiet(Connection):
    """A connection that ignores all that is sent to it."""

    transport = "none"

    def __init__(self, user: User = ANA) -> None:
        super().__init__(Caller(user=user), idle_line(), address="", since=datetime.now(UTC))

    def send(self, event: Event) -> None: ...

    def close(self) -> None: ...
