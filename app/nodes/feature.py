"""The nodes of this site: which are alive, who is on which, and how to take one out."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from msgspec import Struct

from app.bus.bus import EVERY_NODE, Bus
from app.nodes.administration import NodeAdministration
from app.nodes.models import BusReport, PresenceVersion
from app.nodes.own_report import OwnReport
from app.nodes.pages import NodePages
from app.nodes.presence_exchange import PresenceExchange, PresenceHint
from app.nodes.questions import Questions
from app.nodes.roster import Roster
from app.nodes.routes import NodeRoutes
from app.nodes.store import INDEXES, NodeStore
from app.server.core import Core
from app.server.feature import Feature, Features
from app.storage.mongo import Database
from app.storage.topology import topology
from app.telemetry.metrics import Gauge
from app.web.routing import Route


class NodeHint(Struct, frozen=True):
    """A node has come, or `asked` others to drain or to stop draining: look at the leases."""

    asked: tuple[str, ...] = ()


class Nodes(Feature):
    """`people` holds who is on which node, `roster` the nodes that are alive, `questions` asks
    the others, and `report` returns how this one is."""

    name = "nodes"
    indexes = INDEXES
    audited: ClassVar[Mapping[str, str]] = {
        "node_drained": "Took a node out",
        "node_drain_stopped": "Put a node back into service",
    }
    setting_names = ("node_name",)

    def __init__(self, core: Core, _: Features) -> None:
        self.id = core.bus.node_id
        self._core = core
        self._store = NodeStore(core.database)
        self.people = PresenceExchange(
            self.id, self._store, self._tell_people, lambda: self.roster.look(), core.monotonic
        )
        self.report = OwnReport(
            self.id,
            core.settings,
            core.signals,
            core.draining,
            server=core.server,
            people=self._own_people,
            bus=lambda: bus_report(core.bus),
            topology=lambda: topology(core.database),
            clock=core.clock,
        )
        self.roster = Roster(
            self.id,
            self._store,
            self.people,
            self.report,
            self._drain,
            core.monotonic,
            core.bus.hears_beats_of,
        )
        # The lease of a node that only lost the bus goes on, so that it is still missed.
        self.roster.seen.listen(core.bus.living)
        core.draining.changed.listen(lambda _: self.roster.renew())
        core.bus.listen("people", PresenceHint, lambda _, hint: self.people.receive(hint))
        core.bus.listen("node", NodeHint, self._hear)
        core.bus.subscribed.listen(self._hears_again)
        self.questions = Questions(core.bus, core.tasks, lambda: self.roster.ids - {self.id})
        self.administration = NodeAdministration(core.audit, self.roster, self._ask_to_drain)

    def routes(self) -> list[Route]:
        pages = NodePages(self.administration, self.id)
        return [*NodeRoutes(self.administration).routes(), *pages.routes()]

    def gauges(self) -> list[Gauge]:
        return [
            Gauge("nodes", "Nodes that are alive.", lambda: len(self.roster)),
            Gauge(
                "people_of_other_nodes",
                "People who are connected to other nodes, each once for each node.",
                lambda: len(self.people.others),
            ),
        ]

    async def serve(self) -> None:
        await self.roster.begin()
        if self.roster.server_drains:
            # A worker that was started again beside those that drain.
            self._core.draining.begin()
        self._core.bus.publish(EVERY_NODE, "node", NodeHint())
        self._core.tasks.spawn(self.roster.run(), "lease")
        self._core.tasks.spawn(self.people.run(), "presence of nodes")

    def drain(self) -> None:
        self.report.is_stopping = True
        self.people.freeze()
        self.roster.renew()

    async def stop(self) -> None:
        await self.roster.end()

    @staticmethod
    async def after_restore(database: Database, prefix: str) -> None:
        await NodeStore(database, prefix).forget_all()

    def _own_people(self) -> tuple[int, PresenceVersion]:
        return len(self.people), self.people.version

    def _tell_people(self, hint: PresenceHint) -> None:
        self._core.bus.publish(EVERY_NODE, "people", hint)

    def _hears_again(self, topics: Collection[str]) -> None:
        """The hints of a while may be missing."""
        if EVERY_NODE in topics:
            self.roster.look()

    def _hear(self, _: str, hint: NodeHint) -> None:
        if self.id in hint.asked:
            # The lease says whether it is so: nobody is taken out by what travels on the bus.
            self.roster.renew()
        self.roster.look()

    def _drain(self, drains: bool) -> None:
        if drains:
            self._core.draining.begin()
        else:
            self._core.draining.end()

    async def _ask_to_drain(self, node_ids: Collection[str], drains: bool) -> bool:
        """It is read with the next renewal of the lease; the hint is quicker."""
        is_alive = await self._store.ask_to_drain(node_ids, drains=drains)
        if is_alive and self.id in node_ids:
            self._drain(drains)
        self._core.bus.publish(EVERY_NODE, "node", NodeHint(asked=tuple(node_ids)))
        return is_alive


def bus_report(bus: Bus) -> BusReport:
    """How a node hears of the others now."""
    return BusReport(
        way=bus.way if bus.is_hearing or bus.way == "alone" else "poll",
        lag_ms=round(bus.lag_s * 1000, 1) if bus.is_hearing else None,
    )
