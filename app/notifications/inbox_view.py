"""One person's inbox, live: sends each batch to all of their connections with the unread count.

Head and count are read at one instant, and batches are sent up to exactly that head. So `unread`
always belongs to `rev`, also while others send and the person reads on another device.
"""

import asyncio

import structlog

from app.notifications.inbox import SNAPSHOT_ITEMS, Inbox
from app.notifications.models import State, inbox_of
from app.notifications.pending_batches import PendingBatches
from app.notifications.serializer import Serializer, size
from app.realtime.connections import Connection
from app.realtime.server_event import Event
from app.storage.background import next_news
from app.storage.errors import DatabaseError
from app.streams.hub import Hub
from app.streams.models import Batch
from app.streams.portions import nearest, parts

RETRY_S = 0.25
LOOK_AGAIN_S = 1.0

logger = structlog.get_logger("inbox")

Arrival = asyncio.Future[None]


class InboxView:
    """Follows the stream while a device is connected. The maker runs `run` as a task."""

    def __init__(self, user_id: str, inbox: Inbox, hub: Hub, serializer: Serializer) -> None:
        self.user_id = user_id
        self.stream = inbox_of(user_id)
        self._inbox = inbox
        self._hub = hub
        self._serializer = serializer
        self._connected: dict[Connection, None] = {}
        self._arriving: dict[Connection, Arrival] = {}
        self._pending = PendingBatches()
        self._news = asyncio.Event()

    @property
    def is_empty(self) -> bool:
        """Whether no device is connected any more."""
        return not (self._connected or self._arriving)

    def attach(self, connection: Connection) -> Arrival:
        """Add a device; the future is done when its inbox was sent to it."""
        arrival: Arrival = asyncio.get_running_loop().create_future()
        self._arriving[connection] = arrival
        self._news.set()
        return arrival

    def detach(self, connection: Connection) -> None:
        """Remove a device."""
        self._connected.pop(connection, None)
        arrival = self._arriving.pop(connection, None)
        if arrival is not None:
            arrival.cancel()

    def tell(self, event: Event) -> None:
        """Send `event` to every device that was sent its inbox."""
        for connection in list(self._connected):
            connection.send(event)

    def deliver(self, batch: Batch) -> None:
        """Take the next batch of the stream."""
        self._pending.add(batch)
        self._news.set()

    async def run(self) -> None:
        """Send batches until cancelled. An outage of the database delays them and loses none."""
        while True:
            try:
                await self._follow()
                while True:
                    # Batches wait for their count only a moment.
                    await next_news(self._news, LOOK_AGAIN_S if self._pending else None)
                    await self._round()
            except DatabaseError as error:
                logger.warning("an inbox waits", reason=type(error).__name__)
                self._refuse_arriving(error)
                await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        """Follow before anything is read, so that nothing is missed in between."""
        self._pending = PendingBatches()
        await self._hub.join(self.stream, self)
        self._news.set()

    def _refuse_arriving(self, error: Exception) -> None:
        """Raise `error` for the devices that wait; they connect again by themselves."""
        arriving, self._arriving = self._arriving, {}
        for arrival in arriving.values():
            if not arrival.done():
                arrival.set_exception(error)

    async def _round(self) -> None:
        arriving = list(self._arriving)
        state = await self._inbox.state(self.user_id, SNAPSHOT_ITEMS if arriving else 0)
        await self._reach(state.rev)
        if (batch := self._pending.take(state.rev)) is not None:
            for part in parts(batch, size):
                self.tell(self._event(part, state))
        self._welcome(arriving, state)
        if self._pending or self._arriving:
            self._news.set()

    async def _reach(self, rev: int) -> None:
        """Wait until the batch that ends at `rev` is delivered: it may be committed already."""
        self._hub.seen(self.stream, rev)
        try:
            async with asyncio.timeout(LOOK_AGAIN_S):
                while self._pending and self._pending.rev < rev:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            self._news.set()

    def _welcome(self, arriving: list[Connection], state: State) -> None:
        items = self._serializer.all(nearest(state.items, size, is_forward=False))
        event = Event("inbox", {"unread": state.unread, "rev": state.rev, "items": items})
        for connection in arriving:
            arrival = self._arriving.pop(connection, None)
            if arrival is not None:
                connection.send(event)
                self._connected[connection] = None
                arrival.set_result(None)

    def _event(self, batch: Batch, state: State) -> Event:
        payload = {
            "prev": batch.prev,
            "rev": batch.rev,
            "unread": state.unread,
            "items": self._serializer.all(batch.items),
        }
        return Event("notifications", payload)
