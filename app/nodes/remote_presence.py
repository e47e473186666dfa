"""The presence of people on the other nodes, as these have told it. No I/O."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from app.signals import Signal

# The values that a person had on other nodes, before a change.
Before = Mapping[str, tuple[str, ...]]


class RemotePresence:
    """A value for each person and node. `changed` tells of the people whose values have changed,
    with those that they had before."""

    def __init__(self) -> None:
        self.changed: Signal[Before] = Signal("people of other nodes")
        self._nodes: dict[str, dict[str, str]] = {}

    def __len__(self) -> int:
        """The entries of all nodes."""
        return sum(map(len, self._nodes.values()))

    def of(self, user_id: str) -> tuple[str, ...]:
        """This person's values, one for each node that they are connected to."""
        if not self._nodes:
            return ()
        found = (people.get(user_id) for people in self._nodes.values())
        return tuple(value for value in found if value is not None)

    def among(self, user_ids: AbstractSet[str]) -> set[str]:
        """Those of `user_ids` who are connected to another node."""
        return {user_id for people in self._nodes.values() for user_id in people.keys() & user_ids}

    def update(self, node_id: str, changes: Mapping[str, str | None]) -> None:
        """Apply changes of one node; None for those who have left it."""
        people = self._nodes.setdefault(node_id, {})
        changed = [user for user, value in changes.items() if people.get(user) != value]
        before = self._values(changed)
        for user_id in changed:
            value = changes[user_id]
            if value is None:
                people.pop(user_id, None)
            else:
                people[user_id] = value
        self._tell(before)

    def replace(self, node_id: str, people: Mapping[str, str]) -> None:
        """These are all the people of this node."""
        gone = self._nodes.get(node_id, {}).keys() - people.keys()
        self.update(node_id, {**dict.fromkeys(gone), **people})

    def keep_only(self, node_ids: Iterable[str]) -> None:
        """Forget the people of all other nodes than these, in one change: those who have moved
        from one node to another are never away in between."""
        dead = self._nodes.keys() - set(node_ids)
        if not dead:
            return
        before = self._values({user_id for node_id in dead for user_id in self._nodes[node_id]})
        for node_id in dead:
            del self._nodes[node_id]
        self._tell(before)

    def _values(self, user_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        return {user_id: self.of(user_id) for user_id in user_ids}

    def _tell(self, before: Before) -> None:
        if before:
            self.changed.tell(before)
