"""The table of client events of topics: each decodes its struct, calls one service, answers."""

from collections.abc import Mapping
from typing import Any

from app.realtime.connections import Connection
from app.realtime.dispatch import Answer, ClientEvent, ClientEvents
from app.realtime.namespace import MessageType
from app.streams.page_reads import PageReads
from app.topics.directory import Directory
from app.topics.history import TopicHistory
from app.topics.models import Create, OfTopic, Publish, Subscribe, Update
from app.topics.publisher import Publisher
from app.topics.serializer import topic_of
from app.topics.subscriptions import Subscriptions

Payload = Mapping[str, Any]


class TopicEvents:
    """The handlers of the namespace `/topics`."""

    def __init__(
        self,
        directory: Directory,
        history: TopicHistory,
        publisher: Publisher,
        subscriptions: Subscriptions,
        reads: PageReads,
    ) -> None:
        self._directory = directory
        self._history = history
        self._publisher = publisher
        self._subscriptions = subscriptions
        self._reads = reads

    async def arrive(self, connection: Connection) -> None:
        """Begin without subscriptions."""
        self._subscriptions.arrive(connection)

    async def depart(self, connection: Connection) -> None:
        """End all subscriptions of the connection."""
        self._subscriptions.depart(connection)

    async def subscribe(self, connection: Connection, request: Subscribe) -> Answer:
        """A sync answer, then live `events`; without a cursor the newest 100. An unknown topic is
        created. Ask again with the cursor while there is `more`, and after a gap. For a pattern:
        `{ok, pattern, topics: {name: sync answer}}`, where a topic that did not fit says `more`;
        it is asked by its name.
        """
        async with self._reads.hold(connection.user_id):
            return await self._subscriptions.subscribe(connection, request)

    async def unsubscribe(self, connection: Connection, request: OfTopic) -> None:
        """No more live events of a topic or a pattern on this connection."""
        self._subscriptions.unsubscribe(connection, request.topic)

    async def publish(self, connection: Connection, request: Publish) -> Payload:
        """`{ok, id, seq, rev}` once the event is on disk, the same for a repeat of `client_id`; in
        an ephemeral topic `{ok, durable: false, id}`.
        """
        done = await self._publisher.publish(connection.caller, request)
        if not done.is_durable:
            return {"durable": False, "id": done.item.id}
        return {"id": done.item.id, "seq": done.item.seq, "rev": done.item.rev}

    async def create(self, connection: Connection, request: Create) -> Payload:
        """Make a topic: `{ok, topic, created}`. One that is there already with other settings is a
        `conflict`.
        """
        topic, is_new = await self._directory.create(connection.caller, request)
        return {"topic": topic_of(topic, self._history.count(topic)), "created": is_new}

    async def update(self, connection: Connection, request: Update) -> Payload:
        """Change what a topic keeps, or who may read or publish: `{ok, topic}`. By admins; what is
        not named stays. Subscribers who may not read it any more hear nothing more; those who may
        now subscribe again, also with a pattern.
        """
        topic = await self._directory.update(connection.caller, request.topic, request)
        return {"topic": topic_of(topic, self._history.count(topic))}

    async def delete(self, connection: Connection, request: OfTopic) -> None:
        """Delete a topic with its events, by admins. Publishing in it creates it again."""
        await self._directory.delete(connection.caller, request.topic)


# The docstring of each is its line in docs/PROTOCOL.md.
# The names of server events on `/ws`, where they are others than on Socket.IO.
MESSAGE_TYPES = {"events": MessageType("topic")}

EVENTS: ClientEvents = {
    "subscribe": ClientEvent(Subscribe, TopicEvents.subscribe),
    "unsubscribe": ClientEvent(OfTopic, TopicEvents.unsubscribe),
    "publish": ClientEvent(Publish, TopicEvents.publish, has_own_limit=True),
    "create": ClientEvent(Create, TopicEvents.create),
    "update": ClientEvent(Update, TopicEvents.update),
    "delete": ClientEvent(OfTopic, TopicEvents.delete),
}
