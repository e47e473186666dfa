"""The face of analytics: takes events and answers with figures."""

from app.accounts.feature import Accounts
from app.analytics.anonymous_limits import AnonymousLimits
from app.analytics.client_events import EVENTS, MESSAGE_TYPES, AnalyticsEvents
from app.analytics.event_source import ShownFigures
from app.analytics.feed_hints import FeedHints
from app.analytics.figures import Figures
from app.analytics.ingestion import Ingestion
from app.analytics.instrumentation import Instrumentation
from app.analytics.live_feed import LiveFeed
from app.analytics.live_figures import LiveFigures
from app.analytics.name_budget import NameBudget
from app.analytics.page_paths import PagePaths
from app.analytics.pages import AnalyticsPages
from app.analytics.private_pages import PrivatePages
from app.analytics.public_figures import PublicFigures
from app.analytics.queries import Queries
from app.analytics.routes import AnalyticsRoutes
from app.analytics.store import INDEXES, ensure_events, keep_events
from app.analytics.store.figures import FigureStore
from app.analytics.store.page_names import PageNameStore
from app.analytics.tracking import Tracking
from app.bus.shared_rates import SharedRates
from app.realtime.dispatch import bound
from app.realtime.namespace import Namespace
from app.realtime.sse.event_sources import LiveView
from app.realtime.sse.periodic_events import Figures as HeartbeatFigures
from app.server.core import Core
from app.server.feature import Feature, Features
from app.telemetry.metrics import Gauge
from app.web.routing import Route

COUNT_WITHIN_S = 3.0


class Analytics(Feature):
    """`live` and `feed` tell admins what happens now; `paths` asks what pages are called."""

    name = "analytics"
    indexes = INDEXES
    supported_events = ("analytics",)
    setting_names = (
        "analytics_retention_s",
        "analytics_buffer",
        "analytics_calls_per_minute",
        "analytics_anonymous",
        "analytics_anonymous_bytes_per_minute",
        "analytics_anonymous_bytes_per_day",
    )

    def __init__(self, core: Core, features: Features) -> None:
        accounts, database, clock = features[Accounts], core.database, core.clock
        settings = core.settings
        self._core = core

        def limit(address: str) -> None:
            core.limits.hit("track", address, settings.analytics_calls_per_minute)

        ingestion = Ingestion(database, settings.analytics_buffer, clock)
        intake, active, self._writer = ingestion.intake, ingestion.active, ingestion.writer
        bus, time = core.bus, core.monotonic
        each, total = SharedRates(bus, "bytes", time), SharedRates(bus, "all_bytes", time, 1)
        anonymous = AnonymousLimits(settings, each, total)
        naming = NameBudget(ingestion.names.knows, SharedRates(bus, "names", time))
        store = FigureStore(database)
        self.paths = paths = PagePaths()
        self._private_pages = PrivatePages(PageNameStore(database), paths)
        figures = Figures(store, active.count, clock)
        queries = Queries(store, figures, paths, clock)
        self._public_figures = PublicFigures(store, active.count, clock)
        self.live = LiveFigures(figures.metrics, accounts.users.get)
        self.feed_hints = FeedHints(core.bus, core.monotonic)
        self.feed = LiveFeed(store, accounts.users, self.feed_hints, clock)
        self._writer.written.listen(lambda _: self.feed_hints.written())
        intake.accepted.append(self.feed.accepted)
        tracking = Tracking(intake, naming, paths)
        events = AnalyticsEvents(tracking, paths, queries, self.live, self.feed)
        self._namespace = Namespace(
            name="analytics",
            # Everyone may track; what is read asks for its right by itself.
            scope=None,
            events=bound(EVENTS, events),
            message_types=MESSAGE_TYPES,
            arrive=events.arrive,
            depart=events.depart,
        )
        self._routes = AnalyticsRoutes(tracking, queries, limit, anonymous, paths)
        self._pages = AnalyticsPages(figures, store, clock)
        self._anonymous = anonymous
        instrumentation = Instrumentation(intake)
        instrumentation.of_accounts(accounts.sign_in, accounts.users)
        instrumentation.of_streams(core.committer, core.hub)
        instrumentation.of_connections(core.signals)

    def namespaces(self) -> list[Namespace]:
        return [self._namespace]

    def routes(self) -> list[Route]:
        return [*self._routes.routes(), *self._pages.routes()]

    def template_values(self) -> dict[str, object]:
        """Pages without a session load the script that tracks only where it is counted."""
        return {"counts_anonymous": self._core.settings.analytics_anonymous}

    def live_views(self) -> dict[str, LiveView]:
        return {"analytics": ShownFigures(self.live)}

    def heartbeat_figures(self) -> HeartbeatFigures:
        return self._public_figures.figures

    def gauges(self) -> list[Gauge]:
        help_text = "Calls with events without a session that were beyond a budget."
        return [Gauge("analytics_calls_refused", help_text, lambda: self._anonymous.refused)]

    async def prepare(self) -> None:
        await ensure_events(self._core.database, self._core.settings.analytics_retention_s)

    async def start(self) -> None:
        await self._private_pages.forget()
        self._core.tasks.spawn(self._writer.run(), "analytics")

    async def serve(self) -> None:
        """Send live figures and events, and keep raw events as long as the settings say."""
        await keep_events(self._core.database, self._core.settings.analytics_retention_s)
        self._core.tasks.spawn(self.live.run(), "live figures")
        self._core.tasks.spawn(self.feed.run(), "analytics feed")

    async def stop(self) -> None:
        """Write the events and counts that are still in memory."""
        await self._writer.finish(COUNT_WITHIN_S)
