"""Signing up, in and out as people do it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.conftest import Arrives
from tests.harness.server import Server
from tests.harness.town import PASSWORD, Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def empty_town(tmp_path: Path) -> AsyncIterator[Town]:
    """A server that nobody has an account on."""
    server = Server(tmp_path)
    try:
        await server.starts()
        yield Town(server)
        server.assert_clean_log()
    finally:
        server.ends()


async def _signs_in(page: Page, username: str, password: str = PASSWORD) -> None:
    await page.get_by_label("Username").fill(username)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


async def test_first_visit_makes_the_admin_and_an_invite_brings_the_second(
    empty_town: Town, arrives: Arrives
) -> None:
    first = await arrives("ana", at=empty_town, signed_in=False)
    await first.page.goto(empty_town.server.setup_url)
    await first.page.get_by_label("Username").fill("ana")
    await first.page.get_by_label("Your name").fill("Ana")
    await first.page.get_by_label("Password").fill(PASSWORD)
    await first.page.get_by_role("button", name="Create the admin account").click()
    await expect(first.page).to_have_url(re.compile("/rooms/hallway$"))
    await first.is_connected()
    await first.sends("is anybody here?")

    await first.goes_to("/admin/people")
    await first.page.get_by_role("button", name="Make an invite link").click()
    link = await first.page.get_by_label("Invite link").input_value()
    second = await arrives("ben", at=empty_town, signed_in=False)
    await second.page.goto(link)
    await second.page.get_by_label("Username").fill("ben")
    await second.page.get_by_label("Password").fill(PASSWORD)
    await second.page.get_by_role("button", name="Join").click()
    await expect(second.page).to_have_url(re.compile("/rooms/hallway$"))
    await second.sees("is anybody here?")


async def test_sign_out_and_in_again(arrives: Arrives) -> None:
    ben = await arrives("ben", signed_in=False)
    ben.witness.expected_statuses |= {400, 401}
    await ben.goes_to("/rooms/hallway")
    await expect(ben.page).to_have_url(re.compile(r"/login\?next="))
    await _signs_in(ben.page, "ben", "not his password")
    await expect(ben.page.get_by_role("alert")).not_to_be_empty()
    await _signs_in(ben.page, "ben")
    await expect(ben.page).to_have_url(re.compile("/rooms/hallway$"))
    await ben.is_connected()
    await ben.page.get_by_role("button", name="Your menu").click()
    await ben.page.get_by_role("menuitem", name="Sign out").click()
    await expect(ben.page).to_have_url(re.compile("/login"))
    await ben.goes_to("/rooms/hallway")
    await expect(ben.page).to_have_url(re.compile(r"/login\?next="))


async def test_session_that_ends_while_typing_keeps_the_text(town: Town, arrives: Arrives) -> None:
    await town.opens("interrupted")
    ben = await arrives("ben")
    ben.witness.expected_statuses.add(401)
    await ben.opens_room("interrupted")
    await ben.composer.fill("half a thought")
    cookie = next(c for c in await ben.context.cookies() if c["name"] == "parley_session")
    status, answer = await town.calls(
        "DELETE",
        "/api/session",
        by=None,
        headers={"Cookie": f"parley_session={cookie['value']}", "Origin": town.server.url},
    )
    assert status == 200, answer
    await expect(ben.page.locator("#status-line")).to_have_attribute("data-phase", "ended")
    await ben.page.get_by_role("dialog").get_by_role("link", name="Sign in").click()
    await _signs_in(ben.page, "ben")
    await expect(ben.page).to_have_url(re.compile("/rooms/interrupted$"))
    await expect(ben.composer).to_have_value("half a thought")


async def test_next_person_at_the_same_browser_neither_sees_nor_sends_what_waited(
    town: Town, arrives: Arrives
) -> None:
    room = await town.opens("shared desk")
    ben = await arrives("ben")
    ben.witness.may_be_offline = True
    await ben.opens_room("shared-desk")
    await ben.context.set_offline(True)
    await ben.sends("for nobody else")
    await expect(ben.page.locator("article.is-sending")).to_have_count(1)
    await ben.page.close()
    await ben.context.set_offline(False)
    await ben.context.clear_cookies()
    ben.username = "cleo"
    await ben.signs_in_quietly()
    await ben.opens_a_tab()
    await ben.opens_room("shared-desk")
    await ben.sends("cleo was here")
    await ben.sees("cleo was here")
    assert await ben.texts() == ["cleo was here"]
    assert [i.text for i in await town.history(room) if not i.system] == ["cleo was here"]
