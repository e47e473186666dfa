"""Times as they go over the wire."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present, to the millisecond, as the database keeps it."""
    return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC)


def rfc3339(moment: datetime) -> str:
    """`2026-03-01T09:41:07.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
