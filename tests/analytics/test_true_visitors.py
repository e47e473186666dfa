"""Visitors are the people who were really there, each once."""

import json
from datetime import datetime
from typing import Any

import aiohttp
import pytest

from app.accounts.models import User
from app.analytics.figures import Figures
from app.analytics.ingestion import Ingestion
from app.analytics.models import Event
from app.analytics.page_paths import PagePaths
from app.analytics.queries import Queries
from app.analytics.requests import SeriesRequest
from app.analytics.returning_visitors import ReturningVisitors
from app.analytics.store.figures import FigureStore
from app.storage.mongo import Database
from tests.analytics.clients import AnalyticsClients
from tests.analytics.clock import Clock
from tests.analytics.past import Past, utc
from tests.chat.house import PASSWORD, House
from tests.harness.waiting import eventually

NOW = utc(2037, 11, 24, 12, 0, 0)
USER = User(id="u1", username="ana", name="Ana", role="admin", time_zone="UTC")


class Site:
    """One node, what is tracked there, and what its figures say."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.store = FigureStore(database)
        self.node = Ingestion(database, 50_000, clock)
        self.figures = Figures(self.store, self.node.active.count, clock)
        self.clock = clock

    def sees(self, session: str, user: str | None = None, at: datetime | None = None) -> None:
        event = Event(event_type="page_view", session_id=session, timestamp=at)
        self.node.intake.take([event], user)

    async def visitors(self, start: datetime | None = None) -> tuple[int, int]:
        """`(visitors, active ones)` since `start`."""
        await self.node.writer.flush()
        metrics = await self.figures.metrics(start)
        return metrics.unique_visitors, metrics.active_users


@pytest.fixture
def site(database: Database, past: Past) -> Site:
    return Site(database, Clock(NOW))


async def test_who_signs_in_is_one_visitor_before_and_after(site: Site) -> None:
    site.sees("s1")
    assert await site.visitors() == (1, 1)
    site.sees("s1", "u1")
    site.sees("s1", "u1")
    assert await site.visitors() == (1, 1)
    site.sees("s2")
    site.sees("s3", "u1")
    assert await site.visitors() == (2, 2)
    assert await site.visitors(NOW) == (2, 2)
    _, points = await Queries(site.store, site.figures, PagePaths(), site.clock).series(
        USER, SeriesRequest(metric="unique_visitors", start=NOW, step="minute")
    )
    assert [point.value for point in points] == [2]


async def test_who_signs_out_again_stays_the_same_visitor(site: Site) -> None:
    site.sees("s1", "u1")
    site.sees("s1")
    assert await site.visitors() == (1, 1)


async def test_a_night_between_both_takes_nobody_away(site: Site) -> None:
    site.sees("s1", at=utc(2037, 11, 23, 23, 59, 0))
    site.sees("s1", "u1", at=utc(2037, 11, 24, 0, 1, 0))
    assert (await site.visitors(utc(2037, 11, 23)))[0] == 1
    assert (await site.visitors(utc(2037, 11, 24)))[0] == 1


async def test_other_nodes_learn_that_an_anonymous_visitor_signed_in(
    site: Site, database: Database
) -> None:
    other = Site(database, site.clock)
    site.sees("s1")
    assert (await site.visitors())[1] == 1
    assert (await other.visitors())[1] == 1
    site.sees("s1", "u1")
    await site.node.writer.flush()
    assert (await other.visitors())[1] == 1


async def test_who_comes_back_was_new_once(site: Site) -> None:
    site.sees("s1", at=utc(2037, 11, 12, 12, 0))
    site.sees("s1", "u1", at=utc(2037, 11, 12, 12, 1))
    site.sees("s2", "u1", at=utc(2037, 11, 18, 12, 0))
    await site.node.writer.flush()
    cohorts = (await ReturningVisitors(site.store, site.clock).of(3))["cohorts"]
    assert [(each["visitors"], each["back"]) for each in cohorts] == [
        (1, [1, 0]),
        (0, [0]),
        (0, []),
    ]


async def test_accounts_and_bots_are_nobody_who_is_there(
    house: House, ana: User, clients: AnalyticsClients
) -> None:
    for number in range(12):
        await house.invites(f"person{number}")
    member = await house.enters(await house.invites("fay"))
    bot, token = await house.services.accounts.bots.make("builder", "Builder")
    await (await house.enters_with(token, bot)).joins()
    async with aiohttp.ClientSession() as session:
        page = [{"event_type": "page_view", "session_id": "tab", "properties": {"path": "/login"}}]
        async with session.post(f"{house.address}/api/analytics/events", json=page) as answer:
            assert answer.status == 202
        given = {"username": "ana", "password": PASSWORD}
        async with session.post(f"{house.address}/api/session", json=given) as answer:
            token = (await answer.json())["token"]
        headers = {"Authorization": f"Bearer {token}"}
        async with session.post(
            f"{house.address}/api/analytics/events", json=page, headers=headers
        ) as answer:
            assert answer.status == 202
    await member.sends("hi")

    async def are_two() -> bool:
        _, text = await clients.asks("/api/analytics/metrics", ana)
        found: dict[str, Any] = json.loads(text)
        counts = found["event_counts"]
        if counts.get("user_joined") != 15 or counts.get("message_sent") != 1:
            return False
        return (found["active_users"], found["unique_visitors"]) == (2, 2)

    await eventually(are_two, "ana and fay are the visitors")
