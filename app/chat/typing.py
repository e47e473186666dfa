"""The people who are writing at the moment, by room; each for six seconds after the last sign."""

from collections.abc import Callable

from app.signals import Signal

EXPIRES_S = 6.0


class Typing:
    """`changed` collects the ids of rooms in which somebody began or stopped to write.

    The signal `changed_here` tells `(room, person, whether they write)` of what is said on this
    node, for the others.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: dict[str, dict[str, float]] = {}
        self._here: set[tuple[str, str]] = set()
        self.changed: set[str] = set()
        self.changed_here: Signal[tuple[str, str, bool]] = Signal("typing")

    def start(self, room_id: str, user_id: str) -> None:
        """This person writes in this room, for six seconds from now."""
        self.note(room_id, user_id, is_on=True)
        self._here.add((room_id, user_id))
        self.changed_here.tell((room_id, user_id, True))

    def stop(self, room_id: str, user_id: str) -> None:
        """This person does not write in this room any more."""
        if user_id in self._until.get(room_id, ()):
            self.note(room_id, user_id, is_on=False)
            self.changed_here.tell((room_id, user_id, False))

    def note(self, room_id: str, user_id: str, *, is_on: bool) -> None:
        """Note what was said, here or on another node."""
        if not is_on:
            self._end(room_id, user_id)
            return
        people = self._until.setdefault(room_id, {})
        if user_id not in people:
            self.changed.add(room_id)
        people[user_id] = self._clock() + EXPIRES_S

    def _end(self, room_id: str, user_id: str) -> None:
        self._here.discard((room_id, user_id))
        people = self._until.get(room_id, {})
        if people.pop(user_id, None) is not None:
            self.changed.add(room_id)
        if not people:
            self._until.pop(room_id, None)

    def stop_all(self, user_id: str) -> None:
        """This person writes nowhere any more, as far as this node was told."""
        for room_id in [room for room, user in self._here if user == user_id]:
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
            self._end(room_id, user_id)
        changed, self.changed = self.changed, set()
        return changed

    def among(self, room_id: str) -> list[str]:
        """The ids of those who write in this room."""
        return list(self._until.get(room_id, ()))
