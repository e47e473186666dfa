"""Shows people on other nodes the rooms that they have come into.

A node hears of a room's changes while it has the room in memory. A new member may be connected to
a node that has not, so the nodes of that person are told by name.
"""

from msgspec import Struct

from app.bus.bus import Bus
from app.chat.ephemeral_events import EphemeralEvents
from app.chat.own_devices import topic_of
from app.chat.room_view import RoomView
from app.chat.room_views import RoomViews
from app.chat.subscribers import Subscribers
from app.errors import ParleyError
from app.storage.errors import DatabaseError
from app.telemetry.tasks import Tasks

KIND = "joined"


class Joined(Struct, frozen=True):
    """This person is in this room now."""

    user: str
    room: str


class RemoteJoins:
    """Each node with the room in memory tells; a node shows a room once."""

    def __init__(
        self,
        bus: Bus,
        views: RoomViews,
        subscribers: Subscribers,
        ephemeral: EphemeralEvents,
        tasks: Tasks,
    ) -> None:
        self._bus = bus
        self._views = views
        self._subscribers = subscribers
        self._ephemeral = ephemeral
        self._tasks = tasks
        bus.listen(KIND, Joined, self._heard)
        ephemeral.added.listen(self._share)

    def _share(self, added: tuple[RoomView, str]) -> None:
        view, user_id = added
        self._bus.publish(topic_of(user_id), KIND, Joined(user_id, view.room.id))

    def _heard(self, _topic: str, joined: Joined) -> None:
        if any(joined.room not in s.listed for s in self._subscribers.of(joined.user)):
            self._tasks.spawn(self._show(joined), "remote join")

    async def _show(self, joined: Joined) -> None:
        try:
            view = await self._views.get(joined.room)
            if not view.has(joined.user):
                await self._views.catch_up(view)
        except (DatabaseError, ParleyError):
            return  # The next list of rooms has it.
        if view.has(joined.user):
            self._ephemeral.show_room(view, joined.user)
