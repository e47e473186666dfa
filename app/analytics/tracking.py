"""Takes the events of clients, over any transport."""

from collections.abc import Sequence

from app.analytics.intake import Intake
from app.analytics.models import Event
from app.analytics.name_budget import NameBudget
from app.analytics.page_paths import PagePaths


class Tracking:
    """Checks and counts the events of one call, all of them or none."""

    def __init__(self, intake: Intake, naming: NameBudget, paths: PagePaths) -> None:
        self._intake = intake
        self._naming = naming
        self._paths = paths

    async def track(
        self,
        events: Sequence[Event],
        user_id: str | None,
        address: str,
        place: str,
        size_bytes: int,
    ) -> int:
        """Count `events`, and return their number. Raises as `Intake.take` and `Intake.room`."""
        await self._intake.room(len(events))
        # Only members know the address of a private room.
        if user_id is not None:
            await self._paths.conceal(events)
        naming = self._naming.naming(events, user_id, address)
        return self._intake.take(events, user_id, place, size_bytes, naming)
