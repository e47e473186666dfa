"""The connections that passing events of a room go to."""

from collections.abc import Iterable

from app.chat.room_view import RoomView
from app.chat.subscribers import Subscriber, Subscribers
from app.loop_pacing import Pace
from app.realtime.server_event import Event
from app.streams.hub import Hub

SUBSCRIBERS_PER_TURN = 200


class Audience:
    """Finds those who have a room open, and tells them in as many turns of the loop as it takes."""

    def __init__(self, hub: Hub, subscribers: Subscribers) -> None:
        self._hub = hub
        self._subscribers = subscribers
        self.pace = Pace(at_once=SUBSCRIBERS_PER_TURN)

    def of(self, view: RoomView) -> list[Subscriber]:
        """Those who have the room open."""
        followers = self._hub.followers(view.room.stream)
        return [follower for follower in followers if isinstance(follower, Subscriber)]

    def of_presence(self, view: RoomView) -> list[Subscriber]:
        """Those who see presence: all who have the room open; of a direct room both people, whose
        lists show it."""
        if view.room.kind == "direct":
            return [r for user_id in view.members for r in self._subscribers.of(user_id)]
        return self.of(view)

    async def tell(self, view: RoomView, to: Iterable[Subscriber], event: Event) -> None:
        """Send an event to those of these who are still in the room."""
        for subscriber in to:
            await self.pace.turn()
            if view.has(subscriber.connection.user_id) and not subscriber.is_gone:
                subscriber.tell(event)

    async def tell_room(self, view: RoomView, name: str, payload: dict[str, object]) -> None:
        """Send an event to all who have the room open."""
        await self.tell(view, self.of(view), Event(name, payload, stream=view.room.id))
