"""The list of features, and a process that has them open on a database."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from app.accounts.feature import Accounts
from app.admin.feature import Admin
from app.analytics.feature import Analytics
from app.audit.feature import Audit
from app.bus.store import INDEXES as BUS_INDEXES
from app.chat.feature import Chat
from app.health.feature import Health
from app.hooks.feature import Hooks
from app.nodes.feature import Nodes
from app.notifications.feature import Notifications
from app.server.core import make_core
from app.server.feature import Feature, Features
from app.server_name.feature import ServerNaming
from app.settings import Settings
from app.storage.abandoned_transactions import end_abandoned, keep_ending
from app.storage.migrations import migrate
from app.storage.mongo import Database
from app.streams.store import INDEXES as STREAM_INDEXES
from app.topics.feature import Topics

# A feature comes after those that it is built from.
FEATURES: tuple[type[Feature], ...] = (
    Nodes,
    Accounts,
    ServerNaming,
    Notifications,
    Chat,
    Topics,
    Hooks,
    Analytics,
    Audit,
    Admin,
    Health,
)
COMMIT_WITHIN_S = 6.0


@asynccontextmanager
async def open_features(
    settings: Settings,
    database: Database,
    kinds: Iterable[type[Feature]] = FEATURES,
    server: str = "",
) -> AsyncIterator[Features]:
    """Bring the database up to date and start what runs beside requests. `server` is that of which
    this process is a worker.

    At the end what is queued is committed first, then the features stop in reverse order.
    """
    core = make_core(settings, database, server)
    features = Features(core, kinds)
    await end_abandoned(database)
    await migrate(
        database,
        [STREAM_INDEXES, BUS_INDEXES, *(feature.indexes for feature in features)],
        [step for feature in features for step in feature.migrations],
    )
    for feature in features:
        await feature.prepare()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(core.tasks.close)
        stack.push_async_callback(core.bus.stop)
        await core.bus.start()
        for feature in features:
            stack.push_async_callback(feature.stop)
            await feature.start()
        core.tasks.spawn(keep_ending(database), "abandoned transactions")
        core.tasks.spawn(core.committer.run(), "committer")
        core.tasks.spawn(core.remote_commits.check_positions(), "position check")
        stack.push_async_callback(core.committer.finish, COMMIT_WITHIN_S)
        yield features
