"""Decides after each attempt: delivered, refused, gone, exhausted, or when to retry. No I/O."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from msgspec import Struct

from app.outbound.http_client import Response

# A receiver that asks for a longer wait is tried again after this one.
LONGEST_RETRY_AFTER_S = 86_400.0
SHORTEST_S = 1.0

# The fields of a receiver's document that say how it fails at present; absent while it works.
FAILING_FIELDS = ("failures", "failing_since", "retry_at")


class Backoff(Struct, frozen=True):
    """Exponential backoff: seconds after the first failure, doubling up to the longest wait."""

    first_s: float
    longest_s: float

    def delay(self, failures: int, asked_s: float | None, jitter: float) -> timedelta:
        """How long to wait after the `failures`-th failure in a row, at least a second.

        `asked_s`, what the receiver asked for, takes precedence; otherwise `jitter` (0 to 1)
        spreads receivers that failed at the same instant over the upper half of the wait.
        """
        doubled = min(self.longest_s, self.first_s * 2 ** min(failures - 1, 20))
        spread = doubled * (0.5 + jitter / 2)
        return timedelta(seconds=max(SHORTEST_S, asked_s if asked_s is not None else spread))


Kind = Literal["delivered", "refused", "gone", "exhausted", "retry"]


class Outcome(Struct, frozen=True, kw_only=True):
    """The result of an attempt at the time `at`.

    - `delivered`: the receiver took it.
    - `refused`: the receiver does not take this one, but may take others.
    - `gone`: the receiver takes nothing any more.
    - `exhausted`: the receiver failed for as long as the policy allows.
    - `retry`: nothing is sent to it before `retry_at`.

    `was_failing` says whether the attempt before failed, too.
    """

    kind: Kind
    at: datetime
    reason: str
    was_failing: bool
    retry_at: datetime | None = None


class RetryPolicy(Struct, frozen=True, kw_only=True):
    """When to retry and when to give up.

    `gone` and `refused` are HTTP statuses, or the `reason` of a response that has none.
    """

    backoff: Backoff
    give_up_after: timedelta
    gone: frozenset[int | str]
    refused: frozenset[int | str] = frozenset()

    def outcome(
        self,
        response: Response,
        failures: int,
        failing_since: datetime | None,
        now: datetime,
        jitter: float,
    ) -> Outcome:
        """The outcome for a receiver that failed `failures` times before, since `failing_since`."""
        kind = self._kind(response, failing_since, now)
        retry_at = None
        if kind == "retry":
            asked_s = retry_after_s(response.retry_after, now)
            retry_at = now + self.backoff.delay(failures + 1, asked_s, jitter)
        return Outcome(
            kind=kind,
            at=now,
            reason=response.explained,
            was_failing=failures > 0,
            retry_at=retry_at,
        )

    def _kind(self, response: Response, failing_since: datetime | None, now: datetime) -> Kind:
        if response.is_success:
            return "delivered"
        answer = response.status or response.reason
        if answer in self.gone:
            return "gone"
        if answer in self.refused:
            return "refused"
        if failing_since is not None and failing_since <= now - self.give_up_after:
            return "exhausted"
        return "retry"


def retry_after_s(retry_after: str | None, now: datetime) -> float | None:
    """The seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3), at most a day.

    None where there is no such header, or it is neither a number of seconds nor a date.
    """
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


def recording_failure(outcome: Outcome, **fields: object) -> dict[str, Any]:
    """The MongoDB update of a receiver's document for a `retry`; `fields` are set with it."""
    return {
        "$inc": {"failures": 1},
        "$set": {"retry_at": outcome.retry_at, **fields},
        # The time of the first failure in a row stays.
        "$min": {"failing_since": outcome.at},
    }
