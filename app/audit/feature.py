"""The page of the audit trail. Services write the entries, see `trail.py`."""

from app.accounts.feature import Accounts
from app.audit.pages import AuditPages
from app.audit.store import INDEXES, AuditStore
from app.server.core import Core
from app.server.feature import Feature, Features
from app.web.routing import Route


class Audit(Feature):
    """The page knows the audited actions of all features; the last are those on the database."""

    name = "audit"
    indexes = INDEXES
    audited = ("backup_made", "database_restored", "access_ended")

    def __init__(self, core: Core, features: Features) -> None:
        self._features = features
        self._store = AuditStore(core.database)
        self._users = features[Accounts].users

    def routes(self) -> list[Route]:
        kinds = [kind for feature in self._features for kind in feature.audited]
        return AuditPages(self._store, self._users, kinds).routes()
