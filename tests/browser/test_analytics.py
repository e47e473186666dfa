"""The page of analytics: counted as it happens, by eye, by ear and by keyboard."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from app.times import now, rfc3339
from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.browser.test_pages import _has_no_barriers
from tests.harness.server import Server
from tests.harness.town import Town
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# Collects layout shifts, except those of list rows and feed lines, which are meant to move.
WATCH_SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { node } of list.getEntries().flatMap(({ sources }) => [...sources])) {
      const element = node?.closest ? node : node?.parentElement;
      if (!element?.closest(".bars, .feed-items")) window.shifts.push(element?.outerHTML);
    }
  }).observe({ type: "layout-shift" });
}"""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def village(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """A server whose events are only those of these tests."""
    server = Server(tmp_path_factory.mktemp("village"))
    town = Town(server)
    try:
        await server.starts()
        await town.is_founded()
        yield town
        server.assert_clean_log()
    finally:
        server.ends()


async def _happens(town: Town, event_type: str, n: int = 1, **more: Any) -> None:
    events = [{"event_type": event_type, "session_id": f"s-{i}", **more} for i in range(n)]
    status, answer = await town.calls("POST", "/api/analytics/events", by=None, json=events)
    assert (status, answer["accepted"]) == (202, n)


async def _looks(arrives: Arrives, town: Town, query: str = "range=30m", **profile: Any) -> Reader:
    """ana at the page, once it is live and has its figures."""
    ana = await arrives("ana", at=town, **profile)
    await ana.goes_to(f"/admin/analytics?{query}")
    await _is_live(ana.page)
    return ana


async def _is_live(page: Page, within_s: float = 20) -> None:
    await expect(page.locator("#live")).to_have_text("Live", timeout=within_s * 1000)
    await expect(page.locator(".chart[aria-busy=true]")).to_have_count(0)


def _figure(page: Page, name: str) -> Locator:
    return page.locator(f"[data-figure={name}] [data-value]")


async def _views(page: Page) -> int:
    return int((await _figure(page, "page_views").text_content() or "0").replace(",", ""))


def _counted(page: Page, event_type: str) -> Locator:
    row = page.locator("#events li").filter(has=page.get_by_text(event_type, exact=True))
    return row.locator("[data-n]")


async def test_the_first_event_is_asked_for_and_seen_at_once(
    village: Town, arrives: Arrives
) -> None:
    ana = await _looks(arrives, village)
    first = ana.page.get_by_role("region", name="Counting has begun")
    await expect(first.locator("code")).to_contain_text(
        f"curl {village.server.url}/api/analytics/events"
    )
    await _has_no_barriers(ana.page, "before the first event")
    await _happens(village, "signup", properties={"plan": "team"})
    await expect(first).to_have_count(0)
    await expect(_counted(ana.page, "signup")).to_have_text("1")
    line = ana.page.locator("#feed li").filter(has_text="signup")
    await expect(line).to_contain_text("plan=team")


async def test_figures_go_on_without_anything_moving(village: Town, arrives: Arrives) -> None:
    ana = await _looks(arrives, village)
    await _happens(village, "warm_up", 3)
    await expect(_counted(ana.page, "warm_up")).to_have_text("3")
    await ana.page.evaluate(WATCH_SHIFTS)
    views = await _views(ana.page)
    await _happens(village, "page_view", 7, properties={"path": "/pricing"})

    async def are_counted() -> bool:  # Her own view of this page may be counted as late.
        return await _views(ana.page) >= views + 7

    await eventually(are_counted, "the page views are counted")
    await _happens(village, "warm_up", 40)
    await expect(_counted(ana.page, "warm_up")).to_have_text("43")
    await expect(_figure(ana.page, "active_users")).not_to_have_text("0")
    chart = ana.page.get_by_role("slider", name="Page views")

    async def has_two_digits() -> bool:
        """The chart, which is drawn anew every few seconds while something happens."""
        await _happens(village, "page_view")
        said = await chart.get_attribute("aria-valuetext") or ""
        return re.search(r"Page views \d\d", said) is not None

    await eventually(has_two_digits, "the chart goes higher")
    assert await ana.page.evaluate("window.shifts") == []


async def test_a_chart_is_read_by_keyboard_as_a_table_and_as_a_file(
    village: Town, arrives: Arrives, tmp_path: Path
) -> None:
    await _happens(village, "=HYPERLINK(1)", 2)
    ana = await _looks(arrives, village)
    plot = ana.page.get_by_role("slider", name="Page views")
    await plot.focus()
    now = await plot.get_attribute("aria-valuetext")
    await ana.page.keyboard.press("ArrowLeft")
    assert await plot.get_attribute("aria-valuetext") != now
    await expect(ana.page.locator("#main-chart .plot-tip")).to_contain_text("Page views")
    await ana.page.keyboard.press("Home")
    await expect(plot).to_have_attribute("aria-valuenow", "0")
    await ana.page.keyboard.press("Escape")
    await expect(ana.page.locator("#main-chart .plot-tip")).to_be_hidden()

    await ana.page.get_by_role("button", name="Page views as a table").click()
    await expect(ana.page.locator("#main-chart tbody tr")).to_have_count(30)
    await expect(plot).to_be_hidden()

    await ana.page.get_by_role("button", name="Download Events").click()
    async with ana.page.expect_download() as download:
        await ana.page.get_by_role("menuitem", name="CSV").click()
    file = tmp_path / "events.csv"
    await (await download.value).save_as(file)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "Event type,Events"
    assert "'=HYPERLINK(1),2" in lines


async def test_a_figure_and_a_row_choose_what_the_chart_shows(
    village: Town, arrives: Arrives
) -> None:
    await _happens(village, "signup", 2)
    ana = await _looks(arrives, village)
    title = ana.page.locator("#main-chart-title")
    await ana.page.get_by_role("button", name=re.compile("^Sessions")).click()
    await expect(title).to_have_text("Sessions")
    await ana.page.locator("#events").get_by_role("button", name=re.compile("^signup")).click()
    await expect(title).to_have_text("Event: signup")
    await ana.page.get_by_role("button", name="7 d", exact=True).click()
    await _is_live(ana.page)
    await ana.page.reload()
    await _is_live(ana.page)
    await expect(title).to_have_text("Event: signup")
    pressed = ana.page.get_by_role("button", name="7 d", exact=True)
    await expect(pressed).to_have_attribute("aria-pressed", "true")


async def test_a_range_of_ones_own_is_asked_for_in_words_when_it_makes_no_sense(
    village: Town, arrives: Arrives
) -> None:
    ana = await _looks(arrives, village)
    await ana.page.get_by_role("button", name="Range…").click()

    async def asks(first: datetime, last: datetime) -> None:
        await ana.page.get_by_label("From").fill(f"{first:%Y-%m-%dT00:00}")
        await ana.page.get_by_label("Until").fill(f"{last:%Y-%m-%dT00:00}")
        await ana.page.get_by_role("button", name="Show", exact=True).click()

    day, month_ago = timedelta(days=1), now() - timedelta(days=30)
    await asks(month_ago, month_ago - day)
    error = ana.page.locator("#own-range [data-error]")
    await expect(error).to_have_text("The range ends before it begins.")
    await asks(month_ago, month_ago + day)
    await _is_live(ana.page)
    await ana.page.get_by_role("button", name="Page views as a table").click()
    await expect(ana.page.locator("#main-chart tbody tr")).to_have_count(24)
    # So long ago nothing is kept but days.
    await asks(month_ago - 400 * day, month_ago - 399 * day)
    await expect(ana.page.locator("#step")).to_have_value("day")
    await _is_live(ana.page)
    await expect(ana.page.locator("#main-chart tbody tr")).to_have_count(1)


async def test_the_feed_pauses_and_shows_one_type_and_properties_as_they_are(
    village: Town, arrives: Arrives
) -> None:
    ana = await _looks(arrives, village)
    lines = ana.page.locator("#feed li")
    strange = {"<img src=x onerror=alert(1)>": "<b>bold</b>", "$set.a": {"b": [1, None]}}
    await _happens(village, "strange", properties=strange)
    line = lines.filter(has_text="strange").first
    await expect(line).to_contain_text("<img src=x onerror=alert(1)>=<b>bold</b>")
    await line.locator("summary").click()
    await expect(line.locator("dl")).to_contain_text('$set.a{"b":[1,null]}')

    await ana.page.get_by_role("button", name="Pause").click()
    await expect(ana.page.get_by_role("button", name="Go on")).to_be_visible()
    before = await lines.count()
    await _happens(village, "unseen", 2)
    await expect(_counted(ana.page, "unseen")).to_have_text("2")
    await expect(lines).to_have_count(before)
    await ana.page.get_by_role("button", name="Go on").click()
    await ana.page.get_by_label("Only this type").select_option("strange")
    await _happens(village, "unseen")
    await _happens(village, "strange", properties={"n": 2})
    await expect(lines.first).to_contain_text("n=2")
    await expect(lines.filter(has_text="unseen")).to_have_count(0)


async def test_breakdown_and_funnel_answer_for_the_range(village: Town, arrives: Arrives) -> None:
    await _happens(village, "order", 3, properties={"size": "large"})
    await _happens(village, "order", 2, properties={"size": "small"})
    await _happens(village, "paid", 2)
    ana = await _looks(arrives, village)
    breakdown = ana.page.locator("#breakdown")
    await breakdown.scroll_into_view_if_needed()
    await breakdown.locator("[data-type]").select_option("order")
    await expect(breakdown.locator("li").first).to_contain_text("large")
    await expect(breakdown.locator("li").first).to_contain_text("60 %")

    funnel = ana.page.locator("#funnel")
    await funnel.scroll_into_view_if_needed()
    await funnel.get_by_label("Step 1", exact=True).select_option("order")
    await funnel.get_by_label("Step 2", exact=True).select_option("paid")
    while await funnel.get_by_role("button", name="Remove step 3").count():
        await funnel.get_by_role("button", name="Remove step 3").click()
    await expect(funnel).to_contain_text("2 of 3 visitors went all the way (67 %).")


async def test_a_page_that_was_away_fills_the_gap(village: Town, arrives: Arrives) -> None:
    ana = await _looks(arrives, village)
    ana.witness.may_be_offline = True
    await ana.context.set_offline(True)
    await expect(ana.page.locator("#live")).not_to_have_text("Live", timeout=60_000)
    await _happens(village, "while_away", 5)
    await ana.context.set_offline(False)
    await _is_live(ana.page, within_s=40)
    await expect(_counted(ana.page, "while_away")).to_have_text("5")
    await ana.page.locator("#events").get_by_role("button", name=re.compile("while_away")).click()
    await expect(ana.page.locator("#main-chart-title")).to_have_text("Event: while_away")
    await ana.page.get_by_role("button", name="Page views as a table").click()
    cells = ana.page.locator("#main-chart tbody td:nth-child(2)")

    async def has_all() -> bool:
        return sum(map(int, await cells.all_text_contents())) == 5

    await eventually(has_all, "the chart has what happened meanwhile", 20)


async def test_the_page_has_no_barriers(village: Town, arrives: Arrives) -> None:
    await _happens(village, "return", 3, timestamp=rfc3339(now() - timedelta(days=7)))
    await _happens(village, "signup", 3, properties={"plan": "team"})
    await _happens(village, "return", 3)
    ana = await _looks(arrives, village)
    await expect(_counted(ana.page, "return")).to_have_text("3")
    await ana.page.locator("#retention").scroll_into_view_if_needed()
    await expect(ana.page.locator("#retention .is-under-way")).not_to_have_count(0)
    await ana.page.locator("#breakdown [data-type]").select_option("signup")
    await expect(ana.page.locator("#breakdown li")).not_to_have_count(0)
    await _has_no_barriers(ana.page, "analytics")
    await ana.page.get_by_role("button", name="Pages as a table").click()
    await ana.page.get_by_role("button", name="Range…").click()
    await ana.page.locator(".explanation summary").click()
    await _has_no_barriers(ana.page, "analytics, opened")


async def test_the_page_fits_on_a_phone(village: Town, arrives: Arrives) -> None:
    await _happens(village, "a_rather_long_name_of_an_event_that_somebody_came_up_with", 3)
    ana = await _looks(arrives, village, **PHONE)
    await _has_no_barriers(ana.page, "analytics on a phone")
    assert await ana.page.evaluate("document.documentElement.scrollWidth") <= 390


def _page_views(reader: Reader) -> list[dict[str, Any]]:
    """Collects the page views sent from now on. The browser decides when it sends a beacon."""
    sent: list[dict[str, Any]] = []
    reader.context.on(
        "request",
        lambda request: (
            sent.append(request.post_data_json)
            if request.url.endswith("/api/analytics/events")
            else None
        ),
    )
    return sent


def _paths(sent: list[dict[str, Any]]) -> list[str]:
    return [each["properties"]["path"] for each in sent]


async def test_views_are_counted_on_every_page_and_from_room_to_room(
    village: Town, arrives: Arrives
) -> None:
    await village.opens("counted")
    ben = await arrives("ben", at=village)
    sent = _page_views(ben)
    await ben.opens_room("hallway")
    await ben.page.locator("#sidebar").get_by_role("link", name=re.compile("counted")).click()
    await expect(ben.page.get_by_role("heading", level=1)).to_have_text("counted")
    await ben.page.go_back()
    await expect(ben.page.get_by_role("heading", level=1)).to_have_text("hallway")
    await ben.goes_to("/settings?tab=secret")
    await expect(ben.page.get_by_role("heading", level=1)).to_be_visible()
    await eventually(
        lambda: _paths(sent) == ["/rooms/hallway", "/rooms/counted", "/rooms/hallway", "/settings"],
        "each page is counted once, in order",
    )
    assert len({each["session_id"] for each in sent}) == 1
    assert await ben.context.cookies() == [
        cookie for cookie in await ben.context.cookies() if cookie["httpOnly"]
    ]


@pytest.mark.parametrize("wish", ["doNotTrack", "globalPrivacyControl"])
async def test_who_wishes_not_to_be_counted_is_not(
    village: Town, arrives: Arrives, wish: str
) -> None:
    ben = await arrives("ben", at=village)
    sent = _page_views(ben)
    value = '"1"' if wish == "doNotTrack" else "true"
    await ben.context.add_init_script(
        f"Object.defineProperty(Navigator.prototype, '{wish}', {{ get: () => {value} }})"
    )
    await ben.opens_room("hallway")
    assert sent == []


async def test_the_code_of_an_invitation_is_not_told(village: Town, arrives: Arrives) -> None:
    stranger = await arrives("dana", at=village, signed_in=False)
    stranger.witness.expected_statuses.add(404)
    sent = _page_views(stranger)
    await stranger.goes_to("/join/a-secret-code")
    await stranger.goes_to("/login")
    await eventually(lambda: _paths(sent) == ["/join", "/login"], "both are told, without the code")


async def test_the_script_that_counts_is_small() -> None:
    script = Path(__file__).parents[2] / "static" / "js" / "analytics" / "track.js"
    assert len(script.read_bytes()) <= 2048
