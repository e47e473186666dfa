"""The face of topics: builds their services from the core and accounts."""

from collections.abc import Mapping
from typing import ClassVar

from app.accounts.feature import Accounts
from app.accounts.models import User
from app.realtime.dispatch import bound
from app.realtime.namespace import Namespace
from app.realtime.sse.event_sources import OpenSource
from app.server.core import Core
from app.server.feature import Feature, Features
from app.streams.hub import OnBatch
from app.streams.models import Batch, Item
from app.streams.retention_floors import Floors
from app.topics.client_events import EVENTS, MESSAGE_TYPES, TopicEvents
from app.topics.directory import Directory
from app.topics.ephemeral import EphemeralTopics
from app.topics.event_rates import EventRates
from app.topics.event_source import TopicSources
from app.topics.history import TopicHistory
from app.topics.live_delivery import LiveDelivery
from app.topics.models import Topic, name_of
from app.topics.pages import TopicPages
from app.topics.publisher import Publisher
from app.topics.remote_topics import RemoteTopics
from app.topics.retention import Retention
from app.topics.routes import TopicRoutes
from app.topics.serializer import event_of
from app.topics.store import INDEXES, EventStore, TopicStore
from app.topics.subscriptions import Subscriptions
from app.web.routing import Route

CREATED_PER_MINUTE = 120


class Topics(Feature):
    """The services of topics that other features use."""

    name = "topics"
    indexes = INDEXES
    audited: ClassVar[Mapping[str, str]] = {
        "topic_changed": "Changed a topic’s settings",
        "topic_deleted": "Deleted a topic",
    }
    setting_names = (
        "topics_at_most",
        "topics_per_person",
        "topic_events_kept",
        "topic_events_per_minute",
    )

    def __init__(self, core: Core, features: Features) -> None:
        users, settings, limits = features[Accounts].users, core.settings, core.limits
        self._tasks = core.tasks
        self._local_events = core.local_events
        self._rates = EventRates(core.monotonic)

        def limit_creating(user: User) -> None:
            limits.hit("topic", user.id, CREATED_PER_MINUTE)

        def limit_publishing(user: User) -> None:
            limits.hit("event", user.id, settings.topic_events_per_minute)

        floors = Floors(core.database)
        self.directory = Directory(
            TopicStore(core.database),
            floors,
            core.clock,
            settings.topics_at_most,
            settings.topics_per_person,
            limit_creating,
            core.audit,
            core.bus,
        )
        history = TopicHistory(
            core.log, EventStore(core.database), core.clock, settings.topic_events_kept
        )
        ephemeral = EphemeralTopics()
        RemoteTopics(core.bus, ephemeral, self.directory)
        self.publisher = Publisher(
            self.directory,
            ephemeral,
            core.committer,
            core.log,
            core.ids,
            core.clock,
            limit_publishing,
            core.check_content,
        )
        delivery = LiveDelivery(self.directory, ephemeral, core.hub, users.known)
        subscriptions = Subscriptions(self.directory, history, ephemeral, delivery, core.log)
        events = TopicEvents(
            self.directory, history, self.publisher, subscriptions, core.page_reads
        )
        self._namespace = Namespace(
            name="topics",
            # Reading and publishing are different rights of a token; each event asks for its own.
            scope=None,
            events=bound(EVENTS, events),
            message_types=MESSAGE_TYPES,
            arrive=events.arrive,
            depart=events.depart,
        )
        self._sources = TopicSources(self.directory, history, ephemeral, core.hub, users.known)
        self._routes = TopicRoutes(self.directory, history, self.publisher, core.page_reads)
        self._pages = TopicPages(
            self.directory, history, self.publisher, ephemeral, delivery, self._rates, users
        )
        self._retention = Retention(self.directory, history, floors, core.log, core.clock)
        self._ephemeral = ephemeral
        ephemeral.published.listen(self._passed)
        self.directory.deleted.listen(self._forget)

    def namespaces(self) -> list[Namespace]:
        return [self._namespace]

    def routes(self) -> list[Route]:
        return [*self._routes.routes(), *self._pages.routes()]

    def event_sources(self) -> dict[str, OpenSource]:
        return {"topic": self._sources.open}

    def batch_listeners(self) -> dict[str, OnBatch]:
        return {"topic": self.announce}

    async def start(self) -> None:
        """Read the topics of other nodes and delete old events."""
        self._tasks.spawn(self.directory.run(), "topics")
        self._tasks.spawn(self._retention.run(), "topic retention")

    def announce(self, batch: Batch) -> None:
        """Tell the subscribers within this process, under `topic:<name>`, of new events."""
        self._rates.count(name_of(batch.stream), len(batch.items))
        for item in batch.items:
            self._tell(item)

    def _forget(self, topic: Topic) -> None:
        self._rates.forget(topic.name)
        self._ephemeral.forget(topic.name)

    def _passed(self, item: Item) -> None:
        self._rates.count(name_of(item.stream), 1)
        self._tell(item)

    def _tell(self, item: Item) -> None:
        if self._local_events.has_subscribers(item.stream):
            self._local_events.publish(item.stream, event_of(item), item.sender)
