"""Server events: a name and a payload, encoded once for all who get it."""

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Event:
    """One server event. Each transport's encoding is made by whoever needs it first.

    `stream` is the key that takes back what still waits, for a client that lost access.
    """

    __slots__ = ("_encodings", "name", "payload", "stream")

    def __init__(self, name: str, payload: Any, stream: str | None = None) -> None:
        self.name = name
        self.payload = payload
        self.stream = stream
        self._encodings: dict[str, Any] = {}

    def encoded(self, form: str, encode: Callable[["Event"], T]) -> T:
        """This event in a transport's `form`, from `encode` the first time."""
        try:
            found: T = self._encodings[form]
        except KeyError:
            found = self._encodings[form] = encode(self)
        return found
