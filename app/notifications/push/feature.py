"""Web Push, put together. Only a process that serves delivers: see `start`."""

from collections.abc import Callable
from datetime import datetime

from app.accounts.revocations import Revocations
from app.accounts.sessions import Sessions
from app.accounts.users import Users
from app.notifications.announcer import EVERYONE
from app.notifications.push.courier import Courier
from app.notifications.push.intake import HOLD_S, Intake
from app.notifications.push.keys import KeyRing
from app.notifications.push.routes import PushRoutes
from app.notifications.push.sender import Sender
from app.notifications.push.store import JobStore, KeyStore, SubscriptionStore
from app.notifications.push.subscriptions import Subscriptions
from app.outward.endpoints import Endpoints
from app.settings import Settings
from app.storage.mongo import Database
from app.streams.log import Log
from app.telemetry.tasks import Tasks
from app.times import now
from app.topics.local import LocalTopics


class Push:
    """What closed browsers are told with."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        reads: Log,
        users: Users,
        sessions: Sessions,
        revocations: Revocations,
        topics: LocalTopics,
        tasks: Tasks,
        limit: Callable[[str], None],
        *,
        clock: Callable[[], datetime] = now,
        hold_s: float = HOLD_S,
    ) -> None:
        store, jobs = SubscriptionStore(database), JobStore(database)
        endpoints = Endpoints("endpoint", allow_private=settings.push_allow_private)
        keys = KeyRing(KeyStore(database))
        sender = Sender(keys, endpoints, clock, settings.push_contact)
        self._topics = topics
        self._tasks = tasks
        self.subscriptions = Subscriptions(store, jobs, endpoints, reads, tasks, clock)
        self.courier = Courier(
            jobs, store, self.subscriptions, sessions, reads, sender, tasks, clock
        )
        self.intake = Intake(store, jobs, reads, clock, self.courier.wake, hold_s)
        self.http = PushRoutes(keys, self.subscriptions, limit)
        users.deleted.append(self.subscriptions.forget)
        revocations.listen(self.subscriptions.revoked)

    def start(self) -> None:
        """Queue and deliver from now on, in tasks of their own."""
        self._topics.subscribe(EVERYONE, self.intake.hear)
        self._tasks.spawn(self.intake.run(), "push intake")
        self._tasks.spawn(self.courier.run(), "push courier")
