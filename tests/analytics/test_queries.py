"""Questions to the raw events: breakdown, funnel; and to the sketches of days: who came back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.analytics.breakdown import LISTED, Breakdown
from app.analytics.funnel import Funnel
from app.analytics.page_paths import PagePaths
from app.analytics.requests import BreakdownRequest, FunnelRequest
from app.analytics.returning_visitors import ReturningVisitors
from app.analytics.store.figures import FigureStore
from app.analytics.time_buckets import DAY, MINUTE
from app.errors import Invalid, Unavailable
from tests.analytics.conftest import NOW
from tests.analytics.past import Past, utc

Clock = Callable[[], datetime]
AGO = NOW - timedelta(hours=1)


@pytest.fixture
def breakdown(store: FigureStore, clock: Clock) -> Breakdown:
    return Breakdown(store, PagePaths(), clock)


@pytest.fixture
def funnel(store: FigureStore, clock: Clock) -> Funnel:
    return Funnel(store, clock)


@pytest.fixture
def retention(store: FigureStore, clock: Clock) -> ReturningVisitors:
    return ReturningVisitors(store, clock)


async def test_values_are_counted_as_they_were_sent(breakdown: Breakdown, past: Past) -> None:
    for value in ("red", "red", "<b>$", 1, "1", None, {"a.b": ["$x"]}):
        past.happened("bought", AGO, **{"$color.of": value})
    past.happened("bought", AGO, other="red")
    past.happened("looked", AGO, **{"$color.of": "red"})
    past.happened("bought", NOW - 31 * DAY, **{"$color.of": "red"})
    await past.written()
    found = await breakdown.of(BreakdownRequest(event_type="bought", property="$color.of"))
    assert found["values"][0] == {"value": "red", "n": 2}
    others = [v["value"] for v in found["values"][1:]]
    assert sorted(map(repr, others)) == sorted(map(repr, ["<b>$", 1, "1", None, {"a.b": ["$x"]}]))
    assert (found["other"], found["without"], found["total"]) == (0, 1, 8)


async def test_rare_values_are_told_together(breakdown: Breakdown, past: Past) -> None:
    for n in range(LISTED + 5):
        for _ in range(2 if n < LISTED else 1):
            past.happened("bought", AGO, item=n)
    await past.written()
    found = await breakdown.of(BreakdownRequest(event_type="bought", property="item"))
    assert len(found["values"]) == LISTED
    assert {v["n"] for v in found["values"]} == {2}
    assert (found["other"], found["total"]) == (5, 2 * LISTED + 5)


async def test_nothing_breaks_down_into_nothing(breakdown: Breakdown, past: Past) -> None:
    found = await breakdown.of(BreakdownRequest(event_type="bought", property="item"))
    assert found == {"values": [], "other": 0, "without": 0, "total": 0}


async def test_properties_are_those_of_the_type(breakdown: Breakdown, past: Past) -> None:
    past.happened("bought", AGO, item=1, color="red")
    past.happened("bought", AGO, size=2)
    past.happened("looked", AGO, page="/")
    await past.written()
    assert await breakdown.properties("bought") == ["color", "item", "size"]


async def test_more_than_thirty_days_are_refused(breakdown: Breakdown) -> None:
    asked = BreakdownRequest(event_type="a", property="b", start=NOW - 40 * DAY, end=NOW)
    with pytest.raises(Invalid) as refused:
        await breakdown.of(asked)
    assert refused.value.field == "from"


def does(past: Past, visitor: str, *events: str) -> None:
    for n, event in enumerate(events):
        past.happened(event, AGO + n * MINUTE, visitor)


async def reached(funnel: Funnel, *steps: str, **more: Any) -> list[int]:
    answer = await funnel.of(FunnelRequest(steps=list(steps), **more))
    assert [step["event_type"] for step in answer["steps"]] == list(steps)
    return [step["visitors"] for step in answer["steps"]]


async def test_a_funnel_counts_visitors_who_did_it_in_order(funnel: Funnel, past: Past) -> None:
    does(past, "u:ana", "visit", "look", "cart", "pay")
    does(past, "u:ben", "visit", "cart", "visit", "look", "look")
    does(past, "s:1", "look", "visit")
    does(past, "s:2", "pay", "cart", "look")
    does(past, "s:3", "visit", "look", "pay", "visit", "cart")
    past.happened("visit", AGO, None)
    await past.written()
    assert await reached(funnel, "visit", "look", "cart", "pay") == [4, 3, 2, 1]


async def test_a_visitor_who_signs_in_is_one_on_both_sides_of_it(
    funnel: Funnel, past: Past
) -> None:
    past.happened("page_view", AGO, "s:1", path="/login")
    past.happened("page_view", AGO + 2 * MINUTE, "u:ana", in_session="1", path="/")
    past.happened("sign_in", AGO + MINUTE, "u:ana")
    past.happened("message_sent", AGO + 3 * MINUTE, "u:ana")
    # Another one only looked, and a third person's session tells nothing of either.
    past.happened("page_view", AGO, "s:2", path="/login")
    past.happened("page_view", AGO, "u:ben", in_session="3", path="/")
    await past.written()
    assert await reached(funnel, "page_view", "sign_in", "message_sent") == [3, 1, 1]
    # Also where the steps themselves say nothing of whose the session is.
    past.happened("invited", AGO, "s:4")
    past.happened("page_view", AGO + MINUTE, "u:cleo", in_session="4", path="/")
    past.happened("joined", AGO + 2 * MINUTE, "u:cleo")
    await past.written()
    assert await reached(funnel, "invited", "joined") == [1, 1]


async def test_two_people_at_one_browser_are_two(funnel: Funnel, past: Past) -> None:
    past.happened("page_view", AGO, "u:ana", in_session="1")
    past.happened("page_view", AGO, "u:ben", in_session="1")
    await past.written()
    assert await reached(funnel, "page_view", "page_view") == [2, 0]


async def test_a_step_can_be_asked_for_twice(funnel: Funnel, past: Past) -> None:
    does(past, "u:ana", "visit", "visit", "pay")
    does(past, "u:ben", "visit", "pay")
    await past.written()
    assert await reached(funnel, "visit", "visit", "pay") == [2, 1, 1]


async def test_at_one_instant_what_arrived_first_was_first(funnel: Funnel, past: Past) -> None:
    past.happened("visit", AGO, "u:ana")
    past.happened("pay", AGO, "u:ana")
    await past.written()
    assert await reached(funnel, "visit", "pay") == [1, 1]
    assert await reached(funnel, "pay", "visit") == [1, 0]


async def test_a_funnel_has_its_range(funnel: Funnel, past: Past) -> None:
    does(past, "u:ana", "visit", "pay")
    await past.written()
    assert await reached(funnel, "visit", "pay", start=AGO, end=AGO + MINUTE) == [1, 0]
    assert await reached(funnel, "visit", "pay", start=AGO + MINUTE, end=NOW) == [0, 0]


async def test_types_with_a_dollar_are_names_and_not_commands(funnel: Funnel, past: Past) -> None:
    does(past, "u:ana", "$type", "$$ROOT")
    await past.written()
    assert await reached(funnel, "$type", "$$ROOT") == [1, 1]


async def test_cohorts_are_those_who_came_first_in_a_week(
    retention: ReturningVisitors, past: Past
) -> None:
    this, last, before = utc(2037, 11, 23), utc(2037, 11, 16), utc(2037, 11, 9)
    long_ago = utc(2037, 6, 1)
    for visitor, days in {
        "u:ana": [long_ago, before, this],
        "u:ben": [before, before + DAY, last + 6 * DAY],
        "u:cleo": [before + 6 * DAY, this],
        "s:1": [last],
        "s:2": [this + DAY],
    }.items():
        for day in days:
            past.was_there(visitor, day)
    await past.written()
    assert (await retention.of(3))["cohorts"] == [
        {"week": "2037-11-09", "visitors": 2, "back": [1, 1]},
        {"week": "2037-11-16", "visitors": 1, "back": [0]},
        {"week": "2037-11-23", "visitors": 1, "back": []},
    ]


async def test_thousands_came_back_within_a_few_percent(
    retention: ReturningVisitors, past: Past
) -> None:
    for n in range(10_000):
        past.was_there(f"u:{n}", utc(2037, 11, 9) + n % 7 * DAY)
        if n % 2:
            past.was_there(f"u:{n}", utc(2037, 11, 16) + n % 7 * DAY)
    await past.written()
    first = (await retention.of(3))["cohorts"][0]
    assert first["visitors"] == pytest.approx(10_000, rel=0.06)
    assert first["back"][0] == pytest.approx(5_000, rel=0.08)
    assert first["back"][1] == 0


async def test_nobody_came_back_to_an_empty_house(retention: ReturningVisitors, past: Past) -> None:
    cohorts = (await retention.of(12))["cohorts"]
    assert len(cohorts) == 12
    assert cohorts[0] == {"week": "2037-09-07", "visitors": 0, "back": [0] * 11}


async def test_a_question_that_takes_too_long_says_what_to_do(
    store: FigureStore, past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.happened("bought", AGO)
    await past.written()
    monkeypatch.setattr("app.analytics.store.figures.SLOW_MS", 50)
    # No JavaScript: cut off there, the database may call it interrupted and not too late.
    many = {"$range": [0, 10_000]}
    slow = [{"$set": {"n": many, "m": many}}, {"$unwind": "$n"}, {"$unwind": "$m"}, {"$count": "c"}]
    with pytest.raises(Unavailable, match="shorter range"):
        await store.raw(slow)
