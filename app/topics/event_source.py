"""The event stream of a topic: follows it for one reader of Server-Sent Events."""

from collections.abc import Callable

from app.accounts.models import User
from app.errors import Forbidden
from app.realtime.server_event import Event
from app.realtime.sse.channel import BatchListener, Payload, Source
from app.realtime.sse.connection import SSEConnection
from app.streams.hub import Hub
from app.streams.models import Batch
from app.topics.directory import Directory
from app.topics.ephemeral import EphemeralTopics
from app.topics.history import TopicHistory
from app.topics.models import Topic
from app.topics.permissions import can_see
from app.topics.serializer import live, passing

NAME = "topic"

Known = Callable[[str], User | None]


class TopicSources:
    """Opens topics for readers; `known` returns the cached user of an id."""

    def __init__(
        self,
        directory: Directory,
        history: TopicHistory,
        ephemeral: EphemeralTopics,
        hub: Hub,
        known: Known,
    ) -> None:
        self._directory = directory
        self._history = history
        self._ephemeral = ephemeral
        self._hub = hub
        self._known = known

    async def open(self, stream: SSEConnection, name: str) -> Source:
        """A source for the topic called `name`, created where there is none, as by `subscribe`.

        Raises Invalid, Forbidden, NotFound.
        """
        topic = await self._directory.readable(stream.caller, name, create=True)
        right = Right(stream, topic, self._directory, self._known)
        if topic.ephemeral:
            return EphemeralSource(right, self._ephemeral)
        return DurableSource(right, self._history, self._hub)


class Right:
    """One reader's right to read one topic, which ends with their role or its settings."""

    def __init__(
        self, stream: SSEConnection, topic: Topic, directory: Directory, known: Known
    ) -> None:
        self.stream = stream
        self._opened = topic
        self._directory = directory
        self._known = known

    @property
    def topic(self) -> Topic:
        """The topic as it is now."""
        return self._directory.known(self._opened.name) or self._opened

    @property
    def holds(self) -> bool:
        user = self._known(self.stream.user_id) or self.stream.caller.user
        return can_see(user, self.topic)


class TopicSource:
    """One reader's source of one topic."""

    name = NAME

    def __init__(self, right: Right) -> None:
        self._right = right
        self._taker: BatchListener | None = None

    @property
    def key(self) -> str:
        return f"topic:{self._right.topic.name}"

    @property
    def farewell(self) -> Event:
        return Event("topic:removed", {"topic": self._right.topic.name})


class DurableSource(TopicSource):
    """Follows a durable topic."""

    def __init__(self, right: Right, history: TopicHistory, hub: Hub) -> None:
        super().__init__(right)
        self._history = history
        self._hub = hub

    async def follow(self, taker: BatchListener) -> int:
        self._taker = taker
        return await self._hub.join(self._right.topic.stream, self)

    def deliver(self, batch: Batch) -> None:
        """Pass on a live batch, or end the source where the right has ended."""
        if self._taker is None:
            return
        if not self._right.holds:
            self._taker.lose(self.farewell)
            return
        for event in live(batch):
            self._taker.take(event)

    async def since(self, cursor: int) -> Payload:
        topic = self._right.topic
        answer = (await self._history.sync(topic, cursor)).shown()
        if not self._right.holds:
            raise Forbidden("This topic is for the admins of this server.")
        kept = {name: answer[name] for name in ("more", "reset", "lagged") if answer.get(name)}
        # After a hole, the batch continues no cursor.
        prev = 0 if answer["reset"] else cursor
        head = {"topic": topic.name, "prev": prev, "rev": answer["rev"]}
        return {**head, "items": answer["items"], **kept}

    def leave(self) -> None:
        self._hub.unfollow(self._right.topic.stream, self)


class EphemeralSource(TopicSource):
    """Follows an ephemeral topic: its newest value, then each event. No cursor moves."""

    def __init__(self, right: Right, ephemeral: EphemeralTopics) -> None:
        super().__init__(right)
        self._ephemeral = ephemeral

    async def follow(self, taker: BatchListener) -> int:
        self._taker = taker
        self._ephemeral.follow(self._right.topic.name, self)
        if newest := self._ephemeral.newest(self._right.topic.name):
            self.hear(self._right.topic.name, passing(newest))
        return 0

    def hear(self, _: str, event: Event) -> None:
        """Pass on an event, or end the source where the right has ended."""
        if self._right.holds:
            self._right.stream.writer.say(NAME, event.payload)
        elif self._taker is not None:
            self._taker.lose(self.farewell)

    async def since(self, _: int) -> Payload:
        """An empty batch: ephemeral topics keep no events."""
        return {"topic": self._right.topic.name, "prev": 0, "rev": 0, "items": []}

    def leave(self) -> None:
        self._ephemeral.unfollow(self._right.topic.name, self)
