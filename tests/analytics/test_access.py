"""Everyone may be counted, only admins may read: on every way in."""

import json
from typing import Any

import pytest

from app.accounts.models import User
from app.analytics.client_events import EVENTS
from app.times import now
from tests.analytics.clients import AnalyticsClients
from tests.analytics.past import Past
from tests.chat.house import House
from tests.harness.listener import Listener
from tests.harness.waiting import eventually

QUESTIONS: dict[str, dict[str, Any]] = {
    "metrics": {},
    "series": {"metric": "events"},
    "breakdown": {"event_type": "signup", "property": "plan"},
    "properties": {"event_type": "signup"},
    "funnel": {"steps": ["visit", "signup"]},
    "retention": {},
    "page_names": {"paths": ["/rooms/hallway"]},
    "feed:start": {},
    "feed:stop": {},
}
PATHS = (
    "metrics",
    "series?metric=events",
    "breakdown?event_type=signup&property=plan",
    "funnel?steps=visit,signup",
    "retention",
    "page-names?paths=/rooms/hallway",
    "series?metric=events&format=csv",
)


def test_every_question_is_tried() -> None:
    assert set(QUESTIONS) == set(EVENTS) - {"track"}


@pytest.mark.parametrize("question", sorted(QUESTIONS))
async def test_members_are_refused_and_admins_answered(
    clients: AnalyticsClients, ana: User, ben: User, question: str
) -> None:
    error = await (await clients.opens(ben)).fails(question, **QUESTIONS[question])
    assert error["code"] == "forbidden"
    await (await clients.opens(ana)).does(question, **QUESTIONS[question])


async def test_members_are_told_no_figures(clients: AnalyticsClients, ana: User, ben: User) -> None:
    member, admin = await clients.opens(ben), await clients.opens(ana)
    await admin.hears("metrics")
    # An answer comes after everything that was said before.
    await member.fails("metrics")
    assert member.heard == []


@pytest.mark.parametrize("path", PATHS)
async def test_http_is_for_admins(
    clients: AnalyticsClients, ana: User, ben: User, path: str
) -> None:
    address = f"/api/analytics/{path}"
    assert (await clients.asks(address, None))[0] == 401
    assert (await clients.asks(address, ben))[0] == 403
    assert (await clients.asks(address, ana))[0] == 200


async def test_narrow_tokens_of_admins_read_with_the_right_scope_only(
    clients: AnalyticsClients, ana: User
) -> None:
    path = "/api/analytics/metrics"
    assert (await clients.asks(path, ana, scopes=["chat"]))[0] == 403
    assert (await clients.asks(path, ana, scopes=["metrics:read"]))[0] == 200
    looker = await clients.opens(ana, ["chat"])
    assert (await looker.fails("metrics"))["code"] == "forbidden"
    assert looker.heard == []
    await (await clients.opens(ana, ["metrics:read"])).hears("metrics")


async def test_an_admin_no_more_reads_no_more(
    clients: AnalyticsClients, house: House, ana: User, cleo: User, past: Past
) -> None:
    """Nor is told any more, on what was open: neither figures nor the feed, nor over SSE."""
    await house.services.accounts.roles.appoint(cleo.id, "admin")
    admin, looker = await clients.opens(ana), await clients.opens(cleo)
    token = await house.services.tokens.create(cleo.id)
    async with Listener(house.address, token, "analytics") as reader:
        await reader.opens()
        await reader.hears("analytics")
        for each in (admin, looker):
            await each.hears("metrics")
            await each.does("feed:start")
        await house.services.accounts.roles.appoint(cleo.id, "member")
        assert (await looker.fails("metrics"))["code"] == "forbidden"
        told = len(looker.heard), len(reader.told("analytics"))
        past.happened("bought", now())
        await past.written()
        await admin.hears("events")
        counted = "the figures follow"
        await eventually(
            lambda: admin.told("metrics")[-1]["event_counts"].get("bought") == 1, counted
        )
        # An answer comes after everything that was said before.
        await looker.fails("metrics")
        assert (len(looker.heard), len(reader.told("analytics"))) == told


async def test_the_page_is_for_admins_who_are_signed_in(
    clients: AnalyticsClients, house: House, ana: User, ben: User
) -> None:
    status, _ = await clients.asks("/admin/analytics", None)
    assert status == 303
    for user, expected in ((ben, 403), (ana, 200)):
        _, cookie = await house.services.sessions.begin(user, address="127.0.0.1", agent="test")
        headers = {"Cookie": f"parley_session={cookie}"}
        status, page = await clients.asks("/admin/analytics", None, headers=headers)
        assert status == expected
    text = page.partition('id="snapshot"')[2].partition(">")[2].partition("</script>")[0]
    snapshot = json.loads(text)
    assert set(snapshot) == {"metrics", "names", "zone", "server_time"}
    assert snapshot["names"]["is_full"] is False
    assert snapshot["zone"] == "UTC"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("metrics?from=yesterday", "from"),
        ("metrics?from=2037-01-01T00:00:00", "from"),
        ("series?metric=nonsense", "metric"),
        ("series", "metric"),
        ("series?metric=events&step=second", "step"),
        ("series?metric=events&zone=Mars/Base", "zone"),
        ("series?metric=events&zone=../../etc/passwd", "zone"),
        ("breakdown?event_type=a", "property"),
        ("funnel?steps=a", "steps"),
        ("funnel?steps=a,b,c,d,e,f", "steps"),
        ("retention?weeks=13", "weeks"),
        ("metrics?format=xml", "format"),
        ("metrics?from=9999-12-31T23:59:59Z", "from"),
        ("funnel?steps=a,b&to=0001-01-01T00:00:00Z", "to"),
        ("breakdown?event_type=a&property=b&to=0001-01-01T00:00:00%2B14:00", "to"),
        ("series?metric=events&from=0001-01-01T00:00:00Z&zone=Asia/Tokyo", "from"),
    ],
)
async def test_what_makes_no_sense_is_invalid(
    clients: AnalyticsClients, ana: User, path: str, field: str | None
) -> None:
    status, answer = await clients.asks(f"/api/analytics/{path}", ana)
    error = json.loads(answer)["error"]
    assert (status, error["code"], error.get("field")) == (400, "invalid", field)
