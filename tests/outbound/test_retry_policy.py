"""The meaning of an answer, the time of the next attempt, and when to give up."""

from datetime import UTC, datetime, timedelta

import pytest

from app.hooks.outgoing_queue import POLICY as HOOKS
from app.notifications.push.job_queue import POLICY as PUSH
from app.outbound.http_client import NOT_ALLOWED, Response
from app.outbound.retry_policy import LONGEST_RETRY_AFTER_S, Outcome, RetryPolicy, retry_after_s

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def outcome(policy: RetryPolicy, response: Response, since: datetime | None = None) -> Outcome:
    return policy.outcome(response, 1 if since else 0, since, NOW, 1.0)


@pytest.mark.parametrize(
    ("status", "push", "hook"),
    [
        (200, "delivered", "delivered"),
        (201, "delivered", "delivered"),
        (299, "delivered", "delivered"),
        (301, "retry", "retry"),
        (400, "refused", "retry"),
        (401, "retry", "retry"),
        (403, "retry", "retry"),
        (404, "gone", "retry"),
        (410, "gone", "gone"),
        (413, "refused", "retry"),
        (429, "retry", "retry"),
        (500, "retry", "retry"),
        (503, "retry", "retry"),
    ],
)
def test_what_a_status_means(status: int, push: str, hook: str) -> None:
    assert outcome(PUSH, Response(status)).kind == push
    assert outcome(HOOKS, Response(status)).kind == hook


def test_an_address_that_is_no_longer_allowed_ends_a_browser_and_not_a_hook() -> None:
    """An admin can correct the address of a hook."""
    response = Response(None, reason=NOT_ALLOWED)
    assert (outcome(PUSH, response).kind, outcome(HOOKS, response).kind) == ("gone", "retry")
    assert outcome(PUSH, Response(None, reason="TimeoutError")).kind == "retry"


@pytest.mark.parametrize(("policy", "days"), [(PUSH, 14), (HOOKS, 3)])
def test_a_receiver_that_fails_for_days_is_given_up(policy: RetryPolicy, days: int) -> None:
    failed, long_ago = Response(500), NOW - timedelta(days=days)
    assert outcome(policy, failed, long_ago + timedelta(seconds=1)).kind == "retry"
    assert outcome(policy, failed, long_ago).kind == "exhausted"
    taken = outcome(policy, Response(200), long_ago)
    assert (taken.kind, taken.was_failing) == ("delivered", True)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Sun, 01 Mar 2026 09:05:00 GMT", 300),
        ("Sun, 01 Mar 2026 08:00:00 GMT", 0),
        ("999999999999999999999", LONGEST_RETRY_AFTER_S),
        ("Sun, 01 Mar 2099 09:05:00 GMT", LONGEST_RETRY_AFTER_S),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("Sun, 01 Mar 2026 09:05:00", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header, NOW) == seconds


def test_pauses_double_up_to_an_hour() -> None:
    pauses = [PUSH.backoff.delay(n, None, 1.0).total_seconds() for n in range(1, 40)]
    assert pauses[:4] == [20, 40, 80, 160]
    assert pauses == sorted(pauses)
    assert pauses[-1] == PUSH.backoff.longest_s


def test_pauses_spread_and_never_vanish() -> None:
    assert PUSH.backoff.delay(1, None, 0.0).total_seconds() == 10
    assert PUSH.backoff.delay(5, 0, 0.5).total_seconds() == 1
    assert PUSH.backoff.delay(1, 600, 0.5).total_seconds() == 600
