"""What a push service's answer means, and how long to leave it alone after a failure. No I/O."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from msgspec import Struct

FIRST_S = 20.0
LONGEST_S = 3_600.0
# Beyond this even a push service that asked for it is tried again.
LONGEST_ASKED_S = 86_400.0
SHORTEST_S = 1.0

GONE = frozenset({404, 410})
# The message itself was refused; the next one may be taken.
REFUSED = frozenset({400, 413})


class Outcome(Struct, frozen=True):
    """`taken`; `gone`: the browser will never get anything again; `refused`: not this one;
    `later`: try again, `retry_after_s` being what the push service asked for."""

    kind: Literal["taken", "gone", "refused", "later"]
    retry_after_s: float | None = None
    reason: str = ""


def outcome_of(status: int, retry_after: str | None, now: datetime) -> Outcome:
    """From the HTTP status and the header `Retry-After`."""
    if 200 <= status < 300:
        return Outcome("taken")
    reason = f"status {status}"
    if status in GONE:
        return Outcome("gone", reason=reason)
    if status in REFUSED:
        return Outcome("refused", reason=reason)
    return Outcome("later", _seconds(retry_after, now), reason)


def _seconds(retry_after: str | None, now: datetime) -> float | None:
    """The header's seconds, or those until its date; None for anything else."""
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


def pause(failures: int, asked_s: float | None, luck: float) -> timedelta:
    """How long to wait after the `failures`-th failure in a row.

    `luck` (0 to 1) spreads those who failed at the same instant.
    """
    doubled = min(LONGEST_S, FIRST_S * 2 ** min(failures - 1, 20))
    spread = doubled * (0.5 + luck / 2)
    return timedelta(seconds=max(SHORTEST_S, asked_s if asked_s is not None else spread))
