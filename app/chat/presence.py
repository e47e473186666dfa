"""Presence: a person is as present as the most present of their connections. No I/O."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Protocol

from app.chat.profile_changes import ProfileChanges
from app.realtime.connections import Connection

# From the least to the most present.
ORDER = ("offline", "away", "idle", "online")
PLACES = {state: place for place, state in enumerate(ORDER)}
OFFLINE = PLACES["offline"]
ONLINE = PLACES["online"]


class OtherNodes(Protocol):
    """The people of the other nodes: `app.nodes.remote_presence.RemotePresence`.

    A value is a state, and after it the ids of the rooms that the person has in front of them
    there: `online ROOM`. A node of another version may tell states that this one does not know.
    """

    def of(self, user_id: str) -> tuple[str, ...]:
        """The values of a person, one for each node that they are connected to."""

    def among(self, user_ids: AbstractSet[str]) -> AbstractSet[str]:
        """Those of `user_ids` who are connected to another node."""


class NoOtherNodes:
    """This node is the only one."""

    def of(self, _: str) -> tuple[str, ...]:
        return ()

    def among(self, _: AbstractSet[str]) -> AbstractSet[str]:
        return frozenset()


class Presence:
    """The states of those with a connection here or on another node.

    `changes` remembers whose state changed.
    """

    def __init__(self, others: OtherNodes | None = None) -> None:
        self.changes = ProfileChanges()
        self._others = NoOtherNodes() if others is None else others
        self._states: dict[Connection, str] = {}
        # How many connections of a person are in each state, by its place in ORDER: a person with
        # thousands of connections costs no more than others.
        self._counts: dict[str, list[int]] = {}

    def of(self, user_id: str) -> str:
        """`online`, `idle`, `away` or `offline`."""
        return ORDER[max(self._here(user_id), _place(self._others.of(user_id)))]

    def here(self, user_id: str) -> str:
        """The same by this node's connections alone."""
        return ORDER[self._here(user_id)]

    def _here(self, user_id: str) -> int:
        counts = self._counts.get(user_id)
        if counts is None:
            return OFFLINE
        return next(place for place in range(ONLINE, -1, -1) if counts[place])

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

    def changed_elsewhere(self, before: Mapping[str, tuple[str, ...]]) -> list[str]:
        """Take in what other nodes have told of these people, whose values there were `before`.

        Returns the ids of those whose state has changed by it.
        """
        changed = []
        for user_id, values in before.items():
            now = self._others.of(user_id)
            here = self._here(user_id)
            if max(here, _place(values)) != max(here, _place(now)):
                self.changes.note(user_id)
                changed.append(user_id)
        return changed

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


def told(state: str, rooms: Iterable[str]) -> str:
    """The value that other nodes are told of a person."""
    return " ".join((state, *rooms))


def rooms_in(values: Iterable[str]) -> set[str]:
    """The rooms in such values."""
    return {room_id for value in values for room_id in value.split(" ")[1:]}


def _place(values: tuple[str, ...]) -> int:
    if not values:
        return OFFLINE
    return max(PLACES.get(value.partition(" ")[0], ONLINE) for value in values)
