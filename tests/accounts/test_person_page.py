"""One person as admins see them: standing, and sessions that can be ended."""

import re

import pytest
from aiohttp.test_utils import TestClient

from app.accounts.account_services import AccountServices
from app.accounts.models import Revoked, User
from tests.accounts.test_pages import enter, open_page, submit, who
from tests.accounts.world import sign_in


def ended_by(page: str) -> list[str]:
    """The sessions that the page has a button for."""
    forms = re.findall(r'sessions/end">\s*<input type="hidden" name="id" value="([^"]+)"', page)
    return [str(each) for each in forms]


async def test_shows_where_somebody_is_signed_in(
    accounts: AccountServices, browser: TestClient, ana: User, ben: User
) -> None:
    await sign_in(accounts, ben)
    await enter(browser, "ana")
    status, page = await open_page(browser, f"/admin/people/{ben.id}")
    assert status == 200
    for words in ("@ben", "192.0.2.7", "Firefox", "Make admin", "Disable", "member"):
        assert words in page
    _, page = await open_page(browser, "/admin/people")
    assert f'href="/admin/people/{ben.id}"' in page


async def test_ends_one_session_and_leaves_the_others(
    accounts: AccountServices,
    browser: TestClient,
    other_browser: TestClient,
    ana: User,
    ben: User,
    revoked: list[Revoked],
) -> None:
    stays = await sign_in(accounts, ben)
    await enter(other_browser, "ben")
    await enter(browser, "ana")
    _, page = await open_page(browser, f"/admin/people/{ben.id}")
    (other,) = {*ended_by(page)} - {stays.session.id}
    answer = await submit(browser, f"/admin/people/{ben.id}/sessions/end", id=other)
    assert answer.headers["Location"] == f"/admin/people/{ben.id}?done=session"
    assert await who(other_browser) == "nobody"
    assert [s.id for s in await accounts.sessions.of(ben.id)] == [stays.session.id]
    assert Revoked(session=other) in revoked
    gone = await submit(browser, f"/admin/people/{ben.id}/sessions/end", id=other)
    assert gone.status == 404


async def test_ends_all_sessions(
    accounts: AccountServices, browser: TestClient, other_browser: TestClient, ana: User, ben: User
) -> None:
    await sign_in(accounts, ben)
    await enter(other_browser, "ben")
    await enter(browser, "ana")
    await submit(browser, f"/admin/people/{ben.id}/sessions/end-all")
    assert await accounts.sessions.of(ben.id) == []
    assert await who(other_browser) == "nobody"
    assert await who(browser) == "ana"
    status, page = await open_page(browser, f"/admin/people/{ben.id}?done=sessions")
    assert (status, "signed in nowhere" in page) == (200, True)


async def test_of_ones_own_sessions_the_one_that_asks_stays(
    accounts: AccountServices, browser: TestClient, ana: User
) -> None:
    await sign_in(accounts, ana)
    await enter(browser, "ana")
    await submit(browser, f"/admin/people/{ana.id}/sessions/end-all")
    assert await who(browser) == "ana"
    assert len(await accounts.sessions.of(ana.id)) == 1


async def test_a_session_of_somebody_else_is_not_ended_through_this_page(
    accounts: AccountServices, browser: TestClient, ana: User, ben: User
) -> None:
    await enter(browser, "ana")
    (mine,) = await accounts.sessions.of(ana.id)
    answer = await submit(browser, f"/admin/people/{ben.id}/sessions/end", id=mine.id)
    assert answer.status == 404
    assert await who(browser) == "ana"


async def test_role_and_disabling_lead_back_to_the_person(
    browser: TestClient, ana: User, ben: User
) -> None:
    await enter(browser, "ana")
    own = f"/admin/people/{ben.id}"
    for action, fields, done in (
        ("role", {"role": "admin"}, "role"),
        ("disable", {}, "disabled"),
        ("enable", {}, "enabled"),
    ):
        answer = await submit(
            browser, f"/admin/people/{action}", id=ben.id, back="person", **fields
        )
        assert answer.headers["Location"] == f"{own}?done={done}"
    answer = await submit(browser, "/admin/people/enable", id=ben.id, back="https://evil.example")
    assert answer.status == 400


@pytest.mark.parametrize("path", ["", "/sessions/end", "/sessions/end-all"])
async def test_members_are_refused(
    accounts: AccountServices, browser: TestClient, ana: User, ben: User, path: str
) -> None:
    await sign_in(accounts, ana)
    await enter(browser, "ben")
    address = f"/admin/people/{ana.id}{path}"
    if path:
        (session,) = await accounts.sessions.of(ana.id)
        assert (await submit(browser, address, id=session.id)).status == 403
        assert len(await accounts.sessions.of(ana.id)) == 1
    else:
        assert (await open_page(browser, address))[0] == 403


async def test_nobody_has_no_page(
    accounts: AccountServices, browser: TestClient, ana: User
) -> None:
    gone = await accounts.users.create("gone", "correct horse battery")
    await accounts.disabling.delete(gone.id)
    await enter(browser, "ana")
    for user_id in ("nobody", gone.id):
        assert (await open_page(browser, f"/admin/people/{user_id}"))[0] == 404
