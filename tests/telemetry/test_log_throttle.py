"""A throttle of refusals is a few lines and a sum, in bounded memory."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from app.telemetry import log_throttle
from app.telemetry.log_throttle import KINDS_AT_MOST, LINES_EACH, WINDOW_S, LogThrottle
from tests.harness.waiting import eventually

Lines = list[MutableMapping[str, Any]]


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def sums() -> Iterator[Lines]:
    with capture_logs() as lines:
        yield lines


def passes(
    throttle: LogThrottle, address: str = "10.0.0.1", error: str | None = "rate_limited"
) -> bool:
    line = {"event": "request", "address": address, "error": error}
    try:
        return throttle(None, "info", line) is line
    except structlog.DropEvent:
        return False


def test_the_first_are_written_and_the_rest_is_told_in_one_line(sums: Lines) -> None:
    clock = Clock()
    throttle = LogThrottle(clock)
    assert [passes(throttle) for _ in range(LINES_EACH + 500)] == [True] * LINES_EACH + [
        False
    ] * 500
    assert passes(throttle, address="10.0.0.2")
    assert passes(throttle, error="forbidden")
    assert sums == []
    clock.now += WINDOW_S
    assert passes(throttle)
    (told,) = sums
    assert (told["address"], told["reason"], told["times"]) == ("10.0.0.1", "rate_limited", 500)


def test_who_is_refused_nothing_is_always_written() -> None:
    throttle = LogThrottle(Clock())
    assert all(passes(throttle, error=None) for _ in range(1_000))


def test_one_network_of_ipv6_is_one(sums: Lines) -> None:
    throttle = LogThrottle(Clock())
    written = sum(passes(throttle, f"2001:db8::{n:x}") for n in range(1_000))
    assert written == LINES_EACH
    throttle.sum_up()
    assert [line["address"] for line in sums] == ["2001:db8::/64"]


def test_many_addresses_at_once_are_bounded_too(sums: Lines) -> None:
    throttle = LogThrottle(Clock())
    for n in range(KINDS_AT_MOST + 1_000):
        passes(throttle, f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert len(throttle._seen) == KINDS_AT_MOST + 1
    throttle.sum_up()
    assert [(line["address"], line["times"]) for line in sums] == [("others", 1_000 - LINES_EACH)]


async def test_the_sum_is_told_when_it_has_become_quiet(
    sums: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_throttle, "WINDOW_S", 0.05)
    throttle = LogThrottle()
    for _ in range(LINES_EACH + 3):
        passes(throttle)
    await eventually(lambda: bool(sums), "the sum is told")
    assert sums[0]["times"] == 3
