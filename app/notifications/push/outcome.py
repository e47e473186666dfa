"""What a push service's answer means, and how long to leave it alone after a failure. No I/O."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from app.outbound.backoff import Backoff, retry_after_s

BACKOFF = Backoff(first_s=20.0, longest_s=3_600.0)

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
    return Outcome("later", retry_after_s(retry_after, now), reason)
