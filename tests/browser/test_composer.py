"""The composer: where the focus is, where characters go, and what Enter does."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

# Safari ends the composition first; the Enter that ended it comes after that, with this code.
ENTER_OF_SAFARI = """(text) => {
  text.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true, data: "真" }));
  text.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, key: "Enter", keyCode: 229 }));
}"""


async def forgets(ana: Reader) -> None:
    """Empty the composer and leave it."""
    await ana.composer.fill("")
    await ana.composer.evaluate("(text) => text.blur()")


async def test_composer_has_the_focus_wherever_a_room_opens(town: Town, arrives: Arrives) -> None:
    await town.opens("focus")
    other = await town.creates("focus-other", by="ben")
    ana = await arrives("ana")
    await ana.opens_room("focus")
    await expect(ana.composer).to_be_focused()

    await ana.page.get_by_role("button", name="Add a room").click()
    await ana.page.get_by_role("menuitem", name="Create a room").click()
    dialog = ana.page.get_by_role("dialog", name="Create a room")
    await dialog.get_by_label("Name").fill("focus made")
    await dialog.get_by_label("Name").press("Enter")
    await expect(ana.page).to_have_url(f"{town.server.url}/rooms/focus-made")
    await expect(dialog).to_have_count(0)
    await expect(ana.composer).to_be_focused()

    await ana.opens_room("focus")
    await ana.page.get_by_role("link", name="focus-other").count()
    await ana.goes_to("/rooms/focus-other")
    await ana.page.get_by_role("button", name="Join", exact=True).click()
    await expect(ana.composer).to_be_focused()
    await town.calls("DELETE", f"/api/rooms/{other}", by="ben")


async def test_characters_typed_elsewhere_go_into_the_composer(
    town: Town, arrives: Arrives
) -> None:
    await town.opens("anywhere")
    ana = await arrives("ana")
    await ana.opens_room("anywhere")
    await ana.sends("a message to click on")
    await ana.sees("a message to click on")

    # A click puts the focus on the message, whose letters are shortcuts for those with a keyboard.
    await forgets(ana)
    await ana.message("a message to click on").locator("[data-content]").click()
    await ana.page.keyboard.type("really?")
    await expect(ana.composer).to_have_value("really?")
    await expect(ana.page.locator("[data-strip]")).to_be_hidden()

    await forgets(ana)
    await ana.page.locator("[data-menu], [data-people]").last.focus()
    await ana.page.keyboard.type("é and a space")
    await expect(ana.composer).to_have_value("é and a space")

    # Keys with a meaning keep it.
    await forgets(ana)
    await ana.composer.focus()
    await ana.page.keyboard.press("Escape")
    await expect(ana.message("a message to click on")).to_be_focused()
    await ana.page.keyboard.press("r")
    await expect(ana.page.locator("[data-strip]")).to_be_visible()
    await ana.page.keyboard.press("Escape")
    await expect(ana.composer).to_have_value("")

    # Menus and dialogs are not typed through.
    await ana.page.get_by_role("button", name="Add a room").click()
    await ana.page.keyboard.type("x")
    await expect(ana.page.get_by_role("menuitem").first).to_be_focused()
    await ana.page.get_by_role("menuitem", name="Create a room").click()
    dialog = ana.page.get_by_role("dialog", name="Create a room")
    await dialog.get_by_role("button", name="Close").focus()
    await ana.page.keyboard.type("xyz")
    await expect(dialog).to_be_visible()
    await ana.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(ana.composer).to_have_value("")


async def test_enter_at_the_end_of_a_composition_sends_nothing(
    town: Town, arrives: Arrives
) -> None:
    await town.opens("composition")
    ana = await arrives("ana")
    await ana.opens_room("composition")
    await ana.composer.fill("漢字")
    await ana.composer.evaluate(ENTER_OF_SAFARI)
    await expect(ana.composer).to_have_value("漢字")
    assert await ana.texts() == []
    await ana.composer.press("Enter")
    await ana.sees("漢字")


async def test_return_on_a_phone_makes_a_line_and_the_button_sends(
    town: Town, arrives: Arrives
) -> None:
    await town.opens("phone")
    ana = await arrives("ana", **PHONE)
    await ana.opens_room("phone")
    await expect(ana.composer).not_to_be_focused()
    await ana.composer.tap()
    assert await ana.composer.evaluate("(text) => text.enterKeyHint") == "enter"
    await ana.page.keyboard.type("one")
    await ana.page.keyboard.press("Enter")
    await ana.page.keyboard.type("two")
    await expect(ana.composer).to_have_value("one\ntwo")
    await ana.page.get_by_role("button", name="Send").tap()
    await ana.sees("one")
    await expect(ana.composer).to_have_value("")

    # As the person chose it.
    url, origin = f"{town.server.url}/api/me/preferences", {"Origin": town.server.url}
    for key in ("send", "auto"):
        answer = await ana.context.request.patch(url, data={"enter_key": key}, headers=origin)
        assert answer.ok, await answer.text()
        await ana.opens_room("phone")
        await ana.composer.fill(f"by {key}")
        await ana.composer.press("Enter")
        if key == "send":
            await ana.sees("by send")
        else:
            await expect(ana.composer).to_have_value("by auto\n")
    await ana.composer.fill("")


async def test_links_open_beside_the_page_and_rooms_within_it(town: Town, arrives: Arrives) -> None:
    url = town.server.url
    await town.opens("links")
    await town.opens("links-lead-here")
    ana = await arrives("ana")
    await ana.opens_room("links")
    await ana.sends(f"https://example.com/a and {url}/settings and {url}/rooms/links-lead-here")
    await ana.sees("example.com")
    links = ana.page.locator(".message-content a")
    for link in await links.all():
        assert await link.get_attribute("target") == "_blank"
        assert await link.get_attribute("rel") == "noopener noreferrer nofollow"
    async with ana.context.expect_page() as opened:
        await links.nth(1).click()
    other = await opened.value
    await expect(other).to_have_url(f"{url}/settings")
    await other.close()
    await expect(ana.page).to_have_url(f"{url}/rooms/links")
    await links.nth(2).click()
    await expect(ana.page).to_have_url(f"{url}/rooms/links-lead-here")
    assert len(ana.context.pages) == 1

    # A notification's link to another site, by way of the page that names it.
    body = {"user_id": "ana", "title": "Over there", "category": "mention"}
    body["link"] = "https://elsewhere.example/x"
    await town.calls("POST", "/api/notifications", by="ana", json=body)
    async with ana.context.expect_page() as opened:
        await ana.page.locator(".notification-toast-link").click()
    await expect((await opened.value).get_by_role("main")).to_contain_text("elsewhere.example")
    await expect(ana.page).to_have_url(f"{url}/rooms/links-lead-here")


async def test_drafts_are_whole_and_follow_the_person(town: Town, arrives: Arrives) -> None:
    await town.opens("drafts")
    await town.opens("drafts-elsewhere")
    ana, phone = await arrives("ana"), await arrives("ana", **PHONE)
    await ana.opens_room("drafts")
    await phone.opens_room("drafts")
    strip = ana.page.locator("[data-strip]")

    async def goes_and_comes() -> None:
        for room in ("drafts-elsewhere", "drafts"):
            await ana.page.locator(f'#sidebar [data-slug="{room}"]').click()
            await expect(ana.page.locator("#room-head h1")).to_contain_text(room)

    await ana.sends("what do you think?")
    await ana.sees("what do you think?")
    await ana.acts("what do you think?", "Reply")
    await ana.page.keyboard.type("half a thought")
    await goes_and_comes()
    await expect(strip).to_contain_text("Reply to ana: what do you think?")
    await expect(ana.composer).to_have_value("half a thought")

    await ana.acts("what do you think?", "Edit")
    await ana.composer.fill("what do you all think?")
    await goes_and_comes()
    await expect(strip).to_contain_text("Editing your message")
    await expect(ana.composer).to_have_value("what do you all think?")
    await ana.composer.press("Escape")
    await expect(strip).to_contain_text("Reply to ana: what do you think?")
    await expect(ana.composer).to_have_value("half a thought")

    # Another device, and another tab.
    await expect(phone.composer).to_have_value("half a thought")
    await expect(phone.page.locator("[data-strip]")).to_contain_text("what do you think?")
    first = ana.page
    await ana.opens_a_tab()
    await ana.opens_room("drafts")
    await expect(ana.composer).to_have_value("half a thought")
    await ana.composer.press("Enter")
    await ana.sees("half a thought")
    await expect(first.locator("#composer-text")).to_have_value("")
    await expect(first.locator("[data-strip]")).to_be_hidden()
    await expect(phone.composer).to_have_value("")
    await expect(phone.page.locator("[data-strip]")).to_be_hidden()
