"""The face of a feature: everything that the server needs to know about it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, TypeVar, cast

from app.realtime.namespace import Namespace
from app.realtime.sse.event_sources import LiveView, OpenSource
from app.realtime.sse.periodic_events import Figures
from app.server.core import Core
from app.storage.migrations import Indexes, Migration
from app.storage.mongo import Database
from app.streams.hub import OnBatch
from app.telemetry.metrics import Gauge
from app.web.routing import Route
from app.web.server_title import ServerTitle

F = TypeVar("F", bound="Feature")


class Feature:
    """The base class of every feature. Override what the feature has; the rest has defaults.

    The server builds each feature once per process, from the core and from the features before it
    in the list of `app/server/features.py`: `features[Accounts]`. The constructor does no I/O.
    """

    name: ClassVar[str]
    # Collections with their indexes, and numbered changes of stored documents.
    indexes: ClassVar[Indexes] = {}
    migrations: ClassVar[Sequence[Migration]] = ()
    # Audited actions by kind, each with its words on the page; `core.audit` writes the entries.
    audited: ClassVar[Mapping[str, str]] = {}
    # Kinds of its event streams that `/api/config/sse` lists as `supported_events`.
    supported_events: ClassVar[Sequence[str]] = ()
    # Settings that only this feature reads, by their name in `app/settings.py`.
    setting_names: ClassVar[Sequence[str]] = ()

    def __init__(self, core: Core, features: "Features") -> None:
        """Build all services of the feature. Raises LookupError for a feature later in the list."""

    def namespaces(self) -> Sequence[Namespace]:
        """Return the namespaces whose events clients may send over Socket.IO and `/ws`."""
        return ()

    def routes(self) -> Sequence[Route]:
        """Return the HTTP routes; those with a summary are in the OpenAPI document."""
        return ()

    def template_values(self) -> Mapping[str, object]:
        """Return values by name that every template may use."""
        return {}

    def server_title(self) -> ServerTitle | None:
        """Return what tells pages the present name of the server; at most one feature does."""
        return None

    def event_sources(self) -> Mapping[str, OpenSource]:
        """Return what opens a Server-Sent Events stream, by kind: `chat` of `chat:hallway`."""
        return {}

    def live_views(self) -> Mapping[str, LiveView]:
        """Return views, by kind, that show event streams a present state without a cursor."""
        return {}

    def heartbeat_figures(self) -> Figures | None:
        """Return the figures sent with heartbeats of event streams; at most one feature has any."""
        return None

    def batch_listeners(self) -> Mapping[str, OnBatch]:
        """Return functions to call with each batch that this process commits, by the kind of its
        stream, which is `room` of `room:<id>`. They must not block."""
        return {}

    def gauges(self) -> Sequence[Gauge]:
        """Return the gauges for `/metrics`."""
        return ()

    async def prepare(self) -> None:
        """Prepare the database beyond indexes and migrations, before anything starts."""

    async def start(self) -> None:
        """Start background tasks that commands of the command line need too."""

    async def serve(self) -> None:
        """Start background tasks of a server, before it accepts connections."""

    def drain(self) -> None:
        """Note that the server stops soon and refuses new clients."""

    async def stop(self) -> None:
        """Clean up after the last commit. Tasks of `core.tasks` are cancelled afterwards."""

    @staticmethod
    async def after_restore(database: Database, prefix: str) -> None:
        """Change restored data that must not stay; the collections' names start with `prefix`."""


class Features:
    """The features of one process in the order of the list; index them by class."""

    def __init__(self, core: Core, kinds: Iterable[type[Feature]]) -> None:
        self.core = core
        self._built: dict[type[Feature], Feature] = {}
        for kind in kinds:
            self._built[kind] = kind(core, self)
        for feature in self:
            for stream_kind, listen in feature.batch_listeners().items():
                core.hub.on_publish.setdefault(stream_kind, []).append(listen)

    def __iter__(self) -> Iterator[Feature]:
        return iter(self._built.values())

    def __getitem__(self, kind: type[F]) -> F:
        """Return the feature of this class. Raises LookupError when it is not built yet."""
        if kind not in self._built:
            raise LookupError(f"{kind.__name__} has to come earlier in the list of features.")
        return cast("F", self._built[kind])
