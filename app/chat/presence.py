"""Who is here: a person's state is the most present of their connections'. No I/O."""

from app.chat.altered import Altered
from app.realtime.connections import Connection

ORDER = ("offline", "away", "idle", "online")


class Presence:
    """The state of everyone with a connection on this node. `altered` knows whose has changed."""

    def __init__(self) -> None:
        self.altered = Altered()
        self._states: dict[str, dict[Connection, str]] = {}

    def of(self, user_id: str) -> str:
        """`online`, `idle`, `away` or `offline`."""
        return max(self._states.get(user_id, {}).values(), key=ORDER.index, default="offline")

    def set(self, connection: Connection, state: str) -> bool:
        """This connection's state; whether the person's state changed by it."""
        before = self.of(connection.user_id)
        self._states.setdefault(connection.user_id, {})[connection] = state
        return self._is_news(connection.user_id, before)

    def leave(self, connection: Connection) -> bool:
        """The connection is gone; whether the person's state changed by it."""
        before = self.of(connection.user_id)
        mine = self._states.get(connection.user_id, {})
        mine.pop(connection, None)
        if not mine:
            self._states.pop(connection.user_id, None)
        return self._is_news(connection.user_id, before)

    def _is_news(self, user_id: str, before: str) -> bool:
        is_news = self.of(user_id) != before
        if is_news:
            self.altered.note(user_id)
        return is_news
