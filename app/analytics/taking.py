"""The intake, as the reading side needs it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from app.analytics.models import Accepted, Event, Naming
from app.errors import TooLarge

MAX_CALL_BYTES = 65_536


def too_large() -> TooLarge:
    """More than one call may bring, on whatever transport."""
    return TooLarge(f"A call takes at most {MAX_CALL_BYTES:,} bytes of events. Send fewer at once.")


class Taking(Protocol):
    """`app.analytics.intake.Intake`."""

    accepted: list[Callable[[Sequence[Accepted]], None]]

    async def room(self, count: int) -> None:
        """Wait until `count` more are welcome. Raises Unavailable where that takes too long."""

    def take(
        self,
        events: Sequence[Event],
        user_id: str | None,
        place: str = ...,
        size_bytes: int = ...,
        naming: Naming = ...,
    ) -> int:
        """How many were taken: all. Raises Invalid naming `place.format(index)`, Unavailable."""
