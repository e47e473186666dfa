"""Notifications as people see them: bell, toasts, panel and pages, on several devices."""

import re
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.browser.test_pages import _has_no_barriers
from tests.harness.town import Town
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
COUNT_TOASTS = """() => {
  window.toasts = 0;
  new MutationObserver((changes) => {
    for (const change of changes) window.toasts += change.addedNodes.length;
  }).observe(document.getElementById("notification-toasts"), { childList: true });
}"""


@pytest_asyncio.fixture(scope="session", autouse=True, loop_scope="session")
async def _people(town: Town) -> None:
    """Make accounts that no other test tells anything: here that is counted."""
    for name in ("bea", "cora", "dora"):
        await town.settles(name)


async def _notifies(town: Town, to: str, title: str, **more: Any) -> str:
    body = {"user_id": to, "title": title, "category": "mention", **more}
    status, answer = await town.calls("POST", "/api/notifications", by="ana", json=body)
    assert status == 201, answer
    notification_id: str = answer["ids"][0]
    return notification_id


async def _has_nothing_unread(town: Town, who: str) -> None:
    await town.calls("POST", "/api/notifications/read-all", by=who)


def _bell(page: Page) -> Locator:
    return page.get_by_role("button", name="Notifications").first


async def _counts(page: Page, unread: int) -> None:
    name = f"Notifications, {unread} unread" if unread else "Notifications"
    await expect(page.locator("[data-bell]").first).to_have_attribute("aria-label", name)


async def _at_home(arrives: Arrives, who: str, **profile: Any) -> Reader:
    reader = await arrives(who, **profile)
    await reader.opens_room("hallway")
    return reader


async def test_what_is_read_on_one_device_is_cleared_on_the_other(
    town: Town, arrives: Arrives
) -> None:
    for who in ("bea", "cora"):
        await _has_nothing_unread(town, who)
    laptop, phone = await _at_home(arrives, "bea"), await _at_home(arrives, "bea", **PHONE)
    cora = await _at_home(arrives, "cora")
    await _notifies(town, "bea", "Look at this", link="/rooms/hallway")
    for device in (laptop, phone):
        await expect(device.page.locator(".notification-toast")).to_have_count(1)
        await _counts(device.page, 1)
        await expect(device.page).to_have_title("(1) hallway · Parley")
    await laptop.page.locator(".notification-toast-link").click()
    for device in (laptop, phone):
        await expect(device.page.locator(".notification-toast")).to_have_count(0)
        await _counts(device.page, 0)
        await expect(device.page).to_have_title("hallway · Parley")
    await expect(cora.page.locator(".notification-toast")).to_have_count(0)
    await _counts(cora.page, 0)


async def test_of_two_tabs_exactly_one_shows_a_toast(town: Town, arrives: Arrives) -> None:
    await _has_nothing_unread(town, "dora")
    dora = await _at_home(arrives, "dora")
    first = dora.page
    await dora.opens_a_tab()
    await dora.opens_room("hallway")
    for page in (first, dora.page):
        await _counts(page, 0)
        await page.evaluate(COUNT_TOASTS)
    await _notifies(town, "dora", "Once")
    for page in (first, dora.page):
        await _counts(page, 1)

    async def shown() -> list[int]:
        return [await page.evaluate("window.toasts") for page in (first, dora.page)]

    async def is_shown() -> bool:
        return any(await shown())

    await eventually(is_shown, "a tab shows it")
    assert sorted(await shown()) == [0, 1]


async def test_panel_is_used_by_keyboard_and_gives_the_focus_back(
    town: Town, arrives: Arrives
) -> None:
    await _has_nothing_unread(town, "bea")
    bea = await _at_home(arrives, "bea")
    for number in (1, 2, 3):
        await _notifies(town, "bea", f"Number {number}")
    await _counts(bea.page, 3)
    await _bell(bea.page).focus()
    await bea.page.keyboard.press("Enter")
    panel = bea.page.get_by_role("dialog", name="Notifications")
    lines = panel.locator(".inbox-item-link")
    await expect(lines.filter(has_text="Number 3")).to_be_focused()
    await bea.page.keyboard.press("ArrowDown")
    await expect(lines.filter(has_text="Number 2")).to_be_focused()
    await bea.page.keyboard.press("Delete")
    await expect(lines.filter(has_text="Number 2")).to_have_count(0)
    await expect(lines.filter(has_text="Number 1")).to_be_focused()
    await _counts(bea.page, 2)
    await panel.get_by_role("button", name="Mark all as read").press("Enter")
    await _counts(bea.page, 0)
    await bea.page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)
    await expect(_bell(bea.page)).to_be_focused()


async def test_many_of_a_kind_are_one_line_that_unfolds(town: Town, arrives: Arrives) -> None:
    await _has_nothing_unread(town, "cora")
    cora = await _at_home(arrives, "cora")
    for number in (1, 2, 3):
        await _notifies(town, "cora", f"Part {number}", group="parts", link="/rooms/workshop")
    await _counts(cora.page, 3)
    await _bell(cora.page).click()
    line = cora.page.get_by_role("button", name="3 mentions in workshop from ana")
    await expect(line).to_have_attribute("aria-expanded", "false")
    await expect(cora.page.get_by_text("Part 1")).to_be_hidden()
    await line.click()
    await expect(cora.page.get_by_text("Part 1")).to_be_visible()
    await _has_no_barriers(cora.page, "an unfolded group")


async def test_following_the_link_reads_it_and_nobody_follows_anothers(
    town: Town, arrives: Arrives
) -> None:
    await _has_nothing_unread(town, "bea")
    bea, cora = await arrives("bea"), await arrives("cora")
    notification_id = await _notifies(town, "bea", "Come here", link="/settings")
    cora.witness.expected_statuses.add(404)
    answer = await cora.page.goto(f"{town.server.url}/notifications/{notification_id}")
    assert answer is not None
    assert answer.status == 404
    _, inbox = await town.calls("GET", "/api/notifications?unread=1", by="bea")
    assert inbox["unread"] == 1
    await bea.goes_to(f"/notifications/{notification_id}")
    assert bea.page.url == f"{town.server.url}/settings"
    await _counts(bea.page, 0)


async def test_announcement_is_looked_at_before_it_reaches_anybody(
    town: Town, arrives: Arrives
) -> None:
    await _has_nothing_unread(town, "bea")
    bea, ana = await _at_home(arrives, "bea"), await arrives("ana")
    await ana.goes_to("/admin/announcements")
    await ana.page.get_by_label("Title").fill("Maintenance tonight")
    await expect(ana.page.locator("#preview")).to_contain_text("Maintenance tonight")
    await ana.page.get_by_role("button", name="Look at it").click()
    asked = ana.page.get_by_role("heading", name="Send it to")
    # Other tests may have added some, and disabled some.
    found = re.search(r"\d+ people", await asked.inner_text())
    assert found is not None
    everyone = found[0]
    await _has_no_barriers(ana.page, "an announcement to be confirmed")
    await _counts(bea.page, 0)
    await ana.page.get_by_role("button", name=f"Send to {everyone}").click()
    await expect(ana.page.get_by_text(f"Sent to {everyone}.")).to_be_visible()
    await expect(bea.page.locator(".notification-toast")).to_contain_text("Maintenance tonight")


async def test_preferences_are_kept_and_a_snooze_keeps_quiet(town: Town, arrives: Arrives) -> None:
    dora = await arrives("dora")
    await dora.goes_to("/settings/notifications")
    await dora.page.get_by_label("Somebody reacts to a message").select_option(label="Off")
    await dora.page.get_by_label("hallway", exact=True).select_option(label="Muted")
    await dora.page.get_by_label("Keep quiet hours").check()
    await dora.page.get_by_role("button", name="Save").click()
    await expect(dora.page.get_by_text("Your choices are saved.")).to_be_visible()
    _, chosen = await town.calls("GET", "/api/notifications/preferences", by="dora")
    assert chosen["categories"]["reaction"] == "off"
    assert list(chosen["rooms"].values()) == ["muted"]
    assert chosen["quiet"] == {"from": "22:00", "to": "07:00"}
    await dora.page.get_by_role("button", name="Until tomorrow").click()
    await expect(dora.page.locator("[data-bell].is-snoozed")).to_have_count(1)
    await dora.page.get_by_role("button", name="End it now").click()
    await expect(dora.page.locator("[data-bell].is-snoozed")).to_have_count(0)
    plain = {"categories": {}, "rooms": {}}
    await town.calls("PUT", "/api/notifications/preferences", by="dora", json=plain)


async def test_name_is_completed_by_keyboard(arrives: Arrives) -> None:
    bea = await _at_home(arrives, "bea")
    await bea.composer.press_sequentially("hello @cor")
    await expect(bea.page.get_by_role("option", name="cora")).to_have_attribute(
        "aria-selected", "true"
    )
    await _has_no_barriers(bea.page, "a name being completed")
    await bea.page.keyboard.press("Enter")
    await expect(bea.composer).to_have_value("hello @cora ")
    await expect(bea.composer).to_be_focused()
    await bea.composer.fill("")


@pytest.mark.parametrize("profile", [{}, PHONE], ids=["wide", "phone"])
async def test_pages_of_notifications_have_no_barriers_and_do_not_scroll_sideways(
    town: Town, arrives: Arrives, profile: dict[str, Any]
) -> None:
    ana = await arrives("ana", **profile)
    await _notifies(town, "ana", "For the picture", body="Something to read. " * 8)
    for path in ("/notifications", "/settings/notifications", "/admin/announcements"):
        await ana.goes_to(path)
        await expect(ana.page.locator("[data-bell-count]")).to_be_visible()
        await _has_no_barriers(ana.page, path)
        width = await ana.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0, path


async def test_mention_leads_to_its_message_and_is_read_there(town: Town, arrives: Arrives) -> None:
    await _has_nothing_unread(town, "bea")
    room = await town.creates("far away", "open", "bea")
    bea = await _at_home(arrives, "bea")
    path = f"/api/rooms/{room}/messages"
    for text in ("@bea look here", *(f"afterwards {n}" for n in range(60))):
        await town.calls("POST", path, by="ana", json={"text": text})
    await _counts(bea.page, 2)
    await _bell(bea.page).click()
    await bea.page.get_by_role("link", name="mentioned you in far away").click()
    await expect(bea.page.get_by_role("heading", level=1)).to_contain_text("far away")
    await expect(bea.message("look here")).to_be_in_viewport()
    await expect(bea.message("look here")).to_be_focused()
    await _counts(bea.page, 0)


async def test_nothing_is_told_of_the_room_that_is_being_read(town: Town, arrives: Arrives) -> None:
    await _has_nothing_unread(town, "cora")
    room = await town.creates("in front", "open", "cora")
    cora = await arrives("cora")
    await cora.opens_room("in-front")
    await _counts(cora.page, 0)
    await cora.page.evaluate(COUNT_TOASTS)
    path = f"/api/rooms/{room}/messages"
    await town.calls("POST", path, by="ana", json={"text": "@cora are you there?"})
    await cora.sees("@cora are you there?")
    await town.calls("POST", path, by="ana", json={"text": "good"})
    await cora.sees("good")
    assert await cora.page.evaluate("window.toasts") == 0
