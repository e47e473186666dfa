"""Answers every request for figures, the same for all transports."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.accounts.models import User
from app.analytics.breakdown import Breakdown
from app.analytics.figures import Figures
from app.analytics.funnel import Funnel
from app.analytics.page_paths import PagePaths
from app.analytics.requests import Metrics, MetricsRequest, Point, SeriesRequest
from app.analytics.returning_visitors import ReturningVisitors
from app.analytics.series import Series
from app.analytics.store.figures import FigureStore
from app.analytics.time_buckets import DAY, MINUTE, NAMED, Step, floor
from app.errors import Invalid
from app.times import Clock


class Queries:
    """All questions by their name. A range without an end goes up to what `clock` tells."""

    def __init__(
        self, store: FigureStore, figures: Figures, paths: PagePaths, clock: Clock
    ) -> None:
        self._figures = figures
        self._series = Series(store, clock)
        self.breakdown = Breakdown(store, paths, clock)
        self.funnel = Funnel(store, clock)
        self.retention = ReturningVisitors(store, clock)
        self._clock = clock

    async def metrics(self, asked: MetricsRequest) -> Metrics:
        return await self._figures.metrics(asked.start, asked.end)

    async def series(self, user: User, asked: SeriesRequest) -> tuple[Step, list[Point]]:
        """The step and the points of a metric; without a range those of the last day.

        Raises Invalid naming the field.
        """
        # A range up to now includes the running minute.
        end = asked.end or floor(self._clock(), "minute") + MINUTE
        start = asked.start or end - DAY
        return await self._series.points(
            asked.metric, start, end, _step(asked.step), zone_of(asked.zone or user.zone)
        )


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this name. Raises Invalid."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"There is no time zone called «{name[:64]}».", field="zone") from error


def _step(asked: str | int | None) -> Step | None:
    if asked is None:
        return None
    return NAMED[str(asked)]
