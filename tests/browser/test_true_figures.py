"""The admin's figures and navigation: who was really there, names, and where one is."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.conftest import Arrives
from tests.browser.test_pages import _has_no_barriers
from tests.checker.history import History
from tests.harness.server import Server
from tests.harness.town import PASSWORD, Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LONG = "/rooms/" + "a-very-long-name-of-a-page-" * 7


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hamlet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """A server on which nobody has been yet, though it has accounts."""
    server = Server(tmp_path_factory.mktemp("hamlet"))
    town = Town(server)
    try:
        await server.starts()
        create = ("users", "create")
        ana, ben, *_ = await server.runs_all(
            (*create, "ana", "--admin", "--password-stdin"),
            *((*create, name, "--password-stdin") for name in ("ben", "cleo", "dana", "emil")),
            stdin=PASSWORD,
        )
        town.users |= {"ana": ana, "ben": ben}
        yield town
        server.assert_clean_log()
    finally:
        server.ends()


def _figure(name: str) -> str:
    return f"[data-figure={name}] [data-value]"


async def _signs_in(arrives: Arrives, town: Town, name: str) -> Page:
    """By the form: the page was looked at without an account before."""
    reader = await arrives(name, at=town, signed_in=False)
    await reader.goes_to("/login")
    await reader.page.get_by_label("Username").fill(name)
    await reader.page.get_by_label("Password").fill(PASSWORD)
    await reader.page.get_by_role("button", name="Sign in").click()
    await reader.is_connected()
    return reader.page


async def test_figures_are_those_who_were_there(hamlet: Town, arrives: Arrives) -> None:
    page = await _signs_in(arrives, hamlet, "ana")
    await page.goto(f"{hamlet.server.url}/admin/analytics?range=30m")
    await expect(page.locator("#live")).to_have_text("Live", timeout=20_000)
    for figure in ("active_users", "unique_visitors"):
        await expect(page.locator(_figure(figure))).to_have_text("1")
    ben = await _signs_in(arrives, hamlet, "ben")
    stranger = await arrives("nobody", at=hamlet, signed_in=False)
    await stranger.goes_to("/login")
    for figure in ("active_users", "unique_visitors"):
        await expect(page.locator(_figure(figure))).to_have_text("3", timeout=20_000)
    await _pages_have_names_and_numbers(hamlet, page, ben)


async def _pages_have_names_and_numbers(town: Town, page: Page, ben: Page) -> None:
    await town.returns("ben")
    talker = town.person("ben", History())
    await talker.connects()
    room = (await talker.asks("direct:open", {"user": "ana"}))["room"]
    await talker.leaves()
    await ben.goto(f"{town.server.url}/rooms/{room['slug']}")
    views = [
        {"event_type": "page_view", "session_id": "x", "properties": {"path": LONG}}
        for _ in range(3)
    ]
    status, _ = await town.calls("POST", "/api/analytics/events", by=None, json=views)
    assert status == 202
    rows = page.locator("#pages li")
    await expect(rows.filter(has_text="Direct: ana, ben")).to_have_count(1, timeout=20_000)
    await expect(rows.filter(has_text="hallway")).to_have_count(1)
    long = rows.filter(has_text="a-very-long")
    number = long.locator("[data-n]")
    await expect(number).to_have_text("3")
    await page.set_viewport_size({"width": 390, "height": 844})
    list_box, box = await page.locator("#pages").bounding_box(), await number.bounding_box()
    assert list_box is not None
    assert box is not None
    assert box["x"] + box["width"] <= list_box["x"] + list_box["width"]
    assert await long.locator("[data-name]").get_attribute("title") == LONG[:200]


async def test_every_way_is_seen_and_the_present_page_marked(town: Town, arrives: Arrives) -> None:
    ana = await arrives("ana", **PHONE)
    for path, name in (
        ("/admin/analytics", "Analytics"),
        ("/admin/people", "People"),
        (f"/admin/people/{town.users['ben']['id']}", "People"),
        ("/admin/nodes", "Nodes"),
        ("/admin/audit", "Audit"),
        ("/settings", "Settings"),
        ("/settings/notifications", "Settings"),
    ):
        await ana.goes_to(path)
        marked = ana.page.locator("nav.page-nav [aria-current=page]")
        await expect(marked).to_have_text(name)
        # On a phone they stand in one row that scrolls; the present one is there at once.
        await expect(marked).to_be_in_viewport()
        for link in await ana.page.locator("nav.page-nav a").all():
            await link.scroll_into_view_if_needed()
            box = await link.bounding_box()
            assert box is not None
            # The place to which a row has scrolled is whole pixels.
            assert box["x"] > -1
            assert box["x"] + box["width"] < 391, path
            assert box["height"] >= 36
    await ana.goes_to("/notifications")
    await expect(ana.page.locator("[data-bell][aria-current=page]")).to_have_count(1)
    await expect(ana.page.locator(".inbox-filters [aria-current=page]")).to_have_count(1)
    await _has_no_barriers(ana.page, "/notifications on a phone")
