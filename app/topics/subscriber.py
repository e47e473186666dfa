"""One connection's subscriptions: its topics and patterns, and the delivery of their events."""

from collections.abc import Callable

from app.realtime.connections import Connection
from app.realtime.server_event import Event
from app.streams.models import Batch
from app.topics.models import name_of
from app.topics.names import takes
from app.topics.serializer import live


class Subscriber:
    """Follows streams and ephemeral topics. `admits` is asked before each delivery, because a
    right can end during a subscription."""

    def __init__(self, connection: Connection, admits: Callable[["Subscriber", str], bool]) -> None:
        self.connection = connection
        self._admits = admits
        self.names: set[str] = set()
        self.patterns: set[str] = set()
        self.followed: set[str] = set()
        self.is_gone = False

    @property
    def count(self) -> int:
        """The number of subscriptions."""
        return len(self.names) + len(self.patterns)

    def wants(self, name: str) -> bool:
        """Whether one of the subscriptions matches the topic `name`."""
        return name in self.names or self.takes(name)

    def takes(self, name: str) -> bool:
        """Whether one of the patterns matches it."""
        return any(takes(pattern, name) for pattern in self.patterns)

    def deliver(self, batch: Batch) -> None:
        """Send a live batch of a durable topic."""
        if self._admits(self, name_of(batch.stream)):
            for event in live(batch):
                self.connection.send(event)

    def hear(self, topic: str, event: Event) -> None:
        """Send an event of an ephemeral topic."""
        if self._admits(self, topic):
            self.connection.send(event)
