"""Password fields hide their text, and password managers can fill them in."""

import re

from aiohttp.test_utils import TestClient

from app.accounts.account_services import AccountServices
from app.accounts.models import User
from app.accounts.pages.new_account import NewAccount
from tests.accounts.test_pages import enter, open_page
from tests.accounts.world import Clock, sign_in

FIELD = re.compile(r'<input [^>]*name="(?:password|present)"[^>]*>')


async def test_passwords_are_masked_and_say_which_password_belongs_there(
    accounts: AccountServices, browser: TestClient, ana: User
) -> None:
    invite, reset = (
        await accounts.invites.make(ana),
        await accounts.password_changes.make_reset(ana),
    )
    wanted = {
        "/login": {"current-password"},
        f"/join/{invite}": {"new-password"},
        f"/reset/{reset}": {"new-password"},
        "/settings": {"current-password", "new-password"},
    }
    for path, kinds in wanted.items():
        if path == "/settings":
            await enter(browser, "ana")
        page = (await open_page(browser, path))[1]
        fields = FIELD.findall(page)
        assert all('type="password"' in field for field in fields), path
        assert set(re.findall(r'autocomplete="([^"]+)"', "".join(fields))) == kinds, path
        assert "onpaste" not in page


def test_nobody_is_asked_for_a_hint_or_a_secret_answer() -> None:
    assert set(NewAccount.__struct_fields__) == {"username", "name", "password", "code"}


async def test_no_password_gets_too_old(accounts: AccountServices, ana: User, clock: Clock) -> None:
    clock.turn(days=3_650)
    assert (await sign_in(accounts, ana)).user == ana
