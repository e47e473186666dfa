"""A bot: made by an admin, let in by its token alone, and never more than a member."""

import re

import pytest
from aiohttp.test_utils import TestClient

from app.accounts.account_services import AccountServices
from app.accounts.models import Caller, User
from app.errors import Conflict, Invalid, NotFound, Unauthenticated
from tests.accounts.test_pages import enter, open_page, submit
from tests.accounts.world import HOME, PASSWORD, Clock

TOKEN = re.compile(r"parley_[\w-]{43}")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_bot_has_a_token_and_no_way_to_sign_in(
    accounts: AccountServices, ana: User
) -> None:
    bot, token = await accounts.bots.make("echo", "Echo")
    assert (bot.is_bot, bot.role, bot.name) == (True, "member", "Echo")
    assert (await accounts.tokens.resolve(token)).user == bot
    for password in ("", PASSWORD, "None"):
        with pytest.raises(Unauthenticated):
            await accounts.sign_in.attempt("echo", password, HOME)
    with pytest.raises(Invalid):
        await accounts.password_changes.make_reset(bot)


async def test_another_process_knows_a_bot_too(
    accounts: AccountServices, elsewhere: AccountServices, ana: User
) -> None:
    bot, token = await accounts.bots.make("echo")
    assert (await elsewhere.tokens.resolve(token)).user == bot
    assert not (await elsewhere.users.get(ana.id)).is_bot


async def test_a_bot_is_never_an_admin(accounts: AccountServices, ana: User) -> None:
    bot, _ = await accounts.bots.make("echo")
    with pytest.raises(Conflict):
        await accounts.roles.appoint(bot.id, "admin")
    assert not (await accounts.users.get(bot.id)).is_admin


async def test_a_bot_is_not_the_first_account(accounts: AccountServices) -> None:
    with pytest.raises(Conflict):
        await accounts.bots.make("echo")
    assert not await accounts.users.exist()


async def test_a_person_is_no_bot(accounts: AccountServices, ana: User) -> None:
    with pytest.raises(NotFound):
        await accounts.bots.get(ana.id)


async def test_disabling_ends_its_tokens(accounts: AccountServices, ana: User) -> None:
    bot, token = await accounts.bots.make("echo")
    disabled = await accounts.disabling.disable(bot.id)
    with pytest.raises(Unauthenticated):
        await accounts.tokens.resolve(token)
    with pytest.raises(Conflict):
        await accounts.bots.new_token(disabled)
    await accounts.disabling.enable(bot.id)
    with pytest.raises(Unauthenticated):
        await accounts.tokens.resolve(token)
    again = await accounts.bots.new_token(await accounts.bots.get(bot.id))
    assert (await accounts.tokens.resolve(again)).user.id == bot.id


async def test_an_admin_makes_one_and_its_token_is_shown_once(
    accounts: AccountServices, browser: TestClient, other_browser: TestClient, ana: User
) -> None:
    await enter(browser, "ana")
    made = await (await submit(browser, "/admin/bots", username="echo", name="Echo")).text()
    (token,) = TOKEN.findall(made)
    assert TOKEN.search((await open_page(browser, "/admin/people"))[1]) is None
    me = await (await other_browser.get("/api/me", headers=bearer(token))).json()
    assert me["username"] == "echo"
    taken = await submit(browser, "/admin/bots", username="echo")
    assert (taken.status, "is taken" in await taken.text()) == (409, True)
    wrong = await submit(browser, "/admin/bots", username="?")
    assert wrong.status == 400


async def test_its_page_makes_and_revokes_tokens(
    accounts: AccountServices, browser: TestClient, ana: User
) -> None:
    bot, first = await accounts.bots.make("echo")
    await enter(browser, "ana")
    address = f"/admin/people/{bot.id}"
    _, page = await open_page(browser, address)
    assert ">bot<" in page
    assert "Make admin" not in page
    assert "Reset link" not in page
    made = await (await submit(browser, f"{address}/tokens")).text()
    (second,) = TOKEN.findall(made)
    newest, oldest = await accounts.tokens.of(bot.id)
    gone = await submit(browser, f"{address}/tokens/revoke", id=oldest.id)
    assert gone.headers["Location"] == f"{address}?done=token"
    with pytest.raises(Unauthenticated):
        await accounts.tokens.resolve(first)
    assert (await accounts.tokens.resolve(second)).token == newest.id


async def test_only_admins_make_bots_and_only_for_bots_tokens(
    accounts: AccountServices, browser: TestClient, ana: User, ben: User
) -> None:
    bot, _ = await accounts.bots.make("echo")
    await enter(browser, "ben")
    paths = (
        "/admin/bots",
        f"/admin/people/{bot.id}/tokens",
        f"/admin/people/{bot.id}/tokens/revoke",
    )
    for path in paths:
        assert (await submit(browser, path, username="spy", id="0")).status == 403
    await enter(browser, "ana")
    assert (await submit(browser, f"/admin/people/{ben.id}/tokens")).status == 404
    assert await accounts.tokens.of(ben.id) == []


async def test_a_program_is_told_how_to_connect(
    accounts: AccountServices, browser: TestClient, ana: User
) -> None:
    bot, token = await accounts.bots.make("echo", scopes=["chat"])
    answer = await browser.get("/api/config/websocket", headers=bearer(token))
    assert answer.status == 200
    config = await answer.json()
    assert config["websocket_url"].endswith("/ws")
    ticket = await accounts.tokens.resolve(config["token"])
    assert (ticket.user, ticket.scopes, ticket.session) == (bot, frozenset({"chat"}), None)


async def test_a_ticket_of_a_token_lasts_a_minute_and_ends_with_it(
    accounts: AccountServices, ana: User, clock: Clock
) -> None:
    bot, token = await accounts.bots.make("echo")
    caller = await accounts.tokens.resolve(token)
    ticket = accounts.tokens.ticket(caller)
    clock.turn(seconds=59)
    assert await accounts.tokens.resolve(ticket) == caller
    clock.turn(seconds=1)
    assert await _refused(accounts, ticket)
    ticket = accounts.tokens.ticket(caller)
    await accounts.tokens.revoke(bot.id, caller.token or "")
    assert await _refused(accounts, ticket)
    # Nor does a ticket open what has another kind of name.
    assert await _refused(accounts, accounts.tokens.ticket(Caller(user=bot, token="nothing")))


async def _refused(accounts: AccountServices, token: str) -> bool:
    try:
        await accounts.tokens.resolve(token)
    except Unauthenticated:
        return True
    return False
