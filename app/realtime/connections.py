"""The connections to this node, on all transports, by user."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from msgspec.structs import replace

from app.accounts.models import Caller, Revoked
from app.errors import Unauthenticated
from app.loop_pacing import Pace
from app.realtime.expiry import Expiry
from app.realtime.line.client_line import Line
from app.realtime.server_event import Event
from app.realtime.user_index import UserIndex

# Authenticating takes a moment; what is revoked meanwhile must not slip through.
REMEMBERED = 1_000
CLOSED_A_TURN = 20


class Connection(ABC):
    """One client on one namespace. Equal only to itself.

    Its line is shared with the client's other namespaces. While it `is_ending` it is about to be
    closed, and may ask for nothing more.
    """

    is_ending = False

    def __init__(self, caller: Caller, line: Line, *, address: str, since: datetime) -> None:
        self.caller = replace(caller, address=address)
        self.address = address
        self.since = since
        self._line = line

    @property
    def line(self) -> str:
        """The name of its line, which admins see. One can't use the line with it."""
        return self._line.id

    @property
    def user_id(self) -> str:
        return self.caller.user.id

    @property
    @abstractmethod
    def transport(self) -> str:
        """How it is connected now: `websocket`, `polling`."""

    @property
    def buffered_bytes(self) -> int:
        """How much waits on its line because the client has not read it yet."""
        return self._line.buffered_bytes

    @abstractmethod
    def send(self, event: Event) -> None:
        """Queue an event, in order; one that can't keep up is disconnected instead."""

    def drop(self, stream: str) -> None:
        """Take back the events of `stream` that still wait."""
        self._line.outbox.drop(stream)

    def revoke(self, stream: str) -> None:
        """Take back all that still waits of `stream`, answers too."""
        self._line.outbox.revoke(stream)

    @abstractmethod
    def close(self) -> None:
        """End it now; the client is told where the transport can."""

    def is_ended_by(self, revoked: Revoked) -> bool:
        """Whether this connection was proved by what is revoked."""
        return (
            revoked.everyone
            or revoked.user == self.user_id
            or (revoked.session is not None and revoked.session == self.caller.session)
            or (revoked.token is not None and revoked.token == self.caller.token)
        )


class Connections:
    """All connections of one feature on this node, found by user.

    Each is closed when what proved it is revoked, and when it ends by time.
    """

    def __init__(self, expiry: Expiry | None = None) -> None:
        self._expiry = expiry or Expiry()
        self._by_user: UserIndex[Connection] = UserIndex()
        self._count = 0
        self._closing = Pace(at_once=CLOSED_A_TURN)
        self._revoked: deque[Revoked] = deque(maxlen=REMEMBERED)
        self._revocations = 0

    def __iter__(self) -> Iterator[Connection]:
        for user_id in list(self._by_user):
            yield from self._by_user.of(user_id)

    def __len__(self) -> int:
        return self._count

    @property
    def moment(self) -> int:
        """Now, as `add` takes it; noted before a caller is authenticated."""
        return self._revocations

    def add(self, connection: Connection, since: int) -> None:
        """Keep `connection`. Raises Unauthenticated where its proof was revoked since then."""
        missed = self._revocations - since
        recent = list(self._revoked)[-missed:] if missed else []
        if missed > len(recent) or any(connection.is_ended_by(r) for r in recent):
            raise Unauthenticated("Please sign in again.")
        self._by_user.add(connection.user_id, connection)
        self._count += 1
        self._expiry.watch(connection)

    def remove(self, connection: Connection) -> None:
        """Forget `connection`; harmless where it is gone already."""
        self._expiry.forget(connection)
        if self._by_user.remove(connection.user_id, connection):
            self._count -= 1

    def of(self, user_id: str) -> tuple[Connection, ...]:
        """This person's connections."""
        return self._by_user.of(user_id)

    def watch_ends(self) -> None:
        """Look anew at which of them end by time soon."""
        for connection in self:
            self._expiry.watch(connection)

    def users(self) -> list[str]:
        """Everyone with a connection here."""
        return list(self._by_user)

    def revoke(self, revoked: Revoked) -> None:
        """Close every connection that what is revoked had proved: a few at once, of a crowd so many
        a turn of the loop. None of them may ask for anything from now on."""
        self._note(revoked)
        found = self if revoked.user is None else self.of(revoked.user)
        self._end([c for c in found if c.is_ended_by(revoked)])

    def revoke_all(self, sessions: Collection[str], tokens: Collection[str]) -> None:
        """The same for what many sessions and tokens had proved, in one look."""
        for session in sessions:
            self._note(Revoked(session=session))
        for token in tokens:
            self._note(Revoked(token=token))
        self._end([c for c in self if c.caller.session in sessions or c.caller.token in tokens])

    def _note(self, revoked: Revoked) -> None:
        self._revoked.append(revoked)
        self._revocations += 1

    def _end(self, connections: Iterable[Connection]) -> None:
        for connection in connections:
            connection.is_ending = True
            self._closing.run(connection.close)
