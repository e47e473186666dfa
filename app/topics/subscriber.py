"""One connection's subscriptions: the topics and patterns it asked for, and what reaches it."""

from collections.abc import Callable

from app.realtime.connections import Connection
from app.realtime.events import Event
from app.streams.models import Batch
from app.topics.models import name_of
from app.topics.names import takes
from app.topics.serializer import live


class Subscriber:
    """Follows streams and ephemeral topics. `admits` is asked before each delivery: a right can
    end while somebody is subscribed."""

    def __init__(self, connection: Connection, admits: Callable[["Subscriber", str], bool]) -> None:
        self.connection = connection
        self._admits = admits
        self.names: set[str] = set()
        self.patterns: set[str] = set()
        self.followed: set[str] = set()
        self.is_gone = False

    @property
    def count(self) -> int:
        """How many subscriptions these are."""
        return len(self.names) + len(self.patterns)

    def wants(self, name: str) -> bool:
        """Whether one of the subscriptions takes the topic `name`."""
        return name in self.names or self.takes(name)

    def takes(self, name: str) -> bool:
        """Whether one of the patterns takes it."""
        return any(takes(pattern, name) for pattern in self.patterns)

    def deliver(self, batch: Batch) -> None:
        """A live batch of a topic."""
        if self._admits(self, name_of(batch.stream)):
            for event in live(batch):
                self.connection.send(event)

    def hear(self, topic: str, event: Event) -> None:
        """An event of an ephemeral topic."""
        if self._admits(self, topic):
            self.connection.send(event)
