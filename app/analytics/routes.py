"""Analytics over HTTP: everyone may send events, also without a session; admins read figures."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from aiohttp import web
from msgspec import Struct, to_builtins

from app.accounts.models import Caller
from app.analytics import export
from app.analytics.anonymous_limits import AnonymousLimits, is_crawler, is_loaded_ahead
from app.analytics.client_events import must_read
from app.analytics.intake import MAX_CALL_BYTES, too_large
from app.analytics.models import Event
from app.analytics.page_paths import PagePaths
from app.analytics.queries import Queries
from app.analytics.requests import (
    BreakdownRequest,
    Format,
    FunnelRequest,
    MetricsRequest,
    PageNamesRequest,
    RetentionRequest,
    SeriesRequest,
)
from app.analytics.tracking import Tracking
from app.errors import Invalid
from app.security.client_address import site_of
from app.web import decoding, request_info
from app.web.authentication import CALLER
from app.web.request_body import in_turn
from app.web.route_helpers import caller, reply
from app.web.routing import Route

KINDS = ("application/json", "text/plain")

Events = Event | list[Event]
# Typed Any for mypy, to which a union is no type; msgspec takes it.
EVENTS: Any = Events
Allow = Callable[[str], None]
T = TypeVar("T")


class Wanted(Struct):
    """The parameter that every request for figures takes."""

    format: Format = "json"


class AnalyticsRoutes:
    """Handlers. `allow` raises RateLimited for an address that sends too many requests."""

    def __init__(
        self,
        tracking: Tracking,
        queries: Queries,
        allow: Allow,
        anonymous: AnonymousLimits,
        paths: PagePaths,
    ) -> None:
        self._tracking = tracking
        self._anonymous = anonymous
        self._paths = paths
        self._queries = queries
        self._allow = allow

    def routes(self) -> list[Route]:
        return [
            Route(
                "POST",
                "/api/analytics/events",
                self.track,
                "Count what happened",
                body=EVENTS,
                status=202,
                is_public=True,
                own_limit="everyone",
                is_quiet=True,
            ),
            Route(
                "GET",
                "/api/analytics/metrics",
                self.metrics,
                "Figures of a range",
                query=MetricsRequest,
            ),
            Route(
                "GET",
                "/api/analytics/series",
                self.series,
                "One figure over time",
                query=SeriesRequest,
            ),
            Route(
                "GET",
                "/api/analytics/breakdown",
                self.breakdown,
                "Values of a property",
                query=BreakdownRequest,
            ),
            Route(
                "GET",
                "/api/analytics/funnel",
                self.funnel,
                "How many went how far",
                query=FunnelRequest,
            ),
            Route(
                "GET",
                "/api/analytics/retention",
                self.retention,
                "Who came back",
                query=RetentionRequest,
            ),
            Route(
                "GET",
                "/api/analytics/page-names",
                self.page_names,
                "Names of pages",
                query=PageNamesRequest,
            ),
        ]

    async def track(self, request: web.Request) -> web.Response:
        address = request_info.address(request)
        self._allow(site_of(address))
        found: Caller | None = request.get(CALLER)
        if found is None:
            self._anonymous.must_be_welcome()
        raw = await _body(request)
        if is_loaded_ahead(request.headers) or (found is None and is_crawler(request.headers)):
            return _tracked(0)
        if found is None:
            self._anonymous.spend(address, len(raw))
        asked: Events = decoding.from_json(raw, EVENTS)
        events, place = (asked, "[{}].") if isinstance(asked, list) else ([asked], "")
        user_id = found.user.id if found else None
        return _tracked(await self._tracking.track(events, user_id, address, place, len(raw)))

    async def metrics(self, request: web.Request) -> web.Response:
        must_read(caller(request))
        found = to_builtins(await self._queries.metrics(_asked(request, MetricsRequest)))
        return _answer(request, "figures", found, export.of_metrics)

    async def series(self, request: web.Request) -> web.Response:
        user = must_read(caller(request)).user
        asked = _asked(request, SeriesRequest)
        step, points = await self._queries.series(user, asked)
        found = {"metric": asked.metric, "step": step, "points": points}
        return _answer(request, asked.metric, found, lambda f: export.of_points(f["points"]))

    async def breakdown(self, request: web.Request) -> web.Response:
        must_read(caller(request))
        asked = _asked(request, BreakdownRequest)
        found = await self._queries.breakdown.of(asked)
        return _answer(request, f"{asked.event_type}-{asked.property}", found, export.of_breakdown)

    async def funnel(self, request: web.Request) -> web.Response:
        must_read(caller(request))
        found = await self._queries.funnel.of(_asked(request, FunnelRequest, steps=_steps(request)))
        return _answer(request, "funnel", found, export.of_funnel)

    async def retention(self, request: web.Request) -> web.Response:
        must_read(caller(request))
        found = await self._queries.retention.of(_asked(request, RetentionRequest).weeks)
        return _answer(request, "retention", found, export.of_retention)

    async def page_names(self, request: web.Request) -> web.Response:
        user = must_read(caller(request)).user
        paths = request.query.getall("paths", [])
        asked = decoding.from_fields({"paths": paths}, PageNamesRequest)
        return reply({"names": await self._paths.names(user, asked.paths)})


def _tracked(count: int) -> web.Response:
    return reply({"status": "tracked", "accepted": count}, status=202)


async def _body(request: web.Request) -> bytes:
    """At most 64 KB of JSON; `sendBeacon` sends it as text/plain. Raises Invalid, TooLarge."""
    if request.content_type not in KINDS:
        raise Invalid("Send JSON, with the header Content-Type: application/json.")
    if (request.content_length or 0) > MAX_CALL_BYTES:
        raise too_large()
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise too_large() from error
    if len(raw) > MAX_CALL_BYTES:
        raise too_large()
    await in_turn(request, len(raw))
    return raw


def _asked(request: web.Request, kind: type[T], **more: Any) -> T:
    return decoding.from_fields({**request.query, **more}, kind)


def _steps(request: web.Request) -> list[str]:
    """`steps=a&steps=b`, or in one `steps=a,b`."""
    given = request.query.getall("steps", [])
    return given[0].split(",") if len(given) == 1 else given


def _answer(
    request: web.Request, name: str, found: Mapping[str, Any], as_csv: Callable[[Any], str]
) -> web.Response:
    if decoding.from_fields(dict(request.query), Wanted).format == "json":
        return reply(found)
    safe = "".join(c if c.isascii() and c.isalnum() else "-" for c in name)[:80]
    return web.Response(
        body=as_csv(found).encode(),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{safe}.csv"'},
    )
