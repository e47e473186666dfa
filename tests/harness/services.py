"""The features of one process by name, for tests that reach behind the door."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.accounts.feature import Accounts
from app.accounts.revocations import Revocations
from app.accounts.sessions import Sessions
from app.accounts.tokens import Tokens
from app.accounts.users import Users
from app.analytics.feature import Analytics
from app.audit.trail import AuditTrail
from app.chat.feature import Chat
from app.hooks.feature import Hooks
from app.nodes.feature import Nodes
from app.notifications.feature import Notifications
from app.server.core import Core
from app.server.feature import Feature, Features
from app.server.features import FEATURES, open_features
from app.settings import Settings
from app.storage.mongo import Database
from app.streams.committer import Committer
from app.streams.hub import Hub
from app.topics.feature import Topics


class Services:
    """The parts of the core and the features that tests use."""

    def __init__(self, features: Features) -> None:
        self.features = features
        self.core: Core = features.core
        self.settings: Settings = self.core.settings
        self.database: Database = self.core.database
        self.audit: AuditTrail = self.core.audit
        self.committer: Committer = self.core.committer
        self.hub: Hub = self.core.hub
        self.accounts = features[Accounts]
        self.users: Users = self.accounts.users
        self.sessions: Sessions = self.accounts.sessions
        self.tokens: Tokens = self.accounts.tokens
        self.revocations: Revocations = self.accounts.revocations
        self.topics = features[Topics]
        self.local_events = self.core.local_events
        self.notifications = features[Notifications]
        self.chat = features[Chat]
        self.rooms = self.chat.rooms
        self.hooks = features[Hooks]
        self.analytics = features[Analytics]
        self.nodes = features[Nodes]


@asynccontextmanager
async def open_services(
    settings: Settings, database: Database, kinds: tuple[type[Feature], ...] = FEATURES
) -> AsyncIterator[Services]:
    """Like `open_features`."""
    async with open_features(settings, database, kinds) as features:
        yield Services(features)
