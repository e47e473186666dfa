"""The face of a feature: everything that the server needs to know of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, TypeVar, cast

from aiohttp.typedefs import Middleware

from app.realtime.namespace import Namespace
from app.realtime.sse.event_sources import LiveView, OpenSource
from app.realtime.sse.writer import Figures
from app.server.core import Core, OnBatch
from app.storage.migrations import Indexes, Migration
from app.storage.mongo import Database
from app.telemetry.metrics import Gauge
from app.web.routing import Route

F = TypeVar("F", bound="Feature")


class Feature:
    """What a feature has is overridden; the rest it does without.

    A feature is built once in a process, from the core and from the features before it in the list
    of `app/server/features.py`: `features[Accounts]`. Building it does no I/O and starts nothing.
    """

    name: ClassVar[str]
    # The collections with their indexes, and the numbered changes of stored documents.
    indexes: ClassVar[Indexes] = {}
    migrations: ClassVar[Sequence[Migration]] = ()
    # The kinds of its actions in the audit trail.
    audited: ClassVar[Sequence[str]] = ()
    # The names of the settings that it reads (`app/settings.py`).
    setting_names: ClassVar[Sequence[str]] = ()

    def __init__(self, core: Core, features: "Features") -> None:
        """Build every service of the feature."""

    def namespaces(self) -> Sequence[Namespace]:
        """The events that clients may send over Socket.IO and `/ws`."""
        return ()

    def routes(self) -> Sequence[Route]:
        """Pages and calls over HTTP; those with a summary are in the OpenAPI document."""
        return ()

    def template_values(self) -> Mapping[str, object]:
        """Values that every template may use."""
        return {}

    def middlewares(self) -> Sequence[Middleware]:
        """Run around every request, inside the server's own."""
        return ()

    def event_sources(self) -> Mapping[str, OpenSource]:
        """Streams for readers of Server-Sent Events, by kind: `chat` of `chat:hallway`."""
        return {}

    def live_views(self) -> Mapping[str, LiveView]:
        """What such readers are shown as it is now, without a cursor, by kind."""
        return {}

    def heartbeat_figures(self) -> Figures | None:
        """What is told along with the heartbeats of event streams; one feature at most has it."""
        return None

    def batch_listeners(self) -> Sequence[OnBatch]:
        """Told of each batch that this process has committed; must not block or raise."""
        return ()

    def gauges(self) -> Sequence[Gauge]:
        """The figures on `/metrics`."""
        return ()

    async def prepare(self) -> None:
        """Bring the database into shape where indexes and migrations can't."""

    async def start(self) -> None:
        """Begin what runs beside requests, also in a process that runs one command."""

    async def serve(self) -> None:
        """Begin what only a process does that serves, before it accepts connections."""

    def drain(self) -> None:
        """The server stops soon: new clients are refused from now on."""

    async def stop(self) -> None:
        """End what `start` and `serve` began, after the last commit; `core.tasks` end later."""

    @staticmethod
    async def after_restore(database: Database, prefix: str) -> None:
        """Change in restored collections, whose names begin with `prefix`, what must not stay."""


class Features:
    """The features of one process in order; each is found by its class."""

    def __init__(self, core: Core, kinds: Iterable[type[Feature]]) -> None:
        self.core = core
        self._built: dict[type[Feature], Feature] = {}
        for kind in kinds:
            self._built[kind] = kind(core, self)
        for feature in self:
            core.batch_listeners.extend(feature.batch_listeners())

    def __iter__(self) -> Iterator[Feature]:
        return iter(self._built.values())

    def __getitem__(self, kind: type[F]) -> F:
        """The feature of this class. Raises LookupError where it is not built yet."""
        if kind not in self._built:
            raise LookupError(f"{kind.__name__} has to come earlier in the list of features.")
        return cast("F", self._built[kind])
