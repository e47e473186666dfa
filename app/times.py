"""The present time, and its form on the wire (RFC 3339)."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

NO_OFFSET = timedelta(0)

# The time of day as constructors take it, so that a test can turn it.
Clock = Callable[[], datetime]


def now() -> datetime:
    """The present, to the millisecond, as the database keeps it."""
    return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC)


# Hot path: what is sent together is of a few milliseconds.
@lru_cache(maxsize=1_024)
def rfc3339(moment: datetime) -> str:
    """`2026-03-01T09:41:07.123Z`."""
    utc = moment if moment.utcoffset() == NO_OFFSET else moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[:-6] + "Z"
