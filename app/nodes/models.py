"""A node as it reports itself to the others. No I/O."""

from datetime import datetime

from msgspec import Struct, field


class BusReport(Struct, kw_only=True):
    """How a node hears of the others: the `way`, and how late the last message was."""

    way: str = "poll"
    lag_ms: float | None = None


class DatabaseReport(Struct, kw_only=True):
    """The replica set as a node sees it. `role` is that of the member on the node's own machine:
    `primary`, `secondary`, `other`, or `none` where none is there. `primary` is `host:port`, None
    during an election."""

    replica_set: str | None = None
    role: str = "none"
    primary: str | None = None
    members: int = 0


class PresenceVersion(Struct, frozen=True, kw_only=True):
    """How far a node has written the presence of its people: `rev` grows with each change, and
    another `epoch` means that all were written anew."""

    epoch: int = 0
    rev: int = 0


class NodeReport(Struct, kw_only=True):
    """The state of a node, as it tells with each renewal of its lease.

    `state` is `up`, `draining` or `stopping`; a neighbouring version may know others. `connections`
    are open transports by kind, `people_online` those with a connection to chat. `machine`,
    `process` and `data_dir` tell a command which node is the one beside it. Workers of one server
    have the same `server`; it is empty for a node that has a port of its own.
    """

    id: str
    name: str
    version: str
    address: str
    machine: str
    process: int
    data_dir: str
    started: datetime
    server: str = ""
    state: str = "up"
    connections: dict[str, int] = field(default_factory=dict)
    people_online: int = 0
    people: PresenceVersion = PresenceVersion()
    bus: BusReport = field(default_factory=BusReport)
    database: DatabaseReport = field(default_factory=DatabaseReport)

    @property
    def connection_count(self) -> int:
        """The open transports of all kinds."""
        return sum(self.connections.values())


class DrainRequest(Struct, frozen=True):
    """Asks a node to drain, or to stop draining (`drains` False). Each has another `number`."""

    number: int
    drains: bool


class Renewal(Struct, frozen=True):
    """The answer to a renewal: whether the lease `was_there`, and the newest request."""

    was_there: bool
    request: DrainRequest | None
