"""Events without a session: budgets of bytes, names, what is loaded ahead, crawlers, the switch."""

import json

import pytest

from app.accounts.models import User
from app.analytics.anonymous_limits import AnonymousLimits, is_crawler, is_loaded_ahead
from app.errors import RateLimited
from app.security.rate_limiter import RateLimiter
from app.settings import Settings
from app.storage.mongo import Database
from tests.analytics.clients import AnalyticsClients
from tests.analytics.past import Past
from tests.chat.house import open_house
from tests.harness.waiting import eventually

PATH = "/api/analytics/events"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "facebookexternalhit/1.1",
        "Mozilla/5.0 (compatible; YandexBot/3.0)",
        "Mozilla/5.0 (compatible; Baiduspider/2.0)",
        "Mozilla/5.0 (compatible; Yahoo! Slurp)",
        "DuckDuckBot/1.1",
        "Twitterbot/1.0",
        "GPTBot/1.1",
    ],
)
def test_programs_that_read_pages_for_a_machine_are_known_by_their_name(agent: str) -> None:
    assert is_crawler({"User-Agent": agent})


@pytest.mark.parametrize("agent", [CHROME, "curl/8.5.0", "python-requests/2.32", "Cubot X30", ""])
def test_people_and_their_programs_are_none(agent: str) -> None:
    assert not is_crawler({"User-Agent": agent})


@pytest.mark.parametrize(
    ("headers", "ahead"),
    [
        ({"Sec-Purpose": "prefetch"}, True),
        ({"Sec-Purpose": "prefetch;prerender"}, True),
        ({"Purpose": "prefetch"}, True),
        ({"X-Moz": "prefetch"}, True),
        ({}, False),
        ({"Sec-Purpose": ""}, False),
    ],
)
def test_a_page_that_is_loaded_ahead_says_so(headers: dict[str, str], ahead: bool) -> None:
    assert is_loaded_ahead(headers) is ahead


def test_bytes_are_budgeted_for_an_address_and_in_all() -> None:
    clock = Clock()
    settings = Settings(
        analytics_anonymous_bytes_per_minute=1_000, analytics_anonymous_bytes_per_day=2_500
    )
    limits = AnonymousLimits(settings, RateLimiter(clock), RateLimiter(clock, max_keys=1))
    limits.spend("192.0.2.1", 1_000)
    with pytest.raises(RateLimited) as refused:
        limits.spend("192.0.2.1", 1)
    assert refused.value.retry_after == 60
    limits.spend("192.0.2.2", 1_000)
    clock.now += 60
    limits.spend("192.0.2.1", 500)
    with pytest.raises(RateLimited) as refused:
        limits.spend("192.0.2.3", 1)
    assert refused.value.retry_after == 86_400 - 60
    assert limits.refused == 2
    clock.now += 86_400
    limits.spend("192.0.2.3", 1_000)


@pytest.mark.parametrize(
    ("headers", "counted"),
    [
        ({"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, 0),
        ({"User-Agent": CHROME, "Sec-Purpose": "prefetch;prerender"}, 0),
        ({"User-Agent": CHROME}, 1),
    ],
)
async def test_crawlers_and_pages_loaded_ahead_are_not_counted(
    clients: AnalyticsClients, headers: dict[str, str], counted: int
) -> None:
    event = {"event_type": "page_view", "session_id": "s"}
    status, answer = await clients.asks(PATH, None, "POST", json=event, headers=headers)
    assert (status, json.loads(answer)) == (202, {"status": "tracked", "accepted": counted})


async def test_the_end_of_a_budget_is_told_with_its_time_and_people_go_on(
    database: Database, past: Past
) -> None:
    async with open_house(database, analytics_anonymous_bytes_per_minute=150) as house:
        ana = await house.invites("ana", "admin")
        clients = AnalyticsClients(house)
        event = {"event_type": "a", "properties": {"x": "y" * 60}}
        assert (await clients.asks(PATH, None, "POST", json=event))[0] == 202
        status, answer = await clients.asks(PATH, None, "POST", json=event)
        error = json.loads(answer)["error"]
        assert (status, error["code"]) == (429, "rate_limited")
        assert 0 < error["retry_after"] <= 60
        assert (await clients.asks(PATH, ana, "POST", json=event))[0] == 202
        metrics = await clients.asks("/metrics", None)
        assert "parley_analytics_calls_refused 1.0" in metrics[1]


async def test_counting_without_a_session_can_be_turned_off(database: Database, past: Past) -> None:
    async with open_house(database, analytics_anonymous=False) as house:
        ana = await house.invites("ana", "admin")
        clients = AnalyticsClients(house)
        event = {"event_type": "a"}
        status, answer = await clients.asks(PATH, None, "POST", json=event)
        assert (status, json.loads(answer)["error"]["code"]) == (401, "unauthenticated")
        assert (await clients.asks(PATH, ana, "POST", json=event))[0] == 202
        assert "js/track" not in (await clients.asks("/login", None))[1]


async def test_a_strangers_invented_types_leave_room_for_a_real_one(
    clients: AnalyticsClients, ana: User, database: Database
) -> None:
    for first in range(0, 1_100, 100):
        events = [{"event_type": f"made up {n}"} for n in range(first, first + 100)]
        assert (await clients.asks(PATH, None, "POST", json=events))[0] == 202
    assert (await clients.asks(PATH, ana, "POST", json={"event_type": "signup"}))[0] == 202
    rollups = database.collection("analytics_rollups")

    async def is_counted() -> bool:
        return bool(await rollups.find_one({"series": "event:signup", "step": "all", "n": 1}))

    await eventually(is_counted, "the real event is counted under its name")
    made_up = {"series": {"$regex": "^event:made up"}, "step": "all"}
    assert await rollups.count_documents(made_up) <= 100
