"""The people who are writing at the moment, by room; each for six seconds after the last sign."""

from collections.abc import Callable

EXPIRES_S = 6.0


class Typing:
    """`changed` collects the ids of rooms in which somebody began or stopped to write."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: dict[str, dict[str, float]] = {}
        self.changed: set[str] = set()

    def start(self, room_id: str, user_id: str) -> None:
        """This person writes in this room, for six seconds from now."""
        people = self._until.setdefault(room_id, {})
        if user_id not in people:
            self.changed.add(room_id)
        people[user_id] = self._clock() + EXPIRES_S

    def stop(self, room_id: str, user_id: str) -> None:
        """This person does not write in this room any more."""
        people = self._until.get(room_id, {})
        if people.pop(user_id, None) is not None:
            self.changed.add(room_id)
        if not people:
            self._until.pop(room_id, None)

    def stop_all(self, user_id: str) -> None:
        """This person writes nowhere any more."""
        for room_id in list(self._until):
            self.stop(room_id, user_id)

    def take_changed(self) -> set[str]:
        """The rooms in which somebody began or stopped to write since the last call."""
        now = self._clock()
        expired = [
            (room_id, user_id)
            for room_id, people in self._until.items()
            for user_id, until in people.items()
            if until <= now
        ]
        for room_id, user_id in expired:
            self.stop(room_id, user_id)
        changed, self.changed = self.changed, set()
        return changed

    def among(self, room_id: str) -> list[str]:
        """The ids of those who write in this room."""
        return list(self._until.get(room_id, ()))
