"""How long to leave somebody alone who did not take what was posted to them. No I/O."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from msgspec import Struct

# Beyond this even somebody who asked for it is tried again.
LONGEST_RETRY_AFTER_S = 86_400.0
SHORTEST_S = 1.0


class Backoff(Struct, frozen=True):
    """The first pause after a failure, in seconds, and the longest; in between it doubles."""

    first_s: float
    longest_s: float

    def delay(self, failures: int, retry_after_s: float | None, jitter: float) -> timedelta:
        """How long to wait after the `failures`-th failure in a row, at least a second.

        `jitter` (0 to 1) spreads retries of one instant; `retry_after_s` comes first.
        """
        doubled = min(self.longest_s, self.first_s * 2 ** min(failures - 1, 20))
        spread = doubled * (0.5 + jitter / 2)
        return timedelta(
            seconds=max(SHORTEST_S, retry_after_s if retry_after_s is not None else spread)
        )


def retry_after_s(retry_after: str | None, now: datetime) -> float | None:
    """The seconds of the header `Retry-After`, or those until its date; None for anything else."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:10]), LONGEST_RETRY_AFTER_S)
    try:
        seconds = (parsedate_to_datetime(text) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, seconds), LONGEST_RETRY_AFTER_S)
