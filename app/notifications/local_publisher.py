"""Publishes every new notification on the local topic `notifications:<user_id>`.

It takes the batches of inboxes, so it hears of every notification that this process commits.
"""

from app.notifications.models import SERVICE, owner_of
from app.notifications.serializer import Serializer
from app.streams.local_events import LocalEvents
from app.streams.models import Batch


class LocalPublisher:
    """`publish` is called with each batch of an inbox that this process has committed."""

    def __init__(self, topics: LocalEvents, serializer: Serializer) -> None:
        self._topics = topics
        self._serializer = serializer

    def publish(self, batch: Batch) -> None:
        """Publish the new notifications of `batch`, where somebody subscribes to them.

        The topic EVERYONE has the notifications of all people, for Web Push.
        """
        own = topic_of(owner_of(batch.stream))
        topics = [t for t in (own, EVERYONE) if self._topics.has_subscribers(t)]
        for item in batch.items if topics else ():
            if item.seq > batch.prev and not item.deleted:
                for topic in topics:
                    self._topics.publish(topic, self._serializer.notification(item), SERVICE)


EVERYONE = "notifications"


def topic_of(user_id: str) -> str:
    """The topic of one person's notifications."""
    return f"notifications:{user_id}"
