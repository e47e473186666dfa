"""Limits: so often a minute, by name and key, in bounded memory."""

import pytest

from app.errors import RateLimited
from app.security.rate_limiter import RateLimiter


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> RateLimiter:
    return RateLimiter(clock, max_keys=100)


def hits(limiter: RateLimiter, key: str, times: int, per_minute: int = 3) -> int:
    """How many of `times` were let through."""
    passed = 0
    for _ in range(times):
        try:
            limiter.hit("messages", key, per_minute)
        except RateLimited:
            continue
        passed += 1
    return passed


def test_so_many_pass_and_no_more(limiter: RateLimiter) -> None:
    assert hits(limiter, "ana", 10) == 3


def test_the_refusal_says_when_to_come_back(limiter: RateLimiter, clock: Clock) -> None:
    hits(limiter, "ana", 3)
    clock.now += 18.5
    with pytest.raises(RateLimited) as refusal:
        limiter.hit("messages", "ana", 3)
    assert refusal.value.retry_after == 42
    clock.now += 42
    limiter.hit("messages", "ana", 3)


def test_keys_and_names_are_counted_apart(limiter: RateLimiter) -> None:
    hits(limiter, "ana", 3)
    limiter.hit("messages", "ben", 3)
    limiter.hit("sign-in", "ana", 3)


def test_zero_switches_a_limit_off(limiter: RateLimiter) -> None:
    assert hits(limiter, "ana", 1000, per_minute=0) == 1000


def test_what_is_given_back_can_be_used_again(limiter: RateLimiter) -> None:
    hits(limiter, "ana", 3)
    limiter.give_back("messages", "ana", 3)
    assert hits(limiter, "ana", 3) == 1


def test_giving_back_never_makes_more_than_there_was(limiter: RateLimiter, clock: Clock) -> None:
    for _ in range(5):
        limiter.give_back("messages", "ana", 3)
    hits(limiter, "ana", 1)
    clock.now += 61
    limiter.give_back("messages", "ana", 3)
    assert hits(limiter, "ana", 10) == 3


def test_memory_is_bounded_and_the_newest_windows_stay(limiter: RateLimiter) -> None:
    for number in range(1000):
        hits(limiter, f"key {number}", 3)
    assert len(limiter._storage._windows) == 100
    assert hits(limiter, "key 999", 1) == 0
