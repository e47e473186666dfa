"""The account pages as a browser without JavaScript uses them, and the session over JSON."""

import re
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from msgspec.structs import replace
from structlog.testing import capture_logs

from app.accounts.account_services import AccountServices
from app.accounts.models import User
from tests.accounts.world import PASSWORD, settings, visit

PAGE = {"Accept": "text/html"}


async def submit(client: TestClient, path: str, **fields: Any) -> ClientResponse:
    return await client.post(path, data=fields, headers=PAGE, allow_redirects=False)


async def open_page(client: TestClient, path: str) -> tuple[int, str]:
    answer = await client.get(path, headers=PAGE, allow_redirects=False)
    return answer.status, await answer.text()


async def enter(client: TestClient, name: str) -> None:
    answer = await submit(client, "/login", username=name, password=PASSWORD)
    assert answer.status == 303


async def who(client: TestClient) -> str:
    return await (await client.get("/")).text()


def link_in(page: str, path: str) -> str:
    found = re.search(rf'value="http://[^"/]+({path}[^"]+)"', page)
    assert found, page
    return found[1]


async def test_signing_in_and_out(browser: TestClient, ana: User) -> None:
    status, page = await open_page(browser, "/login?next=/rooms/hallway")
    assert status == 200
    assert 'value="/rooms/hallway"' in page
    answer = await submit(
        browser, "/login", username="ana", password=PASSWORD, next="/rooms/hallway"
    )
    assert (answer.status, answer.headers["Location"]) == (303, "/rooms/hallway")
    assert await who(browser) == "ana"
    assert (await open_page(browser, "/login"))[0] == 303
    answer = await submit(browser, "/logout")
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
    assert await who(browser) == "nobody"


async def test_signing_out_ends_the_session_on_the_server(
    accounts: AccountServices, browser: TestClient, ana: User
) -> None:
    await enter(browser, "ana")
    assert await accounts.sessions.of(ana.id)
    await submit(browser, "/logout")
    assert await accounts.sessions.of(ana.id) == []


async def test_the_cookie_is_for_the_server_only(browser: TestClient, ana: User) -> None:
    answer = await submit(browser, "/login", username="ana", password=PASSWORD)
    cookie = answer.cookies["parley_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert not cookie["secure"]


async def test_behind_tls_the_cookie_is_secure_and_bound_to_the_host(
    accounts: AccountServices, ana: User
) -> None:
    client = await visit(accounts, behind_tls=True)
    answer = await submit(client, "/login", username="ana", password=PASSWORD)
    cookie = answer.cookies["__Host-parley_session"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert "parley_session" not in answer.cookies
    await client.close()


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"]
)
async def test_signing_in_leads_nowhere_else(browser: TestClient, ana: User, target: str) -> None:
    answer = await submit(browser, "/login", username="ana", password=PASSWORD, next=target)
    assert answer.headers["Location"] == "/"


async def test_a_failed_sign_in_says_the_same_for_every_name(
    browser: TestClient, ana: User
) -> None:
    pages = set()
    for name in ("ana", "zoe"):
        answer = await submit(browser, "/login", username=name, password="wrong")
        assert answer.status == 401
        text = re.sub(r'nonce="[^"]+"', "", await answer.text())
        pages.add(text.replace(f'value="{name}"', ""))
        assert "fit together" in text
    assert len(pages) == 1


async def test_a_throttled_sign_in_says_when_to_come_back(browser: TestClient, ana: User) -> None:
    with capture_logs() as logs:
        for _ in range(11):
            answer = await submit(browser, "/login", username="ana", password="wrong guess")
    assert answer.status == 429
    assert re.search(r"Try again in \d+ seconds", await answer.text())
    events = [line["event"] for line in logs if line["log_level"] == "warning"]
    assert events == ["sign_in_failed"] * 10 + ["sign_in_throttled"]
    assert "wrong guess" not in repr(logs)


async def test_a_planted_session_does_not_become_mine(
    accounts: AccountServices, browser: TestClient, other_browser: TestClient, ana: User, ben: User
) -> None:
    await enter(other_browser, "ben")
    planted = {c.key: c.value for c in other_browser.session.cookie_jar}
    browser.session.cookie_jar.update_cookies(planted)
    assert await who(browser) == "ben"
    await enter(browser, "ana")
    assert {c.key: c.value for c in browser.session.cookie_jar} != planted
    assert await who(browser) == "ana"
    # The session that was planted has ended: whoever knew it is nobody now.
    assert await who(other_browser) == "nobody"


async def test_set_up_makes_the_first_admin_once(
    accounts: AccountServices, browser: TestClient, other_browser: TestClient
) -> None:
    code = await accounts.setup.code()
    assert (await open_page(browser, "/setup?code=wrong"))[0] == 404
    status, page = await open_page(browser, f"/setup?code={code}")
    assert (status, str(code) in page) == (200, True)
    refused = await submit(browser, "/setup", code=code, username="a", password=PASSWORD)
    assert refused.status == 400
    assert 'aria-invalid="true"' in await refused.text()
    done = await submit(browser, "/setup", code=code, username="ana", password=PASSWORD)
    assert done.status == 303
    assert await who(browser) == "ana"
    again = await submit(other_browser, "/setup", code=code, username="mal", password=PASSWORD)
    assert again.status == 404
    assert (await open_page(other_browser, f"/setup?code={code}"))[0] == 404


async def test_an_admin_invites_and_somebody_joins(
    browser: TestClient, other_browser: TestClient, ana: User
) -> None:
    await enter(browser, "ana")
    made = await submit(browser, "/admin/invites", uses="1")
    path = link_in(await made.text(), "/join/")
    status, page = await open_page(other_browser, path)
    assert (status, "Ana invites you" in page) == (200, True)
    taken = await submit(other_browser, path, username="ana", password=PASSWORD)
    assert taken.status == 409
    assert "taken" in await taken.text()
    joined = await submit(other_browser, path, username="ben", name="Ben", password=PASSWORD)
    assert joined.status == 303
    assert await who(other_browser) == "ben"
    assert (await open_page(browser, path))[0] == 404


def register_by(accounts: AccountServices, setting: Any) -> None:
    accounts.settings = settings(registration=setting)
    accounts.registration._registration = setting


async def test_registration_is_closed_unless_it_was_opened(
    accounts: AccountServices, ana: User
) -> None:
    for setting, status in (("invite", 404), ("open", 200)):
        register_by(accounts, setting)
        client = await visit(accounts)
        assert (await open_page(client, "/register"))[0] == status
        assert ("/register" in (await open_page(client, "/login"))[1]) == (status == 200)
        answer = await submit(client, "/register", username="cleo", password=PASSWORD)
        assert answer.status == (303 if status == 200 else 404)
        await client.close()


async def test_open_registration_makes_ten_accounts_a_minute_for_one_network(
    accounts: AccountServices, ana: User
) -> None:
    register_by(accounts, "open")
    client = await visit(accounts)
    tried = [await submit(client, "/register", username="no", password="") for _ in range(11)]
    assert [answer.status for answer in tried] == [400] * 10 + [429]
    await client.close()


async def test_an_admin_hands_out_a_reset_link(
    browser: TestClient, other_browser: TestClient, ana: User, ben: User
) -> None:
    await enter(browser, "ana")
    made = await submit(browser, "/admin/people/reset", id=ben.id)
    path = link_in(await made.text(), "/reset/")
    assert (await open_page(other_browser, path))[0] == 200
    short = await submit(other_browser, path, password="short")
    assert (short.status, "at least 8" in await short.text()) == (400, True)
    done = await submit(other_browser, path, password="a quite new password")
    assert done.status == 303
    assert await who(other_browser) == "ben"
    assert (await open_page(other_browser, path))[0] == 404


@pytest.mark.parametrize(
    "path",
    ["", "/role", "/disable", "/enable", "/reset"],
)
async def test_members_see_and_change_nothing_of_the_admins(
    browser: TestClient, ana: User, ben: User, path: str
) -> None:
    await enter(browser, "ben")
    if not path:
        assert (await open_page(browser, "/admin/people"))[0] == 403
        assert (await submit(browser, "/admin/invites", uses="1")).status == 403
        return
    answer = await submit(browser, f"/admin/people{path}", id=ana.id, role="member")
    assert answer.status == 403


async def test_an_admin_changes_roles_and_disables(
    accounts: AccountServices, browser: TestClient, other_browser: TestClient, ana: User, ben: User
) -> None:
    await enter(browser, "ana")
    await enter(other_browser, "ben")
    assert (await submit(browser, "/admin/people/role", id=ben.id, role="admin")).status == 303
    assert (await accounts.users.get(ben.id)).is_admin
    assert (await submit(browser, "/admin/people/disable", id=ben.id)).status == 303
    assert await who(other_browser) == "nobody"
    refused = await submit(browser, "/admin/people/role", id=ana.id, role="member")
    assert (refused.status, "last admin" in await refused.text()) == (409, True)
    assert (await submit(browser, "/admin/people/enable", id=ben.id)).status == 303
    await enter(other_browser, "ben")
    assert (await submit(browser, "/admin/people/role", id=ben.id, role="king")).status == 400
    assert (await submit(browser, "/admin/people/disable", id="nobody")).status == 404
    status, page = await open_page(browser, "/admin/people?done=enabled")
    assert (status, "@ben" in page, "enabled again" in page) == (200, True, True)


async def test_settings_change_my_profile_and_password(
    accounts: AccountServices, browser: TestClient, other_browser: TestClient, ana: User
) -> None:
    await enter(browser, "ana")
    await enter(other_browser, "ana")
    assert (await open_page(browser, "/settings"))[0] == 200
    saved = await submit(browser, "/settings/profile", name="Anna")
    assert saved.headers["Location"] == "/settings?done=profile"
    assert (await accounts.users.get(ana.id)).name == "Anna"
    wrong = await submit(browser, "/settings/profile", name="\u202eanna")
    assert wrong.status == 400
    wrong = await submit(browser, "/settings/password", present="x", password="long enough")
    assert (wrong.status, "present password" in await wrong.text()) == (400, True)
    changed = await submit(
        browser, "/settings/password", present=PASSWORD, password="a quite new password"
    )
    assert changed.status == 303
    assert await who(browser) == "ana"
    assert await who(other_browser) == "nobody"


async def test_settings_list_and_end_my_sessions(
    accounts: AccountServices, browser: TestClient, other_browser: TestClient, ana: User, ben: User
) -> None:
    await enter(browser, "ana")
    await enter(other_browser, "ben")
    [theirs] = await accounts.sessions.of(ben.id)
    assert (await submit(browser, "/settings/sessions/end", id=theirs.id)).status == 404
    assert await who(other_browser) == "ben"
    await enter(other_browser, "ana")
    [newest, _] = await accounts.sessions.of(ana.id)
    page = (await open_page(browser, "/settings"))[1]
    assert page.count("last used") == 2
    mine = re.findall(r'action="/settings/sessions/end">\s*<input[^>]+value="(\w+)"', page)
    assert len(mine) == 1
    assert (await submit(browser, "/settings/sessions/end", id=mine[0])).status == 303
    assert await who(other_browser) == "nobody"
    assert await who(browser) == "ana"
    assert newest


async def test_settings_make_and_revoke_tokens(
    accounts: AccountServices, browser: TestClient, other_browser: TestClient, ana: User
) -> None:
    await enter(browser, "ana")
    made = await submit(browser, "/settings/tokens", label="bot", scopes="chat")
    found = re.search(r"parley_[\w-]{43}", await made.text())
    assert found
    bearer = {"Authorization": f"Bearer {found[0]}"}
    assert (await other_browser.get("/api/me", headers=bearer)).status == 200
    # A program's token is not a person: it makes no tokens and ends no sessions.
    assert (await other_browser.delete("/api/session", headers=bearer)).status == 401
    refused = await other_browser.post(
        "/settings/tokens", data={"label": "x"}, headers=bearer | PAGE, allow_redirects=False
    )
    assert refused.headers["Location"] == "/login"
    assert found[0] not in (await open_page(browser, "/settings"))[1]
    [token] = await accounts.tokens.of(ana.id)
    assert token.scopes == ["chat"]
    assert (await submit(browser, "/settings/tokens/revoke", id=token.id)).status == 303
    assert (await other_browser.get("/api/me", headers=bearer)).status == 401
    wrong = await submit(browser, "/settings/tokens", label="bot", scopes="everything")
    assert wrong.status == 400
    unticked = await submit(browser, "/settings/tokens", label="bot")
    assert (unticked.status, "at least one" in await unticked.text()) == (400, True)
    assert await accounts.tokens.of(ana.id) == []


async def test_only_an_admin_grants_what_reaches_everybody(
    accounts: AccountServices, browser: TestClient, other_browser: TestClient, ana: User, ben: User
) -> None:
    await enter(browser, "ana")
    await enter(other_browser, "ben")
    wanted = {"label": "bot", "scopes": "notifications:send"}
    assert (await submit(other_browser, "/settings/tokens", **wanted)).status == 400
    assert "notifications:send" not in (await open_page(other_browser, "/settings"))[1]
    assert await accounts.tokens.of(ben.id) == []
    assert (await submit(browser, "/settings/tokens", **wanted)).status == 200
    assert [token.scopes for token in await accounts.tokens.of(ana.id)] == [["notifications:send"]]


async def test_leaving_for_good_needs_my_password(
    accounts: AccountServices, browser: TestClient, ana: User, ben: User
) -> None:
    await enter(browser, "ben")
    wrong = await submit(browser, "/settings/delete", farewell="wrong")
    assert wrong.status == 400
    assert await who(browser) == "ben"
    left = await submit(browser, "/settings/delete", farewell=PASSWORD)
    assert left.headers["Location"] == "/login"
    assert await who(browser) == "nobody"
    assert (await accounts.users.get(ben.id)).is_deleted


async def test_the_last_admin_cannot_leave(
    accounts: AccountServices, browser: TestClient, ana: User
) -> None:
    await enter(browser, "ana")
    refused = await submit(browser, "/settings/delete", farewell=PASSWORD)
    assert refused.status == 409
    assert not (await accounts.users.get(ana.id)).is_deleted


@pytest.mark.parametrize(
    "path",
    [
        "/login",
        "/logout",
        "/setup",
        "/settings/password",
        "/settings/delete",
        "/admin/people/disable",
    ],
)
async def test_another_site_cannot_submit_our_forms(
    browser: TestClient, ana: User, path: str
) -> None:
    await enter(browser, "ana")
    foreign = PAGE | {"Origin": "https://evil.example"}
    answer = await browser.post(path, data={"farewell": PASSWORD}, headers=foreign)
    assert answer.status == 403
    assert "another site" in await answer.text()
    assert await who(browser) == "ana"


async def test_another_site_cannot_end_the_session_over_json(
    browser: TestClient, ana: User
) -> None:
    await enter(browser, "ana")
    foreign = {"Origin": "https://evil.example"}
    assert (await browser.delete("/api/session", headers=foreign)).status == 403
    assert await who(browser) == "ana"


async def test_names_are_escaped_on_every_page(
    accounts: AccountServices, browser: TestClient, ana: User
) -> None:
    evil = '"><img src=x onerror=alert(1)>'
    await accounts.users.describe(ana.id, name=evil)
    await enter(browser, "ana")
    made = await submit(browser, "/settings/tokens", label=evil)
    reset = await submit(browser, "/admin/people/reset", id=ana.id)
    invite = await submit(browser, "/admin/invites", uses="2")
    pages = [await made.text(), await reset.text(), (await open_page(browser, "/settings"))[1]]
    path = link_in(await invite.text(), "/join/")
    pages += [(await open_page(browser, path))[1], await invite.text()]
    for page in pages:
        assert "<img" not in page
        assert "&lt;img" in page


async def test_a_program_begins_uses_and_ends_a_session(browser: TestClient, ana: User) -> None:
    began = await browser.post("/api/session", json={"username": "ana", "password": PASSWORD})
    assert began.status == 200
    assert began.cookies["parley_session"]["httponly"]
    body = await began.json()
    shown = {
        "id": ana.id,
        "username": "ana",
        "name": "Ana",
        "role": "admin",
        "time_zone": "UTC",
    }
    assert body["user"] == shown
    browser.session.cookie_jar.clear()
    bearer = {"Authorization": f"Bearer {body['token']}"}
    assert await (await browser.get("/api/me", headers=bearer)).json() == shown
    config = await (await browser.get("/api/config/websocket", headers=bearer)).json()
    assert config["websocket_url"] == f"ws://127.0.0.1:{browser.port}/ws"
    assert config["heartbeat_interval"] == 30000
    assert (config["reconnect_attempts"], config["reconnect_delay"]) == (5, 1000)
    ticket = {"Authorization": f"Bearer {config['token']}"}
    assert (await browser.get("/api/me", headers=ticket)).status == 200
    assert (await browser.delete("/api/session", headers=bearer)).status == 200
    for ended in (bearer, ticket):
        assert (await browser.get("/api/me", headers=ended)).status == 401


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"username": "ana", "password": "wrong"}, 401, None),
        ({"username": "zoe", "password": PASSWORD}, 401, None),
        ({"username": "ana"}, 400, "password"),
        ({"username": 5, "password": "x"}, 400, "username"),
        ({"username": "ana\0", "password": "x\0"}, 401, None),
        ([], 400, None),
    ],
)
async def test_a_session_that_cannot_begin(
    browser: TestClient, ana: User, body: object, status: int, field: str | None
) -> None:
    answer = await browser.post("/api/session", json=body)
    assert answer.status == status
    error = (await answer.json())["error"]
    assert error.get("field") == field
    assert "parley_session" not in answer.cookies


async def test_nobody_has_no_session(browser: TestClient) -> None:
    for method, path in (
        ("GET", "/api/me"),
        ("DELETE", "/api/session"),
        ("GET", "/api/config/websocket"),
    ):
        answer = await browser.request(method, path)
        assert answer.status == 401
        assert (await answer.json())["error"]["code"] == "unauthenticated"


async def test_odd_forms_and_codes_are_refused_politely(browser: TestClient, ana: User) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"} | PAGE
    for body in (b"username=%FF%FE&password=%ED%A0%80", b"\xff\xfe", b"&&&==", b"a" * 100_000):
        answer = await browser.post("/login", data=body, headers=form)
        assert answer.status in (400, 401, 413)
    unknown = form | {"Content-Type": "application/x-www-form-urlencoded; charset=nonsense"}
    assert (await browser.post("/login", data=b"username=a", headers=unknown)).status == 400
    for path in ("/join/%00", "/join/%ED%A0%80", "/reset/" + "x" * 5000, "/setup?code=%00"):
        assert (await open_page(browser, path))[0] == 404
    await enter(browser, "ana")
    for path in ("/admin/people?after=%00", "/admin/people?after=%ED%A0%80", "/settings?done=%00"):
        assert (await open_page(browser, path))[0] == 200


async def test_fields_that_a_form_does_not_have_change_nothing(
    accounts: AccountServices, browser: TestClient, ben: User
) -> None:
    await enter(browser, "ben")
    more = {"role": "admin", "username": "ana", "is_disabled": "false", "id": "0" * 24}
    await submit(browser, "/settings/profile", name="Benno", **more)
    stored = await accounts.users._store.by_id(ben.id)
    assert stored
    assert stored.user == replace(ben, name="Benno")


async def test_an_invite_under_a_long_host_has_a_link_and_no_code(
    browser: TestClient, ana: User
) -> None:
    await enter(browser, "ana")
    for host, has_code in (("chat.example", True), ("a" * 4_000, False)):
        answer = await browser.post("/admin/invites", data={"uses": "1"}, headers={"Host": host})
        page = await answer.text()
        assert answer.status == 200, host[:20]
        assert f'value="http://{host}/join/' in page
        assert ('class="qr"' in page) is has_code
