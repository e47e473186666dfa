"""All topics of this server, cached in memory: their number is bounded.

Changes of other nodes are read when the bus tells of them, and once a second.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from msgspec import UNSET, Struct

from app.accounts.models import Caller, User
from app.audit.trail import AuditTrail
from app.bus.bus import EVERY_NODE, Bus
from app.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from app.signals import Signal
from app.storage.background import next_news
from app.storage.errors import DatabaseError
from app.streams.retention_floors import Floors
from app.times import Clock
from app.topics.models import Create, NewSettings, Topic, settings_document
from app.topics.names import must_be_name
from app.topics.permissions import (
    PUBLISH,
    may_publish,
    may_read,
    must_be_publisher,
    must_be_reader,
    must_read,
)
from app.topics.store import TopicStore

EVERY_S = 1.0
CHANGED = "topics"
# Each refresh reads this far back again: clocks of nodes differ, and a write takes time.
OVERLAP = timedelta(seconds=60)


log = structlog.get_logger("topics")


class TopicsChanged(Struct, frozen=True):
    """Another node has created, changed or deleted a topic."""


class Directory:
    """Finds, creates, changes and deletes topics: at most `most`, `per_person` by one member.

    The signals `created` and `deleted` tell of topics that appear or disappear on this node.
    `allow` raises RateLimited for a user who creates too many a minute.
    """

    def __init__(
        self,
        store: TopicStore,
        floors: Floors,
        clock: Clock,
        most: int,
        per_person: int,
        allow: Callable[[User], None],
        audit: AuditTrail,
        bus: Bus | None = None,
    ) -> None:
        self.created: Signal[Topic] = Signal("topic created")
        self.deleted: Signal[Topic] = Signal("topic deleted")
        self._store = store
        self._floors = floors
        self._clock = clock
        self._most = most
        self._per_person = per_person
        self._allow = allow
        self._audit = audit
        self._known: dict[str, Topic] = {}
        self._newest: datetime | None = None
        self._news = asyncio.Event()
        self._bus = bus or Bus()
        self._bus.listen(CHANGED, TopicsChanged, lambda *_: self._news.set())

    def known(self, name: str) -> Topic | None:
        """The cached topic called `name`, or None; does not ask the database."""
        return self._known.get(name)

    def all(self) -> list[Topic]:
        """All topics, sorted by name."""
        return [self._known[name] for name in sorted(self._known)]

    async def find(self, name: str) -> Topic | None:
        """The topic called `name`, or None. Raises Invalid for a name that no topic can have."""
        found = self.known(must_be_name(name))
        if found is None and (found := await self._store.find(name)):
            found = self._keep(found)
        return found

    async def get(self, name: str) -> Topic:
        """The topic called `name`. Raises NotFound, Invalid."""
        found = await self.find(name)
        if found is None:
            raise no_such_topic()
        return found

    def usable(self, caller: Caller) -> list[Topic]:
        """The topics that the caller may read or publish in, sorted by name."""
        return [t for t in self.all() if may_read(caller, t) or may_publish(caller, t)]

    async def readable(self, caller: Caller, name: str, *, create: bool = False) -> Topic:
        """The topic called `name`, for a caller who may read it.

        With `create`, a missing topic is created if the caller may publish.
        Raises Forbidden, NotFound, Invalid, and what `get_or_create` raises.
        """
        must_be_reader(caller)
        may_create = create and caller.may(PUBLISH)
        topic = await (self.get_or_create(caller, name) if may_create else self.get(name))
        must_read(caller, topic)
        return topic

    async def get_or_create(self, caller: Caller, name: str) -> Topic:
        """The topic called `name`, created with the usual settings where there is none.

        Raises Forbidden, Conflict, RateLimited, Unavailable.
        """
        return await self.find(name) or (await self._create(caller, Create(topic=name)))[0]

    async def create(self, caller: Caller, asked: Create) -> tuple[Topic, bool]:
        """The topic with these settings, and whether it is new.

        Raises Conflict where one of that name has other settings or the member has created the
        most that one can; Forbidden, Unavailable, RateLimited.
        """
        must_be_publisher(caller)
        found = await self.find(asked.topic)
        topic, is_new = (found, False) if found else await self._create(caller, asked)
        if not is_new and not _is_as_asked(topic, asked):
            raise Conflict("There is a topic of this name with other settings.", field="topic")
        return topic, is_new

    async def _create(self, caller: Caller, asked: Create) -> tuple[Topic, bool]:
        must_be_publisher(caller)
        if "admins" in (asked.read, asked.publish) and not caller.user.is_admin:
            raise Forbidden("Only an admin makes a topic that is for admins.")
        self._allow(caller.user)
        await self._must_have_room(caller.user)
        topic = Topic(
            name=asked.topic,
            creator=caller.user.id,
            created_at=(moment := self._clock()),
            changed_at=moment,
            keep=asked.keep,
            ephemeral=asked.ephemeral,
            read=asked.read,
            publish=asked.publish,
        )
        made = await self._store.insert(topic)
        self._tell_others()
        # None: another node was faster; its topic is returned.
        present = made or await self._store.find(topic.name)
        if present is None:
            raise Unavailable("This topic was just deleted; please try again.", retry_after=1)
        return self._keep(present), made is not None

    async def _must_have_room(self, user: User) -> None:
        # Admins are not limited: they can see and delete all topics.
        if not user.is_admin and await self._store.count(user.id) >= self._per_person:
            raise Conflict(
                f"You have made {self._per_person:,} topics, which is as many as one person can "
                "have. An admin can delete some.",
                field="topic",
            )
        if await self._store.count() >= self._most:
            raise Unavailable("There are too many topics on this server.", retry_after=60)

    async def update(self, caller: Caller, name: str, asked: NewSettings) -> Topic:
        """Change settings, also for open subscriptions, and return the topic.

        Raises Forbidden unless the caller is an admin, NotFound, Invalid.
        """
        async with self._audit.action("topic_changed", caller, name):
            topic = await self._of_admin(caller, name)
            if topic.ephemeral and asked.keep is not UNSET:
                raise Invalid("An ephemeral topic keeps nothing.", field="keep")
            settings = settings_document(asked.keep, asked.read, asked.publish)
            changed = await self._store.update(name, settings, self._clock())
            if changed is None:
                self._forget(topic.name)
                raise no_such_topic()
            self._tell_others()
            return self._keep(changed)

    async def delete(self, caller: Caller, name: str) -> None:
        """Delete the topic called `name` with its events; publishing in it creates it anew.

        Raises Forbidden unless the caller is an admin, NotFound, Invalid.
        """
        async with self._audit.action("topic_deleted", caller, name):
            topic = await self._of_admin(caller, name)
            # Events first: a crash in between leaves an empty topic, not old events in a new one.
            await self._floors.empty(topic.stream)
            await self._store.delete(name, self._clock())
            self._forget(name)
            self._tell_others()

    def _tell_others(self) -> None:
        self._bus.publish(EVERY_NODE, CHANGED, TopicsChanged())

    async def _of_admin(self, caller: Caller, name: str) -> Topic:
        must_be_publisher(caller)
        if not caller.user.is_admin:
            raise Forbidden("Only an admin changes or deletes a topic.")
        return await self.get(name)

    def _keep(self, topic: Topic) -> Topic:
        present = self._known.get(topic.name)
        if present is None or present.changed_at < topic.changed_at:
            self._known[topic.name] = topic
        if present is None:
            self.created.tell(topic)
        return self._known[topic.name]

    def _forget(self, name: str) -> None:
        if topic := self._known.pop(name, None):
            self.deleted.tell(topic)

    def _hear(self, topic: Topic) -> None:
        known = self._known.get(topic.name)
        if not topic.is_gone:
            self._keep(topic)
        elif known is not None and known.changed_at < topic.changed_at:
            self._forget(topic.name)

    async def refresh(self) -> None:
        """Read the topics that were created, changed or deleted since the last call."""
        found = await self._store.since(self._newest and self._newest - OVERLAP)
        for topic in found:
            self._hear(topic)
        if found:
            self._newest = max(topic.changed_at for topic in found)

    async def run(self) -> None:
        """Refresh once a second and when there is news, for ever."""
        while True:
            try:
                await self.refresh()
            except DatabaseError as error:
                log.warning("topics wait", reason=type(error).__name__)
            await next_news(self._news, EVERY_S)


def no_such_topic() -> NotFound:
    return NotFound("There is no such topic.", field="topic")


def _is_as_asked(topic: Topic, asked: Create) -> bool:
    """Whether the topic has the settings asked for; the usual settings accept any topic."""
    wanted = (asked.keep, asked.ephemeral, asked.read, asked.publish)
    present = (topic.keep, topic.ephemeral, topic.read, topic.publish)
    usual = Create(topic=asked.topic)
    return wanted in (present, (usual.keep, usual.ephemeral, usual.read, usual.publish))
