"""The audit trail records actor, subject and refusals, and never a secret."""

import aiohttp
import pytest

from app.audit.store import AuditStore
from app.ids import new_id
from app.storage.mongo import Database
from app.times import now
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


async def test_the_list_can_be_narrowed_and_comes_in_pages(
    database: Database, browser: Browser
) -> None:
    who = {"user": new_id(), "name": "ana", "about": None, "address": "192.0.2.1"}
    for _ in range(52):
        await AuditStore(database).add(
            new_id(), now(), {"kind": "invite_withdrawn", **who, "allowed": True}
        )
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


@pytest.mark.parametrize("as_form", [False, True])
async def test_refused_sign_ins_are_counted_in_one_entry_and_throttled_ones_not_at_all(
    house: House, database: Database, as_form: bool
) -> None:
    await house.invites("ana", "admin")
    path = "/login" if as_form else "/api/session"
    async with aiohttp.ClientSession() as session:
        for n in range(40):
            body = {"username": f"name{n // 9}", "password": "wrong"}
            sent = {"data": body} if as_form else {"json": body}
            async with session.post(house.address + path, **sent) as answer:
                assert answer.status == (401 if n < 30 else 429)
    [entry] = await entries(database, "sign_in")
    assert (entry["times"], entry["about"], entry["allowed"]) == (30, "name3", False)


@pytest.mark.parametrize(
    "path",
    ["/logout", "/admin/people/disable", "/setup", "/join/nope", "/reset/nope", "/admin/hooks"],
)
async def test_a_stranger_leaves_at_most_one_entry_however_often_they_try(
    house: House, database: Database, path: str
) -> None:
    await house.invites("ana", "admin")
    async with aiohttp.ClientSession() as session:
        for n in range(5):
            async with session.post(
                house.address + path, data={"username": f"n{n}"}, allow_redirects=False
            ) as answer:
                assert answer.status < 500
    found = [dict(each) async for each in database.collection("audit").find()]
    assert len(found) <= 1, found


async def test_a_repeated_refusal_is_shown_with_its_number(
    house: House, browser: Browser, ben: Member
) -> None:
    async with Browser(house.address) as other:
        await other.enters("ben")
        for _ in range(3):
            await other.sends("/admin/people/disable", id=ben.id)
    _, page = await browser.opens(f"{PAGE}?refused=1&who=ben")
    (row,) = rows(page)
    assert "refused 3 times" in row
    assert "until" in row


async def test_programs_that_sign_in_are_named_too(
    house: House, database: Database, browser: Browser, ben: Member
) -> None:
    async with aiohttp.ClientSession() as session:
        for body, status in (
            ({"username": "ben", "password": PASSWORD}, 200),
            ({"username": "ben", "password": "wrong"}, 401),
            ({"username": "ben"}, 400),
        ):
            async with session.post(f"{house.address}/api/session", json=body) as answer:
                assert answer.status == status
    *_, taken, refused = await entries(database, "sign_in")
    assert (taken["about"], taken["allowed"]) == ("ben", True)
    # A request without a username or password is no attempt.
    assert (refused["about"], refused["allowed"], refused["times"]) == ("ben", False, 1)
    _, page = await browser.opens(PAGE)
    assert "as ben" in rows(page)[1]
