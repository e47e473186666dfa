"""Who is connected to this node, on whatever transport."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime

from app.accounts.models import Caller, Revoked
from app.realtime.events import Event


class Connection(ABC):
    """One client on one namespace. Equal only to itself."""

    def __init__(self, caller: Caller, *, address: str, since: datetime) -> None:
        self.caller = caller
        self.address = address
        self.since = since

    @property
    def user_id(self) -> str:
        return self.caller.user.id

    @abstractmethod
    def send(self, event: Event) -> None:
        """Queue an event, in order; one that can't keep up is disconnected instead."""

    @abstractmethod
    def drop(self, topic: str) -> None:
        """Take back what is still queued of `topic`."""

    @abstractmethod
    def close(self) -> None:
        """End it now; the client is told where the transport can."""

    def is_ended_by(self, revoked: Revoked) -> bool:
        """Whether this connection was proved by what is revoked."""
        return (
            revoked.user == self.user_id
            or (revoked.session is not None and revoked.session == self.caller.session)
            or (revoked.token is not None and revoked.token == self.caller.token)
        )


class Connections:
    """All connections of one feature on this node, found by user."""

    def __init__(self) -> None:
        self._by_user: dict[str, dict[Connection, None]] = {}

    def __iter__(self) -> Iterator[Connection]:
        for connections in list(self._by_user.values()):
            yield from list(connections)

    def __len__(self) -> int:
        return sum(map(len, self._by_user.values()))

    def add(self, connection: Connection) -> None:
        self._by_user.setdefault(connection.user_id, {})[connection] = None

    def remove(self, connection: Connection) -> None:
        """Forget `connection`; harmless where it is gone already."""
        mine = self._by_user.get(connection.user_id, {})
        mine.pop(connection, None)
        if not mine:
            self._by_user.pop(connection.user_id, None)

    def of(self, user_id: str) -> list[Connection]:
        """This person's connections."""
        return list(self._by_user.get(user_id, ()))

    def users(self) -> list[str]:
        """Everyone with a connection here."""
        return list(self._by_user)

    def revoke(self, revoked: Revoked) -> None:
        """Close every connection that what is revoked had proved."""
        for connection in self:
            if connection.is_ended_by(revoked):
                connection.close()
