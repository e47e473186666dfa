"""What was done is kept: by whom, to whom, and also when it was refused. No secret ever is."""

import json

import aiohttp

from app.audit.trail import KINDS
from app.storage.mongo import Database
from tests.admin.browser import Browser, rows
from tests.chat.house import PASSWORD, House, Member

PAGE = "/admin/audit"


async def entries(database: Database, kind: str) -> list[dict[str, object]]:
    found = database.collection("audit").find({"kind": kind}, sort=[("_id", 1)])
    return [dict(each) async for each in found]


async def test_sign_ins_and_refused_ones_are_kept_without_the_password(
    database: Database, browser: Browser
) -> None:
    await browser.sends("/login", username="ana", password="wrong password here")
    first, second = await entries(database, "sign_in")
    assert (first["allowed"], first["about"], first["address"]) == (True, "ana", "127.0.0.1")
    assert (second["allowed"], second["about"]) == (False, "ana")
    everything = [str(each) async for each in database.collection("audit").find()]
    assert not [each for each in everything if PASSWORD in each or "wrong password" in each]


async def test_what_an_admin_does_names_whom_it_was_done_to(
    database: Database, browser: Browser, ben: Member
) -> None:
    await browser.sends("/admin/people/role", id=ben.id, role="admin")
    await browser.sends("/admin/people/disable", id=ben.id)
    for kind in ("role_changed", "account_disabled"):
        [entry] = await entries(database, kind)
        assert (entry["name"], entry["about"], entry["allowed"]) == ("ana", ben.id, True)
    _, page = await browser.opens(PAGE)
    newest, second, *_ = rows(page)
    assert "Disabled an account" in newest
    assert "Changed a role" in second
    assert "@ana" in newest
    assert "ben" in newest


async def test_what_was_not_allowed_is_kept_as_refused(
    house: House, database: Database, browser: Browser, ben: Member
) -> None:
    async with Browser(house.address) as other:
        await other.enters("ben")
        status, _ = await other.sends("/admin/people/disable", id=ben.id)
        assert status == 403
        assert (await other.opens(PAGE))[0] == 403
    [entry] = await entries(database, "account_disabled")
    assert (entry["name"], entry["allowed"]) == ("ben", False)
    _, page = await browser.opens(f"{PAGE}?refused=1&who=ben")
    (row,) = rows(page)
    assert "refused" in row


async def test_the_list_can_be_narrowed_and_comes_in_pages(browser: Browser) -> None:
    for n in range(52):
        await browser.sends("/admin/invites/withdraw", id=f"{n:024x}")
    _, page = await browser.opens(f"{PAGE}?kind=invite_withdrawn")
    assert len(rows(page)) == 50
    before = page.partition("before=")[2].partition("&")[0]
    _, page = await browser.opens(f"{PAGE}?kind=invite_withdrawn&before={before}")
    assert len(rows(page)) == 2
    _, page = await browser.opens(f"{PAGE}?who=nobody")
    assert "Nothing of that kind" in page


async def test_strangers_are_sent_to_sign_in(house: House) -> None:
    async with Browser(house.address) as stranger:
        status, where = await stranger.opens(PAGE)
    assert (status, where.startswith("/login")) == (303, True)


async def test_every_kept_request_is_one_that_there_is(house: House) -> None:
    known = {
        (route.method, route.resource.canonical)
        for route in house.site.application.router.routes()
        if route.resource is not None
    }
    assert set(KINDS) <= known


async def test_a_flood_of_attempts_does_not_fill_the_trail(
    house: House, database: Database
) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(40):
            body = {"username": "ana", "password": "wrong"}
            async with session.post(f"{house.address}/api/session", json=body) as answer:
                assert answer.status in {401, 429}
    assert len(await entries(database, "sign_in")) <= 30


async def test_programs_that_sign_in_are_named_too(
    house: House, database: Database, browser: Browser, ben: Member
) -> None:
    async with aiohttp.ClientSession() as session:
        headers = {"Content-Type": "application/json"}
        good = json.dumps({"username": "ben", "password": PASSWORD})
        for body, status in (
            (good, 200),
            ("{", 400),
            ("\ud800".encode("utf-8", "surrogatepass"), 400),
        ):
            async with session.post(
                f"{house.address}/api/session", data=body, headers=headers
            ) as answer:
                assert answer.status == status
    *_, taken, refused, _ = await entries(database, "sign_in")
    assert (taken["about"], taken["allowed"]) == ("ben", True)
    assert (refused["about"], refused["allowed"]) == (None, False)
    _, page = await browser.opens(PAGE)
    assert "as ben" in rows(page)[2]
