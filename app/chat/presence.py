"""Presence: a person is as present as the most present of their connections. No I/O."""

from app.chat.profile_changes import ProfileChanges
from app.realtime.connections import Connection

# From the least to the most present.
ORDER = ("offline", "away", "idle", "online")
PLACES = {state: place for place, state in enumerate(ORDER)}


class Presence:
    """The states of those with a connection on this node; `changes` remembers whose changed."""

    def __init__(self) -> None:
        self.changes = ProfileChanges()
        self._states: dict[Connection, str] = {}
        # How many connections of a person are in each state, by its place in ORDER: a person with
        # thousands of connections costs no more than others.
        self._counts: dict[str, list[int]] = {}

    def of(self, user_id: str) -> str:
        """`online`, `idle`, `away` or `offline`."""
        counts = self._counts.get(user_id)
        if counts is None:
            return "offline"
        return next(state for state in reversed(ORDER) if counts[PLACES[state]])

    def set(self, connection: Connection, state: str) -> bool:
        """Set the state of a connection; returns whether the person's state changed by it."""
        before = self.of(connection.user_id)
        self._forget(connection)
        self._states[connection] = state
        counts = self._counts.setdefault(connection.user_id, [0] * len(ORDER))
        counts[PLACES[state]] += 1
        return self._is_news(connection.user_id, before)

    def leave(self, connection: Connection) -> bool:
        """Forget a connection; returns whether the person's state changed by it."""
        before = self.of(connection.user_id)
        self._forget(connection)
        return self._is_news(connection.user_id, before)

    def _forget(self, connection: Connection) -> None:
        state = self._states.pop(connection, None)
        if state is None:
            return
        counts = self._counts[connection.user_id]
        counts[PLACES[state]] -= 1
        if not any(counts):
            del self._counts[connection.user_id]

    def _is_news(self, user_id: str, before: str) -> bool:
        is_news = self.of(user_id) != before
        if is_news:
            self.changes.note(user_id)
        return is_news
