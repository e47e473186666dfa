"""The core that features are built from. There is one in each process."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.audit.trail import AuditTrail
from app.bus.bus import Bus
from app.bus.change_stream_bus import ChangeStreamBus
from app.bus.gauges import bus_gauges
from app.bus.redis_bus import RedisBus
from app.bus.redis_connection import site_on_redis
from app.bus.shared_rates import SharedRates
from app.ids import new_id
from app.realtime.connection_signals import ConnectionSignals
from app.realtime.draining import Draining
from app.security.rate_limiter import RateLimiter
from app.security.text_policy import text_check
from app.settings import Settings
from app.storage.mongo import Database
from app.streams.committer import Committer
from app.streams.hub import Hub
from app.streams.local_events import LocalEvents
from app.streams.log import Log
from app.streams.page_reads import PageReads
from app.streams.remote_commits import RemoteCommits
from app.streams.store import ENTRIES
from app.telemetry.metrics import Gauge, Metrics
from app.telemetry.tasks import Tasks
from app.times import Clock, now


@dataclass(frozen=True, kw_only=True)
class Core:
    """`clock` returns the time of day, `monotonic` seconds, `ids` a new id.

    `server` is the same for the workers of one server, and empty for a process that is alone.

    `check_content(text, field)` raises Invalid for text that the content policy refuses.
    """

    settings: Settings
    database: Database
    log: Log
    committer: Committer
    hub: Hub
    remote_commits: RemoteCommits
    tasks: Tasks
    limits: RateLimiter
    audit: AuditTrail
    draining: Draining
    check_content: Callable[[str, str], None]
    server: str = ""
    signals: ConnectionSignals = field(default_factory=ConnectionSignals)
    metrics: Metrics = field(default_factory=Metrics)
    bus: Bus = field(default_factory=Bus)
    clock: Clock = now
    monotonic: Callable[[], float] = time.monotonic
    local_events: LocalEvents = field(default_factory=LocalEvents)
    page_reads: PageReads = field(default_factory=PageReads)
    ids: Callable[[], str] = new_id

    def gauges(self) -> Sequence[Gauge]:
        """Return the gauges of the core for `/metrics`."""
        waiting = "Changes that wait for a commit."
        return [
            Gauge("commits_waiting", waiting, lambda: self.committer.waiting),
            *bus_gauges(self.bus),
        ]


def make_core(settings: Settings, database: Database, server: str = "") -> Core:
    """Make the core on `database`. It does no I/O and starts nothing."""
    tasks, log = Tasks(), Log(database)
    bus = make_bus(settings, database, tasks)
    hub = Hub(log, tasks, bus)
    return Core(
        settings=settings,
        database=database,
        log=log,
        committer=Committer(
            database,
            log,
            deliver=hub.publish,
            seen=hub.seen,
            capacity=settings.broadcast_channel_capacity,
            clock=time.monotonic,
            node=bus.node_id,
        ),
        hub=hub,
        remote_commits=RemoteCommits(hub, log, bus, tasks),
        tasks=tasks,
        bus=bus,
        limits=SharedRates(bus, "rates"),
        audit=AuditTrail(database),
        draining=Draining(settings, tasks),
        check_content=text_check(settings.content_policy),
        server=server,
    )


def make_bus(settings: Settings, database: Database, tasks: Tasks) -> Bus:
    """The way between nodes that the settings choose: Redis, or MongoDB's change stream."""
    if settings.redis_url is not None:
        site = site_on_redis(settings.secret)
        return RedisBus(settings.redis_url, site, time.monotonic, tasks=tasks)
    return ChangeStreamBus(database, ENTRIES, time.monotonic, tasks=tasks)
