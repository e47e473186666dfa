"""The admin page of figures, with the snapshot for its first paint."""

import msgspec
from aiohttp import web

from app.analytics.figures import Figures
from app.analytics.store.figures import FigureStore
from app.times import Clock, rfc3339
from app.web.authorization import admin
from app.web.route_helpers import render
from app.web.routing import Route
from app.web.templates import inert

MOST_TYPES = 1_000


class AnalyticsPages:
    """Serves `/admin/analytics`."""

    def __init__(self, figures: Figures, store: FigureStore, clock: Clock) -> None:
        self._figures = figures
        self._store = store
        self._clock = clock

    def routes(self) -> list[Route]:
        return [Route("GET", "/admin/analytics", self.show)]

    async def show(self, request: web.Request) -> web.Response:
        user = admin(request).user
        types = await self._store.event_types()
        snapshot = {
            "metrics": await self._figures.metrics(),
            # `other` is not a name of its own.
            "names": {"event_types": types, "is_full": len(set(types) - {"other"}) >= MOST_TYPES},
            "zone": user.zone,
            "server_time": rfc3339(self._clock()),
        }
        return await render(
            request,
            "admin/analytics.html",
            snapshot_json=inert(msgspec.json.encode(snapshot)).decode(),
        )
