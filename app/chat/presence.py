"""Who is here: a person's state is the most present of their connections'. No I/O."""

from app.realtime.connections import Connection

ORDER = ("offline", "away", "idle", "online")


class Presence:
    """The state of everyone with a connection on this node."""

    def __init__(self) -> None:
        self._states: dict[str, dict[Connection, str]] = {}

    def of(self, user_id: str) -> str:
        """`online`, `idle`, `away` or `offline`."""
        return max(self._states.get(user_id, {}).values(), key=ORDER.index, default="offline")

    def set(self, connection: Connection, state: str) -> bool:
        """This connection's state; whether the person's state changed by it."""
        before = self.of(connection.user_id)
        self._states.setdefault(connection.user_id, {})[connection] = state
        return self.of(connection.user_id) != before

    def leave(self, connection: Connection) -> bool:
        """The connection is gone; whether the person's state changed by it."""
        before = self.of(connection.user_id)
        mine = self._states.get(connection.user_id, {})
        mine.pop(connection, None)
        if not mine:
            self._states.pop(connection.user_id, None)
        return self.of(connection.user_id) != before
