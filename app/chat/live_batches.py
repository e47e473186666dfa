"""The live events of rooms. In a large one changes of old messages, as by reactions, are gathered.

Each change of a message goes to all who follow the room. When all of them react to one message,
that would be the square of the room; gathered, it is as much for each of them as in a small one.
"""

from app.chat.large_rooms import Pauses
from app.chat.room_views import RoomViews
from app.chat.serializer import LIVE, Serializer
from app.realtime.server_event import Event
from app.streams.hub import Hub, tell
from app.streams.models import Batch, Item


class Gathered:
    """Batches of one stream that are told as one, each with the list of its own events.

    These lists are empty at first. Once the batch of all was told they are filled, for those who
    were joining at that moment and get what they missed of the stream batch by batch.
    """

    def __init__(self) -> None:
        self.batches: list[tuple[Batch, list[Event]]] = []

    def take(self, batch: Batch) -> list[Event]:
        """Take one more; its events, which are empty for now."""
        later: list[Event] = []
        self.batches.append((batch, later))
        return later

    def all(self, *more: Batch) -> Batch:
        """One batch that stands for these and `more`."""
        batches = [*(batch for batch, _ in self.batches), *more]
        newest: dict[str, Item] = {item.id: item for each in batches for item in each.items}
        items = sorted(newest.values(), key=lambda item: item.rev)
        return Batch(batches[0].stream, batches[0].prev, batches[-1].rev, items)


class LiveBatches:
    """Encodes batches for those who follow rooms, on each transport."""

    def __init__(self, views: RoomViews, hub: Hub, serializer: Serializer, pauses: Pauses) -> None:
        self._views = views
        self._hub = hub
        self._serializer = serializer
        self._pauses = pauses
        self._gathered: dict[str, Gathered] = {}

    def events(self, batch: Batch) -> list[Event]:
        """The events of a batch, for `Batch.encoded`: made once for all who follow."""
        view = self._views.of_stream(batch.stream)
        if view is None or not view.is_large or not batch.items:
            return self._serializer.events(batch)
        if changes_only(batch) and not self._pauses.begin(view.room.id, len(view.members)):
            return self._gathered.setdefault(batch.stream, Gathered()).take(batch)
        gathered = self._gathered.pop(batch.stream, None)
        if gathered is None:
            return self._serializer.events(batch)
        self._settle(gathered)
        return self._serializer.events(gathered.all(batch))

    async def tell(self) -> None:
        """Tell the rooms whose pause is over what was gathered meanwhile."""
        for stream in list(self._gathered):
            view = self._views.of_stream(stream)
            if view is None or self._pauses.begin(view.room.id, len(view.members)):
                gathered = self._gathered.pop(stream)
                batch = gathered.all()
                batch.encoded(LIVE, self._serializer.events)
                for follower in self._hub.followers(stream):
                    tell(follower, batch)
                self._settle(gathered)

    def _settle(self, gathered: Gathered) -> None:
        for batch, later in gathered.batches:
            later.extend(self._serializer.events(batch))


def changes_only(batch: Batch) -> bool:
    """Whether a batch only changes items that were there before."""
    return all(item.rev != item.seq for item in batch.items)
