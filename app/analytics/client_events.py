"""The table of client events in the namespace `/analytics`: everyone tracks, admins read."""

from collections.abc import Mapping
from typing import Any

import msgspec

from app.accounts.models import Caller
from app.analytics.intake import MAX_CALL_BYTES, too_large
from app.analytics.live_feed import LiveFeed
from app.analytics.live_figures import LiveFigures
from app.analytics.page_paths import PagePaths
from app.analytics.queries import Queries
from app.analytics.requests import (
    BreakdownRequest,
    Follow,
    FunnelRequest,
    MetricsRequest,
    Nothing,
    PageNamesRequest,
    PropertiesRequest,
    RetentionRequest,
    SeriesRequest,
    Track,
)
from app.analytics.tracking import Tracking
from app.errors import Forbidden
from app.realtime.connections import Connection
from app.realtime.dispatch import ClientEvent, ClientEvents
from app.realtime.namespace import MessageType

Payload = Mapping[str, Any]

# The scope that lets an admin's narrowed token read figures.
SCOPE = "metrics:read"


class AnalyticsEvents:
    """The handlers; each docstring is the event's line in docs/PROTOCOL.md."""

    def __init__(
        self,
        tracking: Tracking,
        paths: PagePaths,
        queries: Queries,
        live: LiveFigures,
        feed: LiveFeed,
    ) -> None:
        self._tracking = tracking
        self._paths = paths
        self._queries = queries
        self._live = live
        self._feed = feed
        self._here: set[Connection] = set()

    async def arrive(self, connection: Connection) -> None:
        """Show an admin the present figures, then their changes."""
        self._here.add(connection)
        if may_read(connection.caller):
            await self._live.begin(connection)

    async def depart(self, connection: Connection) -> None:
        """Stop everything that this connection was shown."""
        self._here.discard(connection)
        self._live.end(connection)
        self._feed.stop(connection)

    async def track(self, connection: Connection, request: Track) -> Payload:
        """Count what happened, all of it or nothing: `{ok, accepted}`. For everyone."""
        size_bytes = len(msgspec.json.encode(request.events))
        if size_bytes > MAX_CALL_BYTES:
            raise too_large()
        taken = await self._tracking.track(
            request.events, connection.user_id, connection.address, "events[{}].", size_bytes
        )
        return {"accepted": taken}

    async def metrics(self, connection: Connection, request: MetricsRequest) -> Payload:
        """The figures of a range, or of all time: `{ok, metrics}`."""
        must_read(connection.caller)
        return {"metrics": await self._queries.metrics(request)}

    async def series(self, connection: Connection, request: SeriesRequest) -> Payload:
        """One figure over time: `{ok, step, points: [{at, value}]}`."""
        user = must_read(connection.caller).user
        step, points = await self._queries.series(user, request)
        return {"step": step, "points": points}

    async def breakdown(self, connection: Connection, request: BreakdownRequest) -> Payload:
        """Values of a property: `{ok, values: [{value, n}], other, without, total}`."""
        must_read(connection.caller)
        return await self._queries.breakdown.of(request)

    async def properties(self, connection: Connection, request: PropertiesRequest) -> Payload:
        """The names of the properties that events of a type had lately: `{ok, properties}`."""
        must_read(connection.caller)
        return {"properties": await self._queries.breakdown.properties(request.event_type)}

    async def funnel(self, connection: Connection, request: FunnelRequest) -> Payload:
        """How many visitors went how far, in order: `{ok, steps: [{event_type, visitors}]}`."""
        must_read(connection.caller)
        return await self._queries.funnel.of(request)

    async def retention(self, connection: Connection, request: RetentionRequest) -> Payload:
        """How many visitors came back in later weeks: `{ok, cohorts: [{week, visitors, back}]}`."""
        must_read(connection.caller)
        return await self._queries.retention.of(request.weeks)

    async def page_names(self, connection: Connection, request: PageNamesRequest) -> Payload:
        """How pages of rooms are called: `{ok, names: {<path>: {kind, name}}}`; `name` is null of a
        room that the caller may not know."""
        user = must_read(connection.caller).user
        return {"names": await self._paths.names(user, request.paths)}

    async def feed_start(self, connection: Connection, request: Follow) -> Payload:
        """Be told what happens, as `events`; asking again chooses other types: `{ok}`."""
        must_read(connection.caller)
        # A connection that has left already would never be stopped.
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


# The docstring of each is its line in docs/PROTOCOL.md.
# The names of server events on `/ws`, where they are others than on Socket.IO.
MESSAGE_TYPES = {"metrics": MessageType("analytics"), "events": MessageType("analytics")}

EVENTS: ClientEvents = {
    "track": ClientEvent(Track, AnalyticsEvents.track, has_own_limit=True),
    "metrics": ClientEvent(MetricsRequest, AnalyticsEvents.metrics),
    "series": ClientEvent(SeriesRequest, AnalyticsEvents.series),
    "breakdown": ClientEvent(BreakdownRequest, AnalyticsEvents.breakdown),
    "properties": ClientEvent(PropertiesRequest, AnalyticsEvents.properties),
    "funnel": ClientEvent(FunnelRequest, AnalyticsEvents.funnel),
    "retention": ClientEvent(RetentionRequest, AnalyticsEvents.retention),
    "page_names": ClientEvent(PageNamesRequest, AnalyticsEvents.page_names),
    "feed:start": ClientEvent(Follow, AnalyticsEvents.feed_start),
    "feed:stop": ClientEvent(Nothing, AnalyticsEvents.feed_stop),
}
