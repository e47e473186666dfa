"""The audit trail's page. What is written in it stands at each action, in the services."""

from aiohttp.typedefs import Middleware

from app.accounts.feature import Accounts
from app.audit.pages import AuditPages
from app.audit.requests import Trail
from app.audit.store import INDEXES, AuditStore
from app.server.core import Core
from app.server.feature import Feature, Features
from app.web.routing import Route


class Audit(Feature):
    """The page knows the audited actions of all features."""

    name = "audit"
    indexes = INDEXES

    def __init__(self, core: Core, features: Features) -> None:
        self._features = features
        self._store = AuditStore(core.database)
        self._users = features[Accounts].users
        self._requests = Trail(self._store, core.ids, core.clock)

    def middlewares(self) -> list[Middleware]:
        return [self._requests.watch()]

    def routes(self) -> list[Route]:
        kinds = [kind for feature in self._features for kind in feature.audited]
        return AuditPages(self._store, self._users, kinds).routes()
