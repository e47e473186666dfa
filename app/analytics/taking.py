"""The intake, as the reading side needs it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from app.analytics.models import Accepted, Event


class Taking(Protocol):
    """`app.analytics.intake.Intake`."""

    accepted: list[Callable[[Sequence[Accepted]], None]]

    def take(self, events: Sequence[Event], user_id: str | None) -> int:
        """How many were taken: all. Raises Invalid, Unavailable."""
