"""What counts as a call, and whose it is."""

import pytest

from app.errors import RateLimited
from app.security.rate_limiter import RateLimiter
from app.security.request_limits import RequestLimits
from app.settings import Settings
from tests.harness.described_api import EVENTS, ROUTES

ANA, BEN = "a" * 24, "b" * 24
HOME = "192.0.2.7"
OWN_LIMITS = {
    ("POST", "/api/rooms/{room}/messages"): "person",
    ("POST", "/api/topics/{topic}/events"): "person",
    ("POST", "/api/analytics/events"): "everyone",
}


def limits(per_person: int = 3, per_address: int = 2) -> RequestLimits:
    settings = Settings(calls_per_minute=per_person, anonymous_calls_per_minute=per_address)
    return RequestLimits(RateLimiter(lambda: 1000.0), settings, ROUTES)


def test_requests_and_events_of_a_person_count_together() -> None:
    limit = limits()
    limit.count_request(ANA, HOME, "GET", "/api/rooms")
    limit.count_event(ANA)
    limit.count_event(ANA)
    with pytest.raises(RateLimited) as refused:
        limit.count_event(ANA)
    assert refused.value.retry_after == 60
    with pytest.raises(RateLimited):
        limit.count_request(ANA, "192.0.2.8", "POST", "/api/rooms")
    limit.count_event(BEN)


def test_what_has_a_limit_of_its_own_does_not_count() -> None:
    limit = limits()
    for _ in range(1000):
        for method, route in OWN_LIMITS:
            limit.count_request(ANA, HOME, method, route)
        limit.count_request(None, HOME, "POST", "/api/analytics/events")
    limit.count_event(ANA)
    limit.count_request(None, HOME, "GET", "/login")


def test_who_is_not_signed_in_counts_by_address() -> None:
    limit = limits()
    # Their own limits are for people: a stranger's message is a call like any other.
    limit.count_request(None, "2001:db8::1", "POST", "/api/rooms/{room}/messages")
    limit.count_request(None, "2001:db8::2", "GET", "/login")
    with pytest.raises(RateLimited):
        limit.count_request(None, "2001:db8::3", "GET", "/login")
    limit.count_request(None, "2001:db8:0:1::1", "GET", "/login")
    limit.count_request(ANA, "2001:db8::1", "GET", "/api/me")


def test_zero_is_no_limit() -> None:
    limit = limits(0, 0)
    for _ in range(1000):
        limit.count_event(ANA)
        limit.count_request(None, HOME, "GET", "/login")


def test_only_these_have_a_limit_of_their_own() -> None:
    assert {(r.method, r.path): r.own_limit for r in ROUTES if r.own_limit} == OWN_LIMITS
    events = [(name, event) for table in EVENTS.values() for name, event in table.items()]
    assert {name for name, event in events if event.has_own_limit} == {
        *("message:send", "message:edit", "reaction:add", "reaction:remove"),
        *("publish", "track"),
    }
