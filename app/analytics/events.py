"""The table of client events of analytics: everyone tracks, admins read."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct

from app.accounts.models import Caller
from app.analytics.answers import Answers
from app.analytics.feed import Feed
from app.analytics.live import Live
from app.analytics.naming import NamingBudget
from app.analytics.questions import (
    AskBreakdown,
    AskFunnel,
    AskMetrics,
    AskProperties,
    AskRetention,
    AskSeries,
    Follow,
    Nothing,
    Track,
)
from app.analytics.taking import MAX_CALL_BYTES, Taking, too_large
from app.errors import Forbidden
from app.realtime.connections import Connection
from app.realtime.dispatch import Dispatcher, Result

Payload = Mapping[str, Any]

# A token can be narrowed to reading figures; without scopes an admin's may.
SCOPE = "metrics:read"


class AnalyticsEvents:
    """What a connection can do: nothing of it changes what others see but `track`."""

    def __init__(
        self, intake: Taking, naming: NamingBudget, answers: Answers, live: Live, feed: Feed
    ) -> None:
        self._intake = intake
        self._naming = naming
        self._answers = answers
        self._live = live
        self._feed = feed
        self._here: set[Connection] = set()

    def register(self, dispatcher: Dispatcher) -> None:
        """Put every event into the table that all transports share."""
        for name, (request, handler) in EVENTS.items():
            dispatcher.add(name, request, partial(handler, self))

    async def arrive(self, connection: Connection) -> None:
        """An admin is told the present figures, then what changes."""
        self._here.add(connection)
        if may_read(connection.caller):
            await self._live.begin(connection)

    async def depart(self, connection: Connection) -> None:
        """Gone."""
        self._here.discard(connection)
        self._live.end(connection)
        self._feed.stop(connection)

    async def track(self, connection: Connection, request: Track) -> Payload:
        """Count what happened, all of it or nothing: `{ok, accepted}`. For everyone."""
        size_bytes = len(msgspec.json.encode(request.events))
        if size_bytes > MAX_CALL_BYTES:
            raise too_large()
        await self._intake.room(len(request.events))
        place = "events[{}]."
        user_id = connection.user_id
        naming = self._naming.naming(request.events, user_id, connection.address)
        taken = self._intake.take(request.events, user_id, place, size_bytes, naming)
        return {"accepted": taken}

    async def metrics(self, connection: Connection, request: AskMetrics) -> Payload:
        """The figures of a range, or of all time: `{ok, metrics}`."""
        must_read(connection.caller)
        return {"metrics": await self._answers.metrics(request)}

    async def series(self, connection: Connection, request: AskSeries) -> Payload:
        """One figure over time: `{ok, step, points: [{at, value}]}`."""
        user = must_read(connection.caller).user
        step, points = await self._answers.series(user, request)
        return {"step": step, "points": points}

    async def breakdown(self, connection: Connection, request: AskBreakdown) -> Payload:
        """Values of a property: `{ok, values: [{value, n}], other, without, total}`."""
        must_read(connection.caller)
        return await self._answers.breakdown(request)

    async def properties(self, connection: Connection, request: AskProperties) -> Payload:
        """The names of the properties that events of a type had lately: `{ok, properties}`."""
        must_read(connection.caller)
        return {"properties": await self._answers.properties(request.event_type)}

    async def funnel(self, connection: Connection, request: AskFunnel) -> Payload:
        """How many visitors went how far, in order: `{ok, steps: [{event_type, visitors}]}`."""
        must_read(connection.caller)
        return await self._answers.funnel(request)

    async def retention(self, connection: Connection, request: AskRetention) -> Payload:
        """Who came back in later weeks: `{ok, cohorts: [{week, visitors, back}]}`."""
        must_read(connection.caller)
        return await self._answers.retention(request.weeks)

    async def feed_start(self, connection: Connection, request: Follow) -> Payload:
        """Be told what happens, as `events`; asking again chooses other types: `{ok}`."""
        must_read(connection.caller)
        # It may have left before it was asked for; then nobody would stop it.
        if connection in self._here:
            self._feed.start(connection, request.types)
        return {}

    async def feed_stop(self, connection: Connection, _: Nothing) -> Payload:
        """Be told no more: `{ok}`."""
        must_read(connection.caller)
        self._feed.stop(connection)
        return {}


def may_read(caller: Caller) -> bool:
    return caller.user.is_admin and caller.may(SCOPE)


def must_read(caller: Caller) -> Caller:
    """The caller, where they may read figures. Raises Forbidden."""
    if not caller.user.is_admin:
        raise Forbidden("The figures are for the admins of this server.")
    if not caller.may(SCOPE):
        raise Forbidden(f"This token may not read figures; that needs the scope {SCOPE}.")
    return caller


Handler = Callable[[AnalyticsEvents, Connection, Any], Awaitable[Result]]

# The docstring of each is its line in docs/PROTOCOL.md.
EVENTS: dict[str, tuple[type[Struct], Handler]] = {
    "track": (Track, AnalyticsEvents.track),
    "metrics": (AskMetrics, AnalyticsEvents.metrics),
    "series": (AskSeries, AnalyticsEvents.series),
    "breakdown": (AskBreakdown, AnalyticsEvents.breakdown),
    "properties": (AskProperties, AnalyticsEvents.properties),
    "funnel": (AskFunnel, AnalyticsEvents.funnel),
    "retention": (AskRetention, AnalyticsEvents.retention),
    "feed:start": (Follow, AnalyticsEvents.feed_start),
    "feed:stop": (Nothing, AnalyticsEvents.feed_stop),
}
