"""A day at Parley by keyboard alone, one with a finger alone, from sign in to sign out."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.hands import Finger, Keyboard
from tests.browser.reader import Reader
from tests.browser.test_composer import PHONE
from tests.harness.town import PASSWORD, Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LETTER = "\n\n".join(f"Step {n} of the recipe" for n in range(1, 9))
TALK = ("Shall we have lunch?", "The bread is nearly out of the oven", "Come when you like")


async def _moves_in(town: Town, name: str, room: str) -> str:
    """A new account, and a room where ben has written something to it; the room's id."""
    await town.settles(name, "--display-name", name.title())
    made = await town.creates(room, "open", name, "ben", by="ben")
    for text in (LETTER, LETTER, *TALK):
        path = f"/api/rooms/{made}/messages"
        status, answer = await town.calls("POST", path, by="ben", json={"text": text})
        assert status == 201, answer
    return made


async def _head_is(reader: Reader, name: str) -> None:
    await expect(reader.page.locator("#room-head h1")).to_contain_text(name)


async def test_a_day_by_keyboard_alone(town: Town, arrives: Arrives) -> None:
    room = await _moves_in(town, "emma", "Kitchen keys")
    emma = await arrives("emma", signed_in=False, viewport={"width": 1280, "height": 800})
    page, keys = emma.page, Keyboard(emma.page)
    dialog = page.get_by_role("dialog")

    # Sign in.
    await emma.goes_to("/login")
    await keys.is_at(page.get_by_label("Username"))
    await keys.types("emma")
    await keys.tabs_to(page.get_by_label("Password"))
    await keys.types(PASSWORD)
    await keys.presses("Enter")
    await emma.is_connected()
    await keys.is_at(emma.composer)

    # Read: the next room with something unread, and its messages from the first new one on.
    await keys.presses("Alt+Shift+ArrowDown")
    await _head_is(emma, "Kitchen keys")
    await keys.is_at(emma.composer)
    await emma.sees(TALK[-1])
    await keys.presses("Escape")
    await keys.is_at(emma.message(TALK[-1]))
    await keys.presses("Home")
    await keys.sees_the_focus()
    await keys.presses("ArrowDown", "End", "ArrowUp")
    await keys.is_at(emma.message(TALK[1]))

    # Answer, and react.
    await keys.presses("r")
    await keys.is_at(emma.composer)
    await keys.types("In ten minutes")
    await keys.presses("Enter")
    await emma.sees("In ten minutes")
    await expect(emma.message("In ten minutes").locator(".quote")).to_contain_text("nearly out")
    await keys.presses("Escape")
    await keys.is_at(emma.message("In ten minutes").last)
    await keys.presses("Home", "End", "ArrowUp", "+")
    row = page.get_by_role("group", name="Choose a reaction").get_by_role("button")
    await keys.is_at(row.first)
    await keys.presses("ArrowRight")
    await keys.is_at(row.nth(1))
    await keys.presses("Enter")
    await keys.is_at(emma.message(TALK[2]))
    await expect(emma.message(TALK[2]).locator(".reaction")).to_be_visible()

    # Search people, and write to one.
    await keys.presses("Control+k")
    await keys.is_at(page.get_by_role("combobox", name="Jump to a room or a person"))
    await keys.types("cle")
    await expect(page.get_by_role("option", name="cleo")).to_have_attribute("aria-selected", "true")
    await keys.presses("Enter")
    await _head_is(emma, "cleo")
    await keys.is_at(emma.composer)
    await keys.types("Bread is ready")
    await keys.presses("Enter")
    await emma.sees("Bread is ready")

    # Invite somebody into a room of one's own, made by keyboard too.
    await keys.tabs_to(page.get_by_role("button", name="Add a room"), "Shift+Tab")
    await keys.presses("Enter")
    await keys.is_at(page.get_by_role("menuitem", name="Create a room"))
    await keys.presses("Enter")
    await keys.is_at(dialog.get_by_label("Name"))
    await keys.types("Emma's table")
    await keys.presses("Enter")
    await _head_is(emma, "Emma's table")
    await keys.is_at(emma.composer)
    await keys.tabs_to(page.locator("#people").get_by_role("button", name="Invite"))
    await keys.presses("Enter")
    await keys.is_at(dialog.get_by_role("combobox", name="People"))
    await keys.types("dan")
    await expect(page.get_by_role("option", name="dana")).to_have_attribute("aria-selected", "true")
    await keys.presses("Enter")
    await expect(dialog.get_by_role("button", name="Remove dana")).to_be_visible()
    await keys.tabs_to(dialog.get_by_role("button", name="Invite", exact=True))
    await keys.presses("Enter")
    await expect(page.locator("#people .person", has_text="dana")).to_be_visible()
    await expect(dialog).to_have_count(0)

    # Change the settings.
    await keys.tabs_to(page.get_by_role("link", name="Settings"), "Shift+Tab")
    await keys.presses("Enter")
    theme = page.get_by_label("Theme", exact=True)
    await keys.tabs_to(theme)
    async with page.expect_response("**/api/me/preferences"):
        await keys.presses("ArrowDown", "ArrowDown")
    await expect(theme).to_have_value("dark")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    # Sign out.
    await keys.tabs_to(page.get_by_role("button", name="Sign out here"))
    await keys.presses("Enter")
    await keys.is_at(page.get_by_label("Username"))
    assert [each.text for each in await town.history(room, by="ben")][-1] == "In ten minutes"


async def test_a_day_with_a_finger_alone(town: Town, arrives: Arrives) -> None:
    room = await _moves_in(town, "finn", "Kitchen touch")
    finn = await arrives("finn", signed_in=False, **PHONE)
    page, finger = finn.page, Finger(finn.page)
    dialog = page.get_by_role("dialog")
    rooms = page.locator("#room-head").get_by_role("button", name="Rooms")
    send = page.get_by_role("button", name="Send")
    talk = page.locator(".messages-scroll")

    # Sign in.
    await finn.goes_to("/login")
    await finger.writes(page.get_by_label("Username"), "finn")
    await finger.writes(page.get_by_label("Password"), PASSWORD)
    await finger.taps(page.get_by_role("button", name="Sign in"))
    await finn.is_connected()

    # Read.
    await finger.taps(rooms)
    await finger.taps(page.locator(".room-link", has_text="Kitchen touch"))
    await _head_is(finn, "Kitchen touch")
    await expect(page.locator("#sidebar")).not_to_be_in_viewport()
    await finger.comes_to(finn.message(TALK[-1]), talk)
    await finger.swipes(talk, -400)
    await expect(finn.message(TALK[-1])).not_to_be_in_viewport()
    await finger.comes_to(finn.message(TALK[-1]), talk)

    # Answer, and react.
    sheet = page.get_by_role("dialog", name="Message actions")
    await finger.holds(finn.message(TALK[1]).locator("[data-content]"), sheet, talk)
    await finger.taps(sheet.get_by_role("button", name="Reply"))
    await finger.writes(finn.composer, "In ten minutes")
    await finger.taps(send)
    await finn.sees("In ten minutes")
    await expect(finn.message("In ten minutes").locator(".quote")).to_contain_text("nearly out")
    await finger.holds(finn.message(TALK[2]).locator("[data-content]"), sheet, talk)
    row = page.get_by_role("group", name="Choose a reaction").get_by_role("button")
    await finger.taps(row.nth(1))
    await expect(finn.message(TALK[2]).locator(".reaction")).to_be_visible()

    # Search people, and write to one.
    await finger.taps(rooms)
    await finger.taps(page.get_by_role("button", name="Jump to"))
    await finger.writes(page.get_by_role("combobox", name="Jump to a room or a person"), "cle")
    await finger.taps(page.get_by_role("option", name="cleo"))
    await _head_is(finn, "cleo")
    await finger.writes(finn.composer, "Bread is ready")
    await finger.taps(send)
    await finn.sees("Bread is ready")

    # Invite somebody into a room of one's own, made by touch too.
    await finger.taps(rooms)
    await finger.taps(page.get_by_role("button", name="Add a room"))
    await finger.taps(page.get_by_role("menuitem", name="Create a room"))
    await finger.writes(dialog.get_by_label("Name"), "Finn's table")
    await finger.taps(dialog.get_by_role("button", name="Create"))
    await _head_is(finn, "Finn's table")
    people = page.locator("#people")
    await finger.taps(page.locator("#room-head").get_by_role("button", name="people in this room"))
    await finger.taps(people.get_by_role("button", name="Invite"))
    await finger.writes(dialog.get_by_role("combobox", name="People"), "dan")
    await finger.taps(page.get_by_role("option", name="dana"))
    await finger.taps(dialog.get_by_role("button", name="Invite", exact=True))
    await expect(dialog).to_have_count(0)
    await expect(people.locator(".person", has_text="dana")).to_be_visible()
    await finger.taps(people.get_by_role("button", name="Close the list of people"))

    # Change the settings.
    await finger.taps(rooms)
    await finger.taps(page.get_by_role("link", name="Settings"))
    await finger.taps(page.get_by_role("link", name="Notification settings"))
    await finger.taps(page.get_by_role("button", name="For an hour"))
    await expect(page.get_by_role("main")).to_contain_text("Notifications are silent until")
    await finger.taps(page.get_by_role("link", name="All settings"))

    # Sign out.
    await finger.taps(page.get_by_role("button", name="Sign out here"))
    await expect(page.get_by_label("Username")).to_be_visible()
    assert [each.text for each in await town.history(room, by="ben")][-1] == "In ten minutes"
