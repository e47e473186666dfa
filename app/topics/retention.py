"""Deletes events that topics no longer serve.

Each round first deletes below the floors that have stood for a while, then raises new ones.
"""

from datetime import timedelta

from app.storage.background import every
from app.streams.log import Log
from app.streams.retention_floors import Floors
from app.times import Clock
from app.topics.directory import Directory
from app.topics.history import TopicHistory
from app.topics.models import Keep, Topic, stream_of

# Longer than GRACE: raising a floor again restarts its grace.
EVERY_S = 660.0
GRACE = timedelta(minutes=10)
STREAMS_A_ROUND = 10_000


class Retention:
    """The retention of topics. A repeated `client_id` is recognised while its event is kept."""

    def __init__(
        self,
        directory: Directory,
        history: TopicHistory,
        floors: Floors,
        log: Log,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._history = history
        self._floors = floors
        self._log = log
        self._clock = clock
        self._raised: dict[str, tuple[int, Keep]] = {}

    async def run(self) -> None:
        """Run a round every EVERY_S, for ever."""
        await every(EVERY_S, self.round, "retention")

    async def round(self) -> None:
        """Delete what is due, then raise the floors to where serving begins now."""
        await self.delete()
        await self.raise_floors()

    async def raise_floors(self) -> None:
        """Refuse the cursors that the next deletion will leave without an answer."""
        topics = [topic for topic in self._directory.all() if not topic.ephemeral]
        if not topics:
            return
        heads = await self._log.heads(topic.stream for topic in topics)
        before, self._raised = self._raised, {}
        for topic in topics:
            head = heads[topic.stream]
            state = head, topic.keep
            if topic.keep.age_s is not None or before.get(topic.name) != state:
                await self._raise(topic, head)
            self._raised[topic.name] = state

    async def _raise(self, topic: Topic, head: int) -> None:
        # The head stays, so that its rev is never claimed again.
        floor = min(await self._history.start(topic, head, 0), head - 1)
        if floor > 0:
            await self._floors.raise_to(topic.stream, floor, self._clock())

    async def delete(self) -> None:
        """Delete below the floors that were raised more than GRACE ago."""
        due = await self._floors.due(stream_of(""), self._clock() - GRACE, STREAMS_A_ROUND)
        for stream, floor in due.items():
            await self._floors.delete_below(stream, floor, {})
