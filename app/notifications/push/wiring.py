"""Builds Web Push from the core and from the features it uses."""

from app.accounts.feature import Accounts
from app.notifications.local_publisher import EVERYONE
from app.notifications.push.job_producer import HOLD_S, JobProducer
from app.notifications.push.job_queue import AT_ONCE, LEASE, POLICY, WITHIN_S, JobQueue
from app.notifications.push.routes import PushRoutes
from app.notifications.push.store import JobStore, KeyStore, SubscriptionStore
from app.notifications.push.subscriptions import Subscriptions
from app.notifications.push.vapid_key import VapidKeys
from app.outbound.delivery_worker import DeliveryWorker
from app.outbound.endpoints import Endpoints
from app.outbound.http_client import HttpClient
from app.server.core import Core

SUBSCRIPTIONS_PER_MINUTE = 30


class Push:
    """Notifications for browsers without an open page. `limit` is that of `PushRoutes`."""

    def __init__(self, core: Core, accounts: Accounts, hold_s: float = HOLD_S) -> None:
        settings, database, tasks, clock = core.settings, core.database, core.tasks, core.clock

        def limit(user_id: str) -> None:
            core.limits.hit("push", user_id, SUBSCRIPTIONS_PER_MINUTE)

        store, jobs = SubscriptionStore(database), JobStore(database)
        endpoints = Endpoints("endpoint", allow_private=settings.push_allow_private)
        keys = VapidKeys(KeyStore(database))
        client = HttpClient(endpoints, within_s=WITHIN_S, connections=AT_ONCE)
        self._local_events = core.local_events
        self._tasks = tasks
        self.subscriptions = Subscriptions(store, jobs, endpoints, core.log, tasks, clock)
        queue = JobQueue(
            jobs,
            store,
            self.subscriptions,
            accounts.sessions,
            core.log,
            keys,
            clock,
            settings.push_contact,
        )
        self.delivery_worker = DeliveryWorker(
            "push", queue, client, POLICY, tasks, clock, at_once=AT_ONCE, lease=LEASE
        )
        self.job_producer = JobProducer(store, jobs, core.log, clock, queue.news.set, hold_s)
        self.http = PushRoutes(keys, self.subscriptions, limit)
        accounts.users.deleted.append(self.subscriptions.forget)
        accounts.revocations.listen(self.subscriptions.revoked)

    def start(self) -> None:
        """Make and deliver jobs from now on, in tasks of their own. Commands do not call it."""
        self._local_events.subscribe(EVERYONE, self.job_producer.hear)
        self._tasks.spawn(self.job_producer.run(), "push jobs")
        self._tasks.spawn(self.delivery_worker.run(), "push")
