"""Web Push, put together. Only a process that serves delivers: see `start`."""

from collections.abc import Callable
from datetime import datetime

from app.accounts.revocations import Revocations
from app.accounts.sessions import Sessions
from app.accounts.users import Users
from app.notifications.push.client import PushClient
from app.notifications.push.delivery_worker import DeliveryWorker
from app.notifications.push.job_producer import HOLD_S, JobProducer
from app.notifications.push.routes import PushRoutes
from app.notifications.push.store import JobStore, KeyStore, SubscriptionStore
from app.notifications.push.subscriptions import Subscriptions
from app.notifications.push.vapid_key import VapidKeys
from app.notifications.topic_publisher import EVERYONE
from app.outbound.endpoints import Endpoints
from app.settings import Settings
from app.storage.mongo import Database
from app.streams.log import Log
from app.telemetry.tasks import Tasks
from app.times import now
from app.topics.local_events import LocalEvents


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
        topics: LocalEvents,
        tasks: Tasks,
        limit: Callable[[str], None],
        *,
        clock: Callable[[], datetime] = now,
        hold_s: float = HOLD_S,
    ) -> None:
        store, jobs = SubscriptionStore(database), JobStore(database)
        endpoints = Endpoints("endpoint", allow_private=settings.push_allow_private)
        keys = VapidKeys(KeyStore(database))
        client = PushClient(keys, endpoints, clock, settings.push_contact)
        self._topics = topics
        self._tasks = tasks
        self.subscriptions = Subscriptions(store, jobs, endpoints, reads, tasks, clock)
        self.delivery_worker = DeliveryWorker(
            jobs, store, self.subscriptions, sessions, reads, client, tasks, clock
        )
        self.job_producer = JobProducer(
            store, jobs, reads, clock, self.delivery_worker.wake, hold_s
        )
        self.http = PushRoutes(keys, self.subscriptions, limit)
        users.deleted.append(self.subscriptions.forget)
        revocations.listen(self.subscriptions.revoked)

    def start(self) -> None:
        """Queue and deliver from now on, in tasks of their own."""
        self._topics.subscribe(EVERYONE, self.job_producer.hear)
        self._tasks.spawn(self.job_producer.run(), "push job_producer")
        self._tasks.spawn(self.delivery_worker.run(), "push delivery_worker")
