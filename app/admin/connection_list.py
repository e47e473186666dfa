"""The lines that are open on this server: who is on each, and the way to end one.

A line is one transport of one person; their page's namespaces share it. Other servers on the same
database know of their own.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime

import structlog
from msgspec import Struct, field

from app.accounts.models import Caller, User
from app.accounts.rights import must_be_admin
from app.audit.trail import AuditTrail
from app.chat.models import Room
from app.realtime.connections import Connection, Connections

AUDITED = ("connection_ended",)

log = structlog.get_logger("security")

RoomsOf = Callable[[Connection], Awaitable[list[Room]]]


class ListedConnection(Struct, kw_only=True):
    """One transport as an admin sees it. `places` are the names of its namespaces; of the rooms
    that it has open only those of open ones are told, of the others how many they are."""

    id: str
    user: User
    session: str | None
    address: str
    transport: str
    since: datetime
    connections: list[Connection]
    places: list[str]
    rooms: list[str] = field(default_factory=list)
    private_rooms: int = 0

    @property
    def buffered_bytes(self) -> int:
        return self.connections[0].buffered_bytes


class ConnectionList:
    """Finds lines in `places`, the connections of each namespace by its name. Shared with whoever
    adds to it."""

    def __init__(
        self, places: Mapping[str, Connections], rooms_of: RoomsOf, audit: AuditTrail
    ) -> None:
        self._places = places
        self._rooms_of = rooms_of
        self._audit = audit

    def open(self, who: str = "") -> list[ListedConnection]:
        """Those of people whose name, username or address holds `who`; the newest first."""
        lines: dict[tuple[str, str], ListedConnection] = {}
        for place, connections in self._places.items():
            for connection in connections:
                _note(lines, place, connection)
        wanted = who.strip().lower().removeprefix("@")
        found = [line for line in lines.values() if wanted in _words(line)]
        return sorted(found, key=lambda line: (line.since, line.id), reverse=True)

    async def with_rooms(self, lines: Iterable[ListedConnection]) -> list[ListedConnection]:
        """The same lines, each with what its person has open."""
        found = list(lines)
        for line in found:
            for connection in line.connections:
                rooms = await self._rooms_of(connection)
                line.rooms += sorted(room.name for room in rooms if room.kind == "open")
                line.private_rooms += sum(room.kind != "open" for room in rooms)
        return found

    async def end(self, by: Caller, line_id: str) -> bool:
        """Close a line with all that runs over it; False where it is gone already.

        Raises Unauthenticated and Forbidden unless an admin who signed in asks.
        """
        async with self._audit.refusals("connection_ended", by):
            must_be_admin(by)
        ended = [line for line in self.open() if line.id == line_id]
        for line in ended:
            log.info("connection_ended", user=line.user.id, address=line.address, by=by.user.id)
            for connection in line.connections:
                connection.close()
            await self._audit.done("connection_ended", by, line.user.id)
        return bool(ended)


def _note(
    lines: dict[tuple[str, str], ListedConnection], place: str, connection: Connection
) -> None:
    """Add `connection` to its line. Two people over one transport are two lines."""
    line = lines.get((connection.line, connection.user_id))
    if line is None:
        lines[connection.line, connection.user_id] = ListedConnection(
            id=connection.line,
            user=connection.caller.user,
            session=connection.caller.session,
            address=connection.address,
            transport=connection.transport,
            since=connection.since,
            connections=[connection],
            places=[place],
        )
        return
    line.since = min(line.since, connection.since)
    line.connections.append(connection)
    line.places.append(place)


def _words(line: ListedConnection) -> str:
    return f"{line.user.name} {line.user.username} {line.address}".lower()
