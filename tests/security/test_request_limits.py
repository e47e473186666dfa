"""Which requests count towards a limit, and for whom; every transport refuses alike."""

import aiohttp
import pytest

from app.errors import RateLimited
from app.security.rate_limiter import RateLimiter
from app.security.request_limits import RequestLimits
from app.settings import Settings
from app.storage.mongo import Database
from tests.chat.house import House, Member, open_house
from tests.harness.described_api import EVENTS, ROUTES
from tests.realtime.plain import Plain

ANA, BEN = "a" * 24, "b" * 24
HOME = "192.0.2.7"
OWN_LIMITS = {
    ("POST", "/api/rooms/{room}/messages"): "person",
    ("POST", "/api/topics/{topic}/events"): "person",
    ("POST", "/api/analytics/events"): "everyone",
}
MANY = 20


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


async def arrives(house: House) -> tuple[Member, str]:
    ana = await house.invites("ana", role="admin")
    token = await house.services.tokens.create(ana.id)
    return await house.enters_with(token, ana), token


async def test_calls_over_the_limit_are_refused_and_messages_are_not(database: Database) -> None:
    async with open_house(database, calls_per_minute=MANY) as house:
        ana, token = await arrives(house)
        for _ in range(MANY):
            await ana.does("rooms:list")
        refused = (await ana.call("rooms:list"))["error"]
        assert refused["code"] == "rate_limited"
        assert 0 < refused["retry_after"] <= 60
        async with Plain(house.address, token) as plain:
            assert (await plain.does("rooms:list"))["error"]["code"] == "rate_limited"
            assert (await plain.does("track", events=[{"event_type": "click"}]))["ok"]
        for n in range(MANY):
            await ana.sends(f"message {n}")


async def test_requests_over_the_limit_are_429_and_say_when_to_come_back(
    database: Database,
) -> None:
    async with open_house(database, calls_per_minute=MANY) as house:
        _, token = await arrives(house)
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(house.address, headers=headers) as http:
            for _ in range(MANY):
                assert (await http.get("/api/rooms")).status == 200
            refused = await http.post("/api/rooms", json={"name": "One more", "kind": "open"})
            assert refused.status == 429
            assert 0 < int(refused.headers["Retry-After"]) <= 60
            assert (await refused.json())["error"]["code"] == "rate_limited"
            sent = await http.post("/api/rooms/hallway/messages", json={"text": "still heard"})
            assert sent.status == 201


async def test_strangers_and_bad_tokens_count_by_address(database: Database) -> None:
    async with open_house(database, anonymous_calls_per_minute=4) as house:
        _, token = await arrives(house)
        bad = {"Authorization": "Bearer parley_nonsense"}
        async with aiohttp.ClientSession(house.address) as http:
            for _ in range(2):
                assert (await http.get("/login")).status == 200
                assert (await http.get("/api/me", headers=bad)).status == 401
            assert (await http.get("/api/me", headers=bad)).status == 429
            page = await http.get("/login", headers={"Accept": "text/html"})
            assert (page.status, "Just a moment" in await page.text()) == (429, True)
            assert (await http.get("/healthz")).status == 200
            mine = {"Authorization": f"Bearer {token}"}
            assert (await http.get("/api/me", headers=mine)).status == 200
