"""Who is writing at the moment. It ends by itself when nothing more is heard. No I/O."""

from collections.abc import Callable

EXPIRES_S = 6.0


class Typing:
    """Typing people by room."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: dict[str, dict[str, float]] = {}

    def start(self, room_id: str, user_id: str) -> bool:
        """This person types; whether that is news."""
        typing = self._until.setdefault(room_id, {})
        is_news = user_id not in typing
        typing[user_id] = self._clock() + EXPIRES_S
        return is_news

    def stop(self, room_id: str, user_id: str) -> bool:
        """This person stopped; whether that is news."""
        typing = self._until.get(room_id, {})
        is_news = typing.pop(user_id, None) is not None
        if not typing:
            self._until.pop(room_id, None)
        return is_news

    def stop_all(self, user_id: str) -> list[str]:
        """This person is gone; the rooms where that is news."""
        return [room_id for room_id in list(self._until) if self.stop(room_id, user_id)]

    def expire(self) -> list[str]:
        """Forget who was not heard of; the rooms where that is news."""
        now = self._clock()
        over = [
            (room_id, user_id)
            for room_id, typing in self._until.items()
            for user_id, until in typing.items()
            if until <= now
        ]
        return list({room_id for room_id, user_id in over if self.stop(room_id, user_id)})

    def among(self, room_id: str) -> list[str]:
        """Who types in this room."""
        return list(self._until.get(room_id, ()))
