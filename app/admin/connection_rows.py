"""A connection as it is shown to admins, also on another node. No I/O."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b

from msgspec import Struct, field, json
from msgspec.structs import replace

from app.admin.connection_list import ListedConnection
from app.audit.actor import Actor
from app.nodes.questions import QuestionKind
from app.streams.portions import fitting, length

_encode = json.Encoder().encode

# More of other nodes are not asked for: admins find by name or address.
ROWS_AT_MOST = 500
# The bus drops what is longer than HINT_BYTES. So much of an answer are rows, and of a row rooms.
ROWS_BYTES = 200_000
ROOMS_BYTES = 20_000


class ConnectionRow(Struct, kw_only=True):
    """One transport on the node `node` (its name); `is_mine` is that of the one who looks."""

    id: str
    node: str
    user_id: str
    username: str
    name: str
    address: str
    transport: str
    since: datetime
    namespaces: list[str]
    rooms: list[str] = field(default_factory=list)
    private_rooms: int = 0
    buffered_bytes: int = 0
    is_mine: bool = False


class FindConnections(Struct, kw_only=True):
    """Asks a node for its newest connections of `who`; `session` is `hashed` of the asker's."""

    who: str
    at_most: int
    session: str | None


class FoundConnections(Struct, kw_only=True):
    """How many there are on a node, and the newest of them."""

    count: int
    rows: list[ConnectionRow]


class EndConnection(Struct, kw_only=True):
    """Asks the node that has this connection to close it, for the admin who is its `actor`."""

    id: str
    actor: Actor


class Ended(Struct, kw_only=True):
    """The owner of the connection that was closed; None on a node that does not have it."""

    user_id: str | None = None


FIND = QuestionKind("connections", FindConnections, FoundConnections)
END = QuestionKind("connection end", EndConnection, Ended)


def row_of(listed: ListedConnection, node: str, session: str | None) -> ConnectionRow:
    """The row of a connection on this node."""
    return ConnectionRow(
        id=listed.id,
        node=node,
        user_id=listed.user.id,
        username=listed.user.username,
        name=listed.user.name,
        address=listed.address,
        transport=listed.transport,
        since=listed.since,
        namespaces=listed.namespaces,
        rooms=listed.rooms,
        private_rooms=listed.private_rooms,
        buffered_bytes=listed.buffered_bytes,
        is_mine=session is not None and hashed(listed.session) == session,
    )


def sendable(rows: Sequence[ConnectionRow]) -> list[ConnectionRow]:
    """As many of the first rows as another node can be told, each with as many of its rooms."""
    short = [replace(row, rooms=fitting(row.rooms, length, ROOMS_BYTES)) for row in rows]
    return fitting(short, lambda row: len(_encode(row)) + 1, ROWS_BYTES)


def hashed(session: str | None) -> str | None:
    """A session as other nodes are told of it: nobody can use it."""
    return blake2b(session.encode(), digest_size=16).hexdigest() if session is not None else None
