"""The composition root: builds every service once and hands each what it needs.

The only file that sees all features. The command line opens the services without the web.
"""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from app.accounts.revocations import Revocations
from app.accounts.service import Accounts
from app.accounts.sessions import Sessions
from app.accounts.store import INDEXES as ACCOUNT_INDEXES
from app.accounts.tokens import Tokens
from app.accounts.users import Users
from app.action_limits import ActionLimits
from app.analytics.feature import Analytics
from app.analytics.instrumentation import Instrumentation
from app.analytics.store import INDEXES as ANALYTICS_INDEXES
from app.analytics.store import ensure_events
from app.audit.store import INDEXES as AUDIT_INDEXES
from app.audit.trail import AuditTrail
from app.chat.feature import Chat
from app.chat.migrations import NAME_KEYS
from app.chat.rooms import Rooms
from app.chat.store import INDEXES as CHAT_INDEXES
from app.hooks.feature import Hooks
from app.hooks.store import INDEXES as HOOK_INDEXES
from app.notifications.feature import Notifications
from app.notifications.push.feature import Push
from app.notifications.push.store import INDEXES as PUSH_INDEXES
from app.notifications.serializer import Serializer as NotificationSerializer
from app.notifications.store import INDEXES as NOTIFICATION_INDEXES
from app.notifications.topic_publisher import TopicPublisher
from app.security.text_policy import text_check
from app.settings import Settings
from app.storage.abandoned_transactions import end_abandoned, keep_ending
from app.storage.migrations import migrate
from app.storage.mongo import Database
from app.streams.committer import Committer
from app.streams.hub import Hub
from app.streams.log import Log
from app.streams.models import Batch
from app.streams.store import INDEXES as STREAM_INDEXES
from app.telemetry.health import Readiness, health_commit
from app.telemetry.tasks import Tasks
from app.times import now
from app.topics.feature import Topics
from app.topics.local_events import LocalEvents
from app.topics.store import INDEXES as TOPIC_INDEXES

COMMIT_WITHIN_S = 6.0
COUNT_WITHIN_S = 3.0
# The highest number is `NEWEST` of app/storage/migrations.py.
MIGRATIONS = [NAME_KEYS]


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that runs on one database, whoever asks: a web server or a command."""

    settings: Settings
    database: Database
    tasks: Tasks
    audit: AuditTrail
    accounts: Accounts
    committer: Committer
    hub: Hub
    local_events: LocalEvents
    topics: Topics
    notifications: Notifications
    push: Push
    chat: Chat
    hooks: Hooks
    analytics: Analytics
    instrumentation: Instrumentation
    readiness: Readiness

    @property
    def users(self) -> Users:
        return self.accounts.users

    @property
    def sessions(self) -> Sessions:
        return self.accounts.sessions

    @property
    def tokens(self) -> Tokens:
        return self.accounts.tokens

    @property
    def revocations(self) -> Revocations:
        return self.accounts.revocations

    @property
    def rooms(self) -> Rooms:
        return self.chat.rooms


@asynccontextmanager
async def open_services(settings: Settings, database: Database) -> AsyncIterator[Services]:
    """Bring the database up to date and start what runs beside requests.

    At the end what is queued is committed first.
    """
    await end_abandoned(database)
    await migrate(
        database,
        [
            STREAM_INDEXES,
            ACCOUNT_INDEXES,
            CHAT_INDEXES,
            NOTIFICATION_INDEXES,
            PUSH_INDEXES,
            ANALYTICS_INDEXES,
            TOPIC_INDEXES,
            AUDIT_INDEXES,
            HOOK_INDEXES,
        ],
        MIGRATIONS,
    )
    await ensure_events(database, settings.analytics_retention_s)
    async with AsyncExitStack() as stack:
        services = _build(settings, database)
        stack.push_async_callback(services.chat.close)
        await services.accounts.start()
        stack.push_async_callback(services.accounts.stop)
        stack.push_async_callback(services.tasks.close)
        services.tasks.spawn(keep_ending(database), "abandoned transactions")
        services.tasks.spawn(services.analytics.writer.run(), "analytics")
        # After the last commit, which is counted too.
        stack.push_async_callback(services.analytics.writer.finish, COUNT_WITHIN_S)
        services.tasks.spawn(services.committer.run(), "committer")
        services.tasks.spawn(services.hub.check_positions(), "position check")
        services.tasks.spawn(services.chat.run(), "chat audience")
        services.notifications.start()
        services.topics.start()
        stack.push_async_callback(services.committer.finish, COMMIT_WITHIN_S)
        yield services


def _build(settings: Settings, database: Database) -> Services:
    tasks = Tasks()
    audit = AuditTrail(database)
    accounts = Accounts(database, settings)
    reads = Log(database)
    hub = Hub(reads, tasks)
    local_events = LocalEvents(now)
    presenter = NotificationSerializer(accounts.users)
    publisher = TopicPublisher(local_events, presenter)

    def deliver(batch: Batch) -> None:
        hub.publish(batch)
        publisher.publish(batch)
        topics.announce(batch)

    committer = Committer(
        database,
        reads,
        deliver=deliver,
        seen=hub.seen,
        capacity=settings.broadcast_channel_capacity,
        clock=time.monotonic,
    )

    allow = ActionLimits(accounts.limiter, settings)
    topics = Topics(
        database,
        settings,
        reads,
        committer,
        hub,
        accounts.users,
        local_events,
        tasks,
        allow.topic,
        allow.topic_event,
        audit,
    )
    notifications = Notifications(
        database,
        settings,
        reads,
        committer,
        hub,
        accounts.users,
        accounts.tokens,
        presenter,
        tasks,
        audit,
    )
    chat = Chat(
        database,
        reads,
        committer,
        hub,
        accounts.users,
        notifications.room_notices,
        allow.message,
        allow.room,
        allow.invitations,
        text_check(settings.content_policy),
        audit,
    )
    analytics = Analytics(database, settings.analytics_buffer, now)
    instrumentation = Instrumentation(analytics.intake)
    instrumentation.of_services(accounts, committer, hub)
    return Services(
        settings=settings,
        database=database,
        tasks=tasks,
        audit=audit,
        accounts=accounts,
        committer=committer,
        hub=hub,
        local_events=local_events,
        topics=topics,
        notifications=notifications,
        push=Push(
            database,
            settings,
            reads,
            accounts.users,
            accounts.sessions,
            accounts.revocations,
            local_events,
            tasks,
            allow.push_subscription,
        ),
        chat=chat,
        hooks=Hooks(
            database,
            settings,
            reads,
            hub,
            accounts.users,
            accounts.lost_rights,
            chat,
            topics,
            tasks,
            allow.hook_post,
            audit,
        ),
        analytics=analytics,
        instrumentation=instrumentation,
        readiness=Readiness(health_commit(database), [tasks], time.monotonic),
    )
