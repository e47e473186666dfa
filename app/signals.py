"""Signals, by which features learn what happened without the sender knowing them.

An error in a listener is logged; it affects neither the sender nor the other listeners.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Signal(Generic[T]):
    """One kind of event. Listeners are called synchronously, in order, and must not block."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._listeners: list[Callable[[T], None]] = []

    def listen(self, listener: Callable[[T], None]) -> None:
        """Call `listener` with each value from now on."""
        self._listeners.append(listener)

    def tell(self, value: T) -> None:
        """Call all listeners with `value`."""
        for listener in self._listeners:
            try:
                listener(value)
            except Exception:
                log.exception("a listener failed", signal=self._name)
