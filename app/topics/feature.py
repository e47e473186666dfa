"""Topics, put together: every service once, in the order in which they need each other."""

import time
from collections.abc import Callable

from app.accounts.models import User
from app.accounts.users import Users
from app.audit.trail import AuditTrail
from app.ids import new_id
from app.security.text_policy import text_check
from app.settings import Settings
from app.storage.mongo import Database
from app.streams.committer import Committer
from app.streams.floors import Floors
from app.streams.hub import Hub
from app.streams.log import Log
from app.streams.models import Batch, Item
from app.telemetry.tasks import Tasks
from app.times import now
from app.topics.directory import Directory
from app.topics.ephemeral import EphemeralTopics
from app.topics.event_rates import EventRates
from app.topics.events import TopicEvents
from app.topics.history import TopicHistory
from app.topics.live_delivery import LiveDelivery
from app.topics.local_events import LocalEvents
from app.topics.models import Topic, is_topic, name_of
from app.topics.pages import TopicPages
from app.topics.publisher import Publisher
from app.topics.retention import Retention
from app.topics.routes import TopicRoutes
from app.topics.serializer import event_of
from app.topics.store import EventStore, TopicStore
from app.topics.subscriptions import Subscriptions


class Topics:
    """`start` begins what runs beside requests; `announce` is told of every commit of this process.

    `allow_creating` and `allow_publishing` raise RateLimited.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        log: Log,
        committer: Committer,
        hub: Hub,
        users: Users,
        local: LocalEvents,
        tasks: Tasks,
        allow_creating: Callable[[User], None],
        allow_publishing: Callable[[User], None],
        audit: AuditTrail,
    ) -> None:
        self._tasks = tasks
        self._local = local
        self._rates = EventRates(time.monotonic)
        floors = Floors(database)
        self.directory = Directory(
            TopicStore(database),
            floors,
            now,
            settings.topics_at_most,
            settings.topics_per_person,
            allow_creating,
            audit,
        )
        self.history = TopicHistory(log, EventStore(database), now, settings.topic_events_kept)
        self.ephemeral = EphemeralTopics()
        self.publisher = Publisher(
            self.directory,
            self.ephemeral,
            committer,
            log,
            new_id,
            now,
            allow_publishing,
            text_check(settings.content_policy),
        )
        delivery = LiveDelivery(self.directory, self.ephemeral, hub, users.known)
        subscriptions = Subscriptions(self.directory, self.history, self.ephemeral, delivery, log)
        self.events = TopicEvents(self.directory, self.history, self.publisher, subscriptions)
        self.http = TopicRoutes(self.directory, self.history, self.publisher)
        self.pages = TopicPages(
            self.directory,
            self.history,
            self.publisher,
            self.ephemeral,
            delivery,
            self._rates,
            users,
        )
        self.retention = Retention(self.directory, self.history, floors, log, now)
        self.ephemeral.published.listen(self._passed)
        self.directory.deleted.listen(self._forget)

    def start(self) -> None:
        """Hear of other nodes' topics and let old events go, in tasks of their own."""
        self._tasks.spawn(self.directory.run(), "topics")
        self._tasks.spawn(self.retention.run(), "topic retention")

    def announce(self, batch: Batch) -> None:
        """Tell the subscribers within this process, under `topic:<name>`, of new events."""
        if is_topic(batch.stream):
            self._rates.count(name_of(batch.stream), len(batch.items))
            for item in batch.items:
                self._tell(item)

    def _forget(self, topic: Topic) -> None:
        self._rates.forget(topic.name)
        self.ephemeral.forget(topic.name)

    def _passed(self, item: Item) -> None:
        self._rates.count(name_of(item.stream), 1)
        self._tell(item)

    def _tell(self, item: Item) -> None:
        if self._local.has_subscribers(item.stream):
            self._local.publish(item.stream, event_of(item), item.sender)
