"""The reading side of analytics, put together: answers, the live figures, the feed, the page."""

from collections.abc import Callable
from datetime import datetime

from app.accounts.users import Users
from app.analytics.anonymous_limits import AnonymousLimits
from app.analytics.events import AnalyticsEvents
from app.analytics.figures import CountActive, Figures
from app.analytics.live_feed import LiveFeed
from app.analytics.live_figures import LiveFigures
from app.analytics.name_budget import NameBudget
from app.analytics.pages import AnalyticsPages
from app.analytics.public_figures import PublicFigures
from app.analytics.queries import Queries
from app.analytics.routes import Allow, AnalyticsRoutes
from app.analytics.store.figures import FigureStore
from app.analytics.taking import Taking
from app.storage.mongo import Database
from app.telemetry.tasks import Tasks


class Reading:
    """`active` tells the visitors of the last five minutes, `allow` limits calls that track,
    `strangers` and `naming` what they bring."""

    def __init__(
        self,
        database: Database,
        users: Users,
        tasks: Tasks,
        intake: Taking,
        active: CountActive,
        allow: Allow,
        anonymous: AnonymousLimits,
        naming: NameBudget,
        clock: Callable[[], datetime],
    ) -> None:
        self.anonymous = anonymous
        store = FigureStore(database)
        self.figures = Figures(store, active, clock)
        self.queries = Queries(store, self.figures, clock)
        self.public_figures = PublicFigures(store, active, clock)
        self.live = LiveFigures(self.figures.metrics, users.get)
        self.feed = LiveFeed(store, users, clock)
        self.events = AnalyticsEvents(intake, naming, self.queries, self.live, self.feed)
        self.http = AnalyticsRoutes(intake, self.queries, allow, anonymous, naming)
        self.pages = AnalyticsPages(self.figures, store, clock)
        intake.accepted.append(self.feed.accepted)
        self._tasks = tasks

    def start(self) -> None:
        """Tell who looks and who follows, in tasks of their own."""
        self._tasks.spawn(self.live.run(), "live figures")
        self._tasks.spawn(self.feed.run(), "analytics feed")
