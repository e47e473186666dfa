"""How this node is, as others are told with each renewal of its lease."""

import os
import socket
from collections import Counter
from collections.abc import Callable

from app import __version__
from app.nodes.models import BusReport, DatabaseReport, NodeReport, PresenceVersion
from app.realtime.connection_signals import ConnectionSignals
from app.realtime.draining import Draining
from app.settings import Settings
from app.storage.topology import Topology
from app.times import Clock

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class OwnReport:
    """Makes the report of this node.

    `server` is the same for workers that share a port. `people` returns how many are here, and how
    far they are written; `bus` and `topology` how those are now.
    """

    def __init__(
        self,
        node_id: str,
        settings: Settings,
        signals: ConnectionSignals,
        draining: Draining,
        *,
        server: str,
        people: Callable[[], tuple[int, PresenceVersion]],
        bus: Callable[[], BusReport],
        topology: Callable[[], Topology],
        clock: Clock,
    ) -> None:
        self._id = node_id
        self._settings = settings
        self._signals = signals
        self._draining = draining
        self._server = server
        self._people = people
        self._bus = bus
        self._topology = topology
        self._machine = socket.gethostname()
        self._started = clock()
        self.is_stopping = False

    def __call__(self) -> NodeReport:
        """The report of this moment."""
        settings = self._settings
        count, people = self._people()
        return NodeReport(
            id=self._id,
            name=node_name(settings, self._machine, os.getpid()),
            version=__version__,
            address=f"{settings.host}:{settings.port}",
            machine=self._machine,
            process=os.getpid(),
            data_dir=str(settings.data_dir.resolve()),
            started=self._started,
            server=self._server,
            state=self._state,
            connections=self._connections(),
            people_online=count,
            people=people,
            bus=self._bus(),
            database=database_report(self._topology(), LOCAL | {self._machine}),
        )

    @property
    def _state(self) -> str:
        if self.is_stopping:
            return "stopping"
        return "draining" if self._draining.is_draining else "up"

    def _connections(self) -> dict[str, int]:
        found: Counter[str] = Counter()
        for transports in self._signals.transports:
            found.update(transports())
        if (streams := self._signals.connections.get("events")) is not None:
            found["sse"] = len(streams)
        return dict(found)


def node_name(settings: Settings, machine: str, process: int) -> str:
    """The name for admins. Workers, which share a port, have theirs from their supervisor."""
    place = f"{machine}:{settings.port}" if settings.port else machine
    name = settings.node_name or place
    return name if settings.port else f"{name}, process {process}"


def database_report(topology: Topology, here: frozenset[str]) -> DatabaseReport:
    """The replica set as seen from the machine that is called by any of the names `here`."""
    own = [role for host, role in topology.members.items() if host.rpartition(":")[0] in here]
    return DatabaseReport(
        replica_set=topology.replica_set,
        role="primary" if "primary" in own else next(iter(own), "none"),
        primary=topology.primary,
        members=len(topology.members),
    )
