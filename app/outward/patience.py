"""How long to leave somebody alone who did not take what was posted to them. No I/O."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from msgspec import Struct

# Beyond this even somebody who asked for it is tried again.
LONGEST_ASKED_S = 86_400.0
SHORTEST_S = 1.0


class Patience(Struct, frozen=True):
    """The first pause after a failure, in seconds, and the longest; in between it doubles."""

    first_s: float
    longest_s: float

    def pause(self, failures: int, asked_s: float | None, luck: float) -> timedelta:
        """How long to wait after the `failures`-th failure in a row, at least a second.

        `luck` (0 to 1) spreads those who failed at the same instant; `asked_s` comes before it.
        """
        doubled = min(self.longest_s, self.first_s * 2 ** min(failures - 1, 20))
        spread = doubled * (0.5 + luck / 2)
        return timedelta(seconds=max(SHORTEST_S, asked_s if asked_s is not None else spread))


def asked_s(retry_after: str | None, now: datetime) -> float | None:
    """The seconds of the header `Retry-After`, or those until its date; None for anything else."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:10]), LONGEST_ASKED_S)
    try:
        seconds = (parsedate_to_datetime(text) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, seconds), LONGEST_ASKED_S)
