"""Subscribes connections to topics and patterns: the first answer, then live batches."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from app.errors import Invalid, Unavailable
from app.realtime.connections import Connection
from app.realtime.dispatch import Answer
from app.streams.log import Log
from app.streams.models import Item
from app.streams.portions import PORTION_BYTES
from app.topics.directory import Directory, no_such_topic
from app.topics.ephemeral import EphemeralTopics
from app.topics.history import TopicHistory
from app.topics.live_delivery import LiveDelivery
from app.topics.models import Subscribe, Topic
from app.topics.names import is_pattern, must_be_name, takes
from app.topics.permissions import must_be_reader
from app.topics.serializer import Shown, events_of, weight
from app.topics.subscriber import Subscriber

AT_MOST = 100


class Subscriptions:
    """The subscribers of this node, by connection."""

    def __init__(
        self,
        directory: Directory,
        history: TopicHistory,
        ephemeral: EphemeralTopics,
        delivery: LiveDelivery,
        log: Log,
    ) -> None:
        self._directory = directory
        self._history = history
        self._ephemeral = ephemeral
        self._delivery = delivery
        self._log = log
        self._by_connection: dict[Connection, Subscriber] = {}
        directory.created.listen(self._opened)

    def arrive(self, connection: Connection) -> None:
        """Begin without any subscription."""
        self._by_connection[connection] = Subscriber(connection, self._delivery.admits)

    def depart(self, connection: Connection) -> None:
        """End all subscriptions of the connection."""
        if subscriber := self._by_connection.pop(connection, None):
            subscriber.is_gone = True
            for name in list(subscriber.followed):
                self._delivery.end(subscriber, name)

    async def subscribe(self, connection: Connection, asked: Subscribe) -> Answer:
        """The sync answer; live batches follow once it is sent.

        Raises Invalid, Forbidden, Unavailable.
        """
        subscriber = self._of(connection)
        if is_pattern(asked.topic):
            must_be_reader(connection.caller)
            return await self._many(subscriber, asked)
        topic = await self._directory.readable(connection.caller, asked.topic, create=True)
        self._must_have_room(subscriber, topic.name not in subscriber.names)
        return await self._one(subscriber, topic, asked.cursor)

    def unsubscribe(self, connection: Connection, name: str) -> None:
        """End live batches; does nothing where it was not subscribed. Raises Invalid."""
        subscriber = self._of(connection)
        if is_pattern(name):
            subscriber.patterns.discard(name)
        else:
            subscriber.names.discard(must_be_name(name))
        for followed in [n for n in subscriber.followed if not subscriber.wants(n)]:
            self._delivery.end(subscriber, followed)

    def _of(self, connection: Connection) -> Subscriber:
        subscriber = self._by_connection.get(connection)
        if subscriber is None:
            raise Unavailable("The connection is not ready; please try again.", retry_after=1)
        return subscriber

    def _must_have_room(self, subscriber: Subscriber, is_new: bool) -> None:
        if subscriber.is_gone:
            raise Unavailable("The connection has ended.", retry_after=1)
        if is_new and subscriber.count >= AT_MOST:
            raise Invalid(
                f"A connection has at most {AT_MOST} subscriptions; end one, or use a pattern.",
                field="topic",
            )

    async def _one(self, subscriber: Subscriber, topic: Topic, cursor: int | None) -> Answer:
        with self._begun(subscriber, [topic]):
            subscriber.names.add(topic.name)
            answer, _ = await self._answer(topic, cursor)
        shown = {"topic": topic.name, **answer}
        if topic.ephemeral:
            return Answer(shown, stream=topic.stream, revoked=no_such_topic)
        release = partial(self._delivery.release, subscriber, topic.stream, answer["rev"])
        return Answer(shown, release, topic.stream, no_such_topic)

    @contextmanager
    def _begun(self, subscriber: Subscriber, topics: Sequence[Topic]) -> Iterator[None]:
        """Follow `topics` while the answer is made; a failure restores what was before."""
        names, patterns = set(subscriber.names), set(subscriber.patterns)
        followed = set(subscriber.followed)
        for topic in topics:
            self._delivery.begin(subscriber, topic)
        try:
            yield
        except BaseException:
            subscriber.names, subscriber.patterns = names, patterns
            for topic in topics:
                if topic.name not in followed:
                    self._delivery.end(subscriber, topic.name)
                elif self._delivery.is_waiting(subscriber, topic):
                    # It was live before, and stays live.
                    self._delivery.go_on(subscriber, topic.stream)
            raise

    async def _many(self, subscriber: Subscriber, asked: Subscribe) -> Answer:
        """Subscribe to all topics that a pattern matches, future ones too. A topic without a
        cursor begins with the next event."""
        if asked.cursor is not None:
            raise Invalid("A pattern takes `cursors`, by topic.", field="cursor")
        self._must_have_room(subscriber, asked.topic not in subscriber.patterns)
        topics = [
            topic
            for topic in self._directory.all()
            if takes(asked.topic, topic.name) and self._delivery.sees(subscriber, topic)
        ]
        with self._begun(subscriber, topics):
            subscriber.patterns.add(asked.topic)
            answers = await self._answers(topics, asked.cursors)
        durable = [topic for topic in topics if not topic.ephemeral]

        def release() -> None:
            for topic in durable:
                rev = answers[topic.name]["rev"]
                self._delivery.release(subscriber, topic.stream, rev)

        whole = {"pattern": asked.topic, "topics": answers, "rev": 0, "items": []}
        return Answer({**whole, "more": False, "reset": False}, release)

    async def _answers(self, topics: list[Topic], cursors: dict[str, int]) -> dict[str, Shown]:
        """An answer for each of `topics`; those that don't fit into one frame say `more`."""
        fresh = [t.stream for t in topics if not t.ephemeral and t.name not in cursors]
        heads = await self._log.heads(fresh) if fresh else {}
        answers, room = dict[str, Shown](), PORTION_BYTES
        for topic in topics:
            if topic.stream in heads:
                answers[topic.name] = _nothing(heads[topic.stream])
                continue
            cursor = cursors.get(topic.name, 0)
            if room >= 0:
                answer, items = await self._answer(topic, cursor)
                room -= sum(map(weight, items))
            # Once the frame is full, nothing more is read.
            answers[topic.name] = answer if room >= 0 else _nothing(cursor, more=True)
        return answers

    async def _answer(self, topic: Topic, cursor: int | None) -> tuple[Shown, list[Item]]:
        """The sync answer of a topic, with the newest value of an ephemeral one, and its events."""
        if topic.ephemeral:
            newest = self._ephemeral.newest(topic.name)
            items = [newest] if newest else []
            return _nothing(0) | {"items": events_of(items), "durable": False}, items
        served = await self._history.sync(topic, cursor)
        return served.shown(), served.page.items

    def _opened(self, topic: Topic) -> None:
        """Let subscribers whose pattern matches a new topic follow it from its first event."""
        for subscriber in list(self._by_connection.values()):
            if subscriber.takes(topic.name) and self._delivery.sees(subscriber, topic):
                self._delivery.begin(subscriber, topic)
                self._delivery.release(subscriber, topic.stream, 0)


def _nothing(rev: int, *, more: bool = False) -> Shown:
    return {"rev": rev, "items": [], "more": more, "reset": False}
