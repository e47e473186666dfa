"""Follows topics for subscribers, and ends that when they leave or lose the right."""

from collections.abc import Callable

from app.accounts.models import User
from app.streams.hub import Hub
from app.streams.models import Batch
from app.topics.directory import Directory
from app.topics.ephemeral import EphemeralTopics
from app.topics.models import Topic, stream_of
from app.topics.permissions import can_see
from app.topics.subscriber import Subscriber


class LiveDelivery:
    """`known` returns the cached user of an id."""

    def __init__(
        self,
        directory: Directory,
        ephemeral: EphemeralTopics,
        hub: Hub,
        known: Callable[[str], User | None],
    ) -> None:
        self._directory = directory
        self._ephemeral = ephemeral
        self._hub = hub
        self._known = known

    def count(self, topic: Topic) -> int:
        """The number of subscribers that get `topic` live on this node."""
        if topic.ephemeral:
            return self._ephemeral.count(topic.name)
        return len(self._hub.followers(topic.stream))

    def begin(self, subscriber: Subscriber, topic: Topic) -> None:
        """Follow `topic`; the batches of a durable one are held until `release`."""
        subscriber.followed.add(topic.name)
        if topic.ephemeral:
            self._ephemeral.follow(topic.name, subscriber)
        else:
            self._hub.follow(topic.stream, subscriber)

    def release(self, subscriber: Subscriber, stream: str, rev: int) -> None:
        """Deliver batches to a subscriber whose answer went up to `rev`."""
        if not self._hub.is_held(stream, subscriber):
            return  # It unsubscribed, or left, while it was being answered.
        if not self._hub.release(stream, subscriber, rev):
            self.go_on(subscriber, stream)

    def is_waiting(self, subscriber: Subscriber, topic: Topic) -> bool:
        """Whether batches of `topic` are held for this subscriber."""
        return self._hub.is_held(topic.stream, subscriber)

    def go_on(self, subscriber: Subscriber, stream: str) -> None:
        """Deliver batches from now on. An empty batch first shows the client the gap before them,
        so that it asks again with its cursor."""
        while not self._hub.release(stream, subscriber, self._hub.position(stream)):
            pass  # A failed release drops the held batches; the next one succeeds.
        position = self._hub.position(stream)
        subscriber.deliver(Batch(stream, position, position, []))

    def end(self, subscriber: Subscriber, name: str) -> None:
        """Deliver nothing more of the topic `name`, and drop what waits to be written."""
        if name in subscriber.followed:
            subscriber.followed.discard(name)
            self._ephemeral.unfollow(name, subscriber)
            self._hub.unfollow(stream_of(name), subscriber)
            subscriber.connection.drop(stream_of(name))

    def sees(self, subscriber: Subscriber, topic: Topic) -> bool:
        """Whether this subscriber's user may read `topic` now."""
        connection = subscriber.connection
        return can_see(self._known(connection.user_id) or connection.caller.user, topic)

    def admits(self, subscriber: Subscriber, name: str) -> bool:
        """Whether the subscriber may get events of the topic `name`; if not, stops following it."""
        topic = self._directory.known(name)
        if topic is None or self.sees(subscriber, topic):
            return True
        subscriber.names.discard(name)
        self.end(subscriber, name)
        return False
