"""Something happened, for whoever counts or measures it: the one who tells knows no listener.

Nothing depends on a listener. One that fails is logged, and neither its teller nor the others
notice.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Signal(Generic[T]):
    """One kind of thing that happens. Listeners are called at once, in turn, and must not block."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._listeners: list[Callable[[T], None]] = []

    def listen(self, listener: Callable[[T], None]) -> None:
        """Call `listener` whenever it happens, from now on."""
        self._listeners.append(listener)

    def tell(self, value: T) -> None:
        """It happened."""
        for listener in self._listeners:
            try:
                listener(value)
            except Exception:
                log.exception("a listener failed", signal=self._name)
