"""The reading side of analytics, put together: answers, the live figures, the feed, the page."""

from collections.abc import Callable
from datetime import datetime

from app.accounts.users import Users
from app.analytics.answers import Answers
from app.analytics.events import AnalyticsEvents
from app.analytics.feed import Feed
from app.analytics.figures import Active, Figures
from app.analytics.live import Live
from app.analytics.naming import NamingBudget
from app.analytics.pages import AnalyticsPages
from app.analytics.pulse import Pulse
from app.analytics.reads import Reads
from app.analytics.routes import Allow, AnalyticsRoutes
from app.analytics.strangers import Strangers
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
        active: Active,
        allow: Allow,
        strangers: Strangers,
        naming: NamingBudget,
        clock: Callable[[], datetime],
    ) -> None:
        self.strangers = strangers
        reads = Reads(database)
        self.figures = Figures(reads, active, clock)
        self.answers = Answers(reads, self.figures, clock)
        self.pulse = Pulse(reads, active, clock)
        self.live = Live(self.figures.metrics, users.get)
        self.feed = Feed(reads, users, clock)
        self.events = AnalyticsEvents(intake, naming, self.answers, self.live, self.feed)
        self.http = AnalyticsRoutes(intake, self.answers, allow, strangers, naming)
        self.pages = AnalyticsPages(self.figures, reads, clock)
        intake.accepted.append(self.feed.accepted)
        self._tasks = tasks

    def start(self) -> None:
        """Tell who looks and who follows, in tasks of their own."""
        self._tasks.spawn(self.live.run(), "live figures")
        self._tasks.spawn(self.feed.run(), "analytics feed")
