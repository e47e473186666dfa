"""The connections that are open on this node: whose they are, and how to end one.

A person's namespaces share one transport, so that is what is listed.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime

from msgspec import Struct, field

from app.accounts.models import User
from app.chat.models import Room
from app.realtime.connections import Connection, Connections

RoomsOf = Callable[[Connection], Awaitable[list[Room]]]


class ListedConnection(Struct, kw_only=True):
    """One transport as an admin sees it. `namespaces` are their names, `rooms` the
    names of the open rooms it shows; private rooms are only counted."""

    id: str
    user: User
    session: str | None
    address: str
    transport: str
    since: datetime
    connections: list[Connection]
    namespaces: list[str]
    rooms: list[str] = field(default_factory=list)
    private_rooms: int = 0

    @property
    def buffered_bytes(self) -> int:
        return self.connections[0].buffered_bytes


class ConnectionList:
    """Reads `namespaces`, the connections of each namespace by its name, at each call."""

    def __init__(self, namespaces: Mapping[str, Connections], rooms_of: RoomsOf) -> None:
        self._namespaces = namespaces
        self._rooms_of = rooms_of

    def open(self, who: str = "") -> list[ListedConnection]:
        """The connections whose person's name, username or address contains `who`, newest first."""
        listed: dict[tuple[str, str], ListedConnection] = {}
        for namespace, connections in sorted(self._namespaces.items()):
            for connection in connections:
                _note(listed, namespace, connection)
        wanted = who.strip().lower().removeprefix("@")
        found = [entry for entry in listed.values() if wanted in _words(entry)]
        return sorted(found, key=lambda entry: (entry.since, entry.id), reverse=True)

    async def with_rooms(self, listed: Iterable[ListedConnection]) -> list[ListedConnection]:
        """The same connections, each with the rooms that its person shows."""
        found = list(listed)
        for entry in found:
            for connection in entry.connections:
                rooms = await self._rooms_of(connection)
                entry.rooms += sorted(room.name for room in rooms if room.kind == "open")
                entry.private_rooms += sum(room.kind != "open" for room in rooms)
        return found

    def end(self, listed_id: str) -> ListedConnection | None:
        """Close a connection with all its namespaces; None where it is gone already.

        The caller asks whether somebody may.
        """
        ended = next((entry for entry in self.open() if entry.id == listed_id), None)
        for connection in ended.connections if ended is not None else ():
            connection.close()
        return ended


def _note(
    listed: dict[tuple[str, str], ListedConnection], namespace: str, connection: Connection
) -> None:
    """Add `connection` to its entry. Two people over one transport are two entries."""
    entry = listed.get((connection.line, connection.user_id))
    if entry is None:
        listed[connection.line, connection.user_id] = ListedConnection(
            id=connection.line,
            user=connection.caller.user,
            session=connection.caller.session,
            address=connection.address,
            transport=connection.transport,
            since=connection.since,
            connections=[connection],
            namespaces=[namespace],
        )
        return
    entry.since = min(entry.since, connection.since)
    entry.connections.append(connection)
    entry.namespaces.append(namespace)


def _words(entry: ListedConnection) -> str:
    return f"{entry.user.name} {entry.user.username} {entry.address}".lower()
