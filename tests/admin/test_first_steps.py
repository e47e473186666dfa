"""The first steps of a new server: each is done when it is true."""

import json

from app.server_name.feature import ServerNaming
from tests.admin.browser import Browser
from tests.chat.house import House, Member
from tests.harness.callers import in_person


async def steps(browser: Browser) -> dict[str, bool]:
    status, text = await browser.opens("/api/first-steps")
    assert status == 200
    found: dict[str, bool] = json.loads(text)
    return found


async def test_each_step_is_done_when_it_is_true(
    house: House, ana: Member, browser: Browser
) -> None:
    assert await steps(browser) == {"name": False, "people": False, "rooms": False}
    await house.services.features[ServerNaming].server_name.rename(in_person(ana.user), "Choir")
    assert await steps(browser) == {"name": True, "people": False, "rooms": False}
    await house.services.accounts.administration.make_bot(in_person(ana.user), "ci", "CI")
    assert not (await steps(browser))["people"]
    await house.services.accounts.administration.invite(in_person(ana.user), 3)
    assert (await steps(browser))["people"]
    await ana.does("room:create", name="Altos", kind="open")
    assert await steps(browser) == {"name": True, "people": True, "rooms": True}


async def test_somebody_who_is_here_needs_no_invite(
    house: House, ana: Member, browser: Browser
) -> None:
    await house.invites("ben")
    assert (await steps(browser))["people"]


async def test_a_member_has_no_steps(house: House, ana: Member, ben: Member) -> None:
    async with Browser(house.address) as browser:
        await browser.enters("ben")
        assert (await browser.opens("/api/first-steps"))[0] == 403
