"""`/healthz`, `/readyz` and `/metrics`."""

from app.health.readiness import Readiness, health_commit
from app.health.routes import HealthRoutes
from app.server.core import Core
from app.server.feature import Feature, Features
from app.web.routing import Route


class Health(Feature):
    """Tells programs that watch over the server how it is."""

    name = "health"

    def __init__(self, core: Core, _: Features) -> None:
        self._readiness = Readiness(
            health_commit(core.database),
            [core.tasks],
            core.monotonic,
            lambda: core.draining.is_draining,
        )
        self._routes = HealthRoutes(self._readiness, core.metrics)

    def routes(self) -> list[Route]:
        return self._routes.routes()

    def drain(self) -> None:
        self._readiness.is_stopping = True
