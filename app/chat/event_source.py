"""Rooms as streams of Server-Sent Events. To follow one does not make a person a member."""

from app.accounts.models import User
from app.chat.access import Access
from app.chat.live_batches import LiveBatches
from app.chat.room_view import RoomView
from app.chat.serializer import LIVE
from app.chat.timeline import Timeline
from app.errors import Forbidden
from app.realtime.server_event import Event
from app.realtime.sse.channel import BatchListener, Payload
from app.realtime.sse.connection import SSEConnection
from app.streams.hub import Hub
from app.streams.models import Batch

SCOPE = "chat"


class RoomSources:
    """Opens the sources of event streams."""

    def __init__(self, access: Access, timeline: Timeline, hub: Hub, live: LiveBatches) -> None:
        self._access = access
        self._timeline = timeline
        self._hub = hub
        self._live = live

    async def open(self, stream: SSEConnection, name: str) -> "RoomSource":
        """The room with this id or slug. Raises NotFound, Forbidden."""
        if not stream.caller.may(SCOPE):
            raise Forbidden(f"This token may not use {SCOPE}.")
        user = stream.caller.user
        view = await self._access.readable(user, name)
        return RoomSource(user, view, self._timeline, self._hub, self._live)


class RoomSource:
    """One room for one event stream. Whether its reader may still read is checked with every batch:
    the room's view has applied it already."""

    name = "chat"

    def __init__(
        self,
        user: User,
        view: RoomView,
        timeline: Timeline,
        hub: Hub,
        live: LiveBatches,
    ) -> None:
        self._user = user
        self._view = view
        self._timeline = timeline
        self._hub = hub
        self._live = live
        self._was_member = view.has(user.id)
        self._listener: BatchListener | None = None

    @property
    def key(self) -> str:
        return f"chat:{self._view.room.id}"

    @property
    def farewell(self) -> Event:
        return Event("room:removed", {"room": self._view.room.id})

    async def follow(self, taker: BatchListener) -> int:
        self._listener = taker
        return await self._hub.join(self._view.room.stream, self)

    def deliver(self, batch: Batch) -> None:
        """Pass on a live batch, or end with access."""
        if self._listener is None:
            return
        if not self._may_read():
            self._listener.lose(self.farewell)
            return
        for event in batch.encoded(LIVE, self._live.events):
            self._listener.take(event)

    def _may_read(self) -> bool:
        is_member = self._view.has(self._user.id)
        # A person who is removed from an open room has to open it again.
        is_out = self._was_member and not is_member
        self._was_member = is_member
        return not is_out and (is_member or self._view.room.kind == "open")

    async def since(self, cursor: int) -> Payload:
        answer = await self._timeline.sync(self._user, self._view, cursor)
        kept = {name: answer[name] for name in ("more", "reset", "older") if answer[name]}
        # A snapshot continues nothing.
        prev = 0 if answer["reset"] else cursor
        head = {"room": self._view.room.id, "prev": prev, "rev": answer["rev"]}
        return {**head, "items": answer["items"], **kept}

    def leave(self) -> None:
        self._hub.unfollow(self._view.room.stream, self)
