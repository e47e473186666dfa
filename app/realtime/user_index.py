"""Index of objects by user id; add and remove take constant time."""

from collections.abc import Collection, Hashable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class UserIndex(Generic[T]):
    """Keeps each user's objects in the order in which they were added."""

    def __init__(self) -> None:
        # Most people have one, for which a dictionary of its own would be too much.
        self._ones: dict[str, T] = {}
        self._more: dict[str, dict[T, None]] = {}

    def __len__(self) -> int:
        """The number of users who have an object."""
        return len(self._ones) + len(self._more)

    def __contains__(self, user_id: object) -> bool:
        return user_id in self._ones or user_id in self._more

    def __iter__(self) -> Iterator[str]:
        """The user ids."""
        yield from self._ones
        yield from self._more

    def add(self, user_id: str, thing: T) -> None:
        """Add an object of this user."""
        if (more := self._more.get(user_id)) is not None:
            more[thing] = None
        elif user_id in self._ones:
            self._more[user_id] = dict.fromkeys((self._ones.pop(user_id), thing))
        else:
            self._ones[user_id] = thing

    def remove(self, user_id: str, thing: T) -> bool:
        """Remove an object; False if it was not there."""
        if (more := self._more.get(user_id)) is not None:
            was_there = thing in more
            more.pop(thing, None)
            if not more:
                del self._more[user_id]
            return was_there
        if self._ones.get(user_id) is thing:
            del self._ones[user_id]
            return True
        return False

    def among(self, user_ids: Collection[str]) -> list[str]:
        """Those of `user_ids` who have something."""
        if len(user_ids) > len(self):
            return [user_id for user_id in self if user_id in user_ids]
        ones, more = self._ones, self._more
        return [u for u in user_ids if u in ones or u in more]

    def of_all(self, user_ids: Collection[str]) -> list[T]:
        """Everything that these people have. Hot path: called for each message."""
        ones, more = self._ones, self._more
        if len(user_ids) > len(ones):
            found = [thing for user_id, thing in ones.items() if user_id in user_ids]
        else:
            found = [ones[user_id] for user_id in user_ids if user_id in ones]
        for user_id in more:
            if user_id in user_ids:
                found += more[user_id]
        return found

    def of(self, user_id: str) -> tuple[T, ...]:
        """All of this person's."""
        if (more := self._more.get(user_id)) is not None:
            return tuple(more)
        one = self._ones.get(user_id)
        return () if one is None else (one,)
