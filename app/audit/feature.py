"""The page of the audit trail. Services write the entries, see `trail.py`."""

from collections.abc import Mapping
from typing import ClassVar

from app.accounts.feature import Accounts
from app.audit.pages import AuditPages
from app.audit.store import INDEXES, AuditStore
from app.server.core import Core
from app.server.feature import Feature, Features
from app.web.routing import Route


class Audit(Feature):
    """The page knows the audited actions of all features; its own are those on the database."""

    name = "audit"
    indexes = INDEXES
    audited: ClassVar[Mapping[str, str]] = {
        "backup_made": "Backed the database up",
        "database_restored": "Restored the database from a backup",
    }

    def __init__(self, core: Core, features: Features) -> None:
        self._features = features
        self._store = AuditStore(core.database)
        self._users = features[Accounts].users

    def routes(self) -> list[Route]:
        words = {kind: words for each in self._features for kind, words in each.audited.items()}
        return AuditPages(self._store, self._users, words).routes()
