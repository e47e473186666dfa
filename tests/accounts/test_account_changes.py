"""An admin who is demoted, disabled or deleted: what they made ends with it, and stays ended."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp.test_utils import TestClient

from app.accounts.account_changes import Loss
from app.accounts.account_services import AccountServices
from app.accounts.models import Revoked, User
from app.errors import Conflict, Forbidden, NotFound, Unauthenticated
from app.storage.mongo import Database
from app.storage.transactions import Transaction
from tests.accounts.test_pages import enter, link_in, open_page, submit
from tests.accounts.world import PASSWORD

SEND = "notifications:send"
NEW = "a quite new password"

Dismiss = Callable[[AccountServices, str], Awaitable[User]]


async def demote(accounts: AccountServices, user_id: str) -> User:
    return await accounts.roles.appoint(user_id, "member")


async def disable(accounts: AccountServices, user_id: str) -> User:
    return await accounts.disabling.disable(user_id)


async def delete(accounts: AccountServices, user_id: str) -> User:
    return await accounts.disabling.delete(user_id)


DISMISSALS = pytest.mark.parametrize("dismiss", [demote, disable, delete])


@pytest.fixture
async def dana(accounts: AccountServices, ana: User) -> User:
    """The other admin, who will be dismissed."""
    return await accounts.users.create("dana", PASSWORD, "Dana", "admin")


async def reinstate(accounts: AccountServices, user_id: str) -> None:
    """Make somebody an admin again, where that can be."""
    user = await accounts.users.get(user_id)
    if user.is_deleted:
        return
    await accounts.disabling.enable(user_id)
    await accounts.roles.appoint(user_id, "admin")


@DISMISSALS
async def test_links_that_they_made_for_others_end_and_do_not_come_back(
    accounts: AccountServices, ana: User, ben: User, dana: User, dismiss: Dismiss
) -> None:
    for_admin = await accounts.password_changes.make_reset(ana, dana)
    for_member = await accounts.password_changes.make_reset(ben, dana)
    invite = await accounts.invites.make(dana, 3)
    await dismiss(accounts, dana.id)
    for _ in range(2):
        for code in (for_admin, for_member):
            with pytest.raises(NotFound):
                await accounts.password_changes.reset_owner(code)
            with pytest.raises(NotFound):
                await accounts.password_changes.reset(code, NEW)
        with pytest.raises(NotFound):
            await accounts.invites.inviter(invite)
        with pytest.raises(NotFound):
            await accounts.invites.use(invite, "eve", PASSWORD)
        await reinstate(accounts, dana.id)
    assert await accounts.invites.open() == []


@DISMISSALS
async def test_a_link_that_slipped_in_is_refused_at_its_use(
    accounts: AccountServices,
    database: Database,
    ana: User,
    dana: User,
    dismiss: Dismiss,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that is in the database all the same: its maker is asked, before and within its use."""

    async def asked_before_the_dismissal(_: str | None) -> bool:
        return True

    reset = await accounts.password_changes.make_reset(ana, dana)
    invite = await accounts.invites.make(dana)
    stored = {
        name: await database.collection(name).find({}).to_list(None)
        for name in ("resets", "invites")
    }
    await dismiss(accounts, dana.id)
    for name, documents in stored.items():
        await database.collection(name).insert_many(documents)
    for _ in range(2):
        with pytest.raises(NotFound):
            await accounts.password_changes.reset(reset, NEW)
        with pytest.raises(NotFound):
            await accounts.invites.use(invite, "eve", PASSWORD)
        monkeypatch.setattr(accounts.users, "may_act", asked_before_the_dismissal)


@DISMISSALS
async def test_a_bots_token_that_slipped_in_is_refused_at_its_use(
    accounts: AccountServices, database: Database, ana: User, dana: User, dismiss: Dismiss
) -> None:
    bot, first = await accounts.bots.make("echo", by=ana)
    second = await accounts.bots.new_token(bot, dana)
    tokens = database.collection("tokens")
    stored = await tokens.find({}).to_list(None)
    await dismiss(accounts, dana.id)
    await tokens.delete_many({})
    await tokens.insert_many(stored)
    assert (await accounts.tokens.resolve(first)).user.id == bot.id
    with pytest.raises(Unauthenticated):
        await accounts.tokens.resolve(second)


@DISMISSALS
async def test_another_process_refuses_them_at_once(
    accounts: AccountServices, elsewhere: AccountServices, ana: User, dana: User, dismiss: Dismiss
) -> None:
    """Before it has heard of the change."""
    assert await elsewhere.users.get(dana.id) == dana
    reset = await accounts.password_changes.make_reset(ana, dana)
    await dismiss(accounts, dana.id)
    for attempt in (
        elsewhere.password_changes.reset(reset, NEW),
        elsewhere.password_changes.make_reset(ana, dana),
        elsewhere.invites.make(dana),
        elsewhere.bots.make("spy", by=dana),
    ):
        with pytest.raises((NotFound, Forbidden)):
            await attempt


@DISMISSALS
async def test_what_the_machine_made_goes_on(
    accounts: AccountServices, ana: User, dana: User, dismiss: Dismiss
) -> None:
    reset = await accounts.password_changes.make_reset(ana)
    bot, token = await accounts.bots.make("echo")
    await dismiss(accounts, dana.id)
    assert (await accounts.tokens.resolve(token)).user == bot
    await accounts.password_changes.reset(reset, NEW)


async def test_links_from_before_makers_were_remembered_are_no_links(
    accounts: AccountServices, database: Database, ana: User
) -> None:
    code = await accounts.password_changes.make_reset(ana)
    await database.collection("resets").update_many({}, {"$unset": {"by": True}})
    with pytest.raises(NotFound):
        await accounts.password_changes.reset_owner(code)


async def test_links_made_while_their_maker_is_demoted_are_gone_too(
    accounts: AccountServices, elsewhere: AccountServices, ana: User, ben: User
) -> None:
    for _ in range(5):
        await accounts.roles.appoint(ben.id, "admin")
        made, invite, _ = await asyncio.gather(
            elsewhere.password_changes.make_reset(ana, ben),
            elsewhere.invites.make(ben),
            accounts.roles.appoint(ben.id, "member"),
            return_exceptions=True,
        )
        await accounts.roles.appoint(ben.id, "admin")
        with pytest.raises(NotFound):
            await accounts.password_changes.reset_owner(str(made))
        with pytest.raises(NotFound):
            await accounts.invites.inviter(str(invite))


async def test_the_dismissed_admin_of_the_issue(
    accounts: AccountServices, browser: TestClient, other_browser: TestClient, ana: User, dana: User
) -> None:
    """Makes a link for another admin, is demoted and disabled, and opens it."""
    await enter(browser, "dana")
    made = await (await submit(browser, "/admin/people/reset", id=ana.id)).text()
    path = link_in(made, "/reset/")
    assert (await open_page(other_browser, path))[0] == 200
    await accounts.roles.appoint(dana.id, "member")
    await accounts.disabling.disable(dana.id)
    assert (await open_page(other_browser, path))[0] == 404
    answered = await submit(other_browser, path, password=NEW)
    assert answered.status == 404
    assert "Set-Cookie" not in answered.headers


@DISMISSALS
async def test_bots_of_theirs_stop_and_wait_for_an_admin(
    accounts: AccountServices,
    ana: User,
    dana: User,
    revoked: list[Revoked],
    dismiss: Dismiss,
) -> None:
    bot, token = await accounts.bots.make("echo", by=dana)
    other = await accounts.bots.new_token(bot, ana)
    mine, _ = await accounts.bots.make("mine", by=ana)
    assert (await accounts.tokens.resolve(token)).user == bot
    await dismiss(accounts, dana.id)
    assert Revoked(user=bot.id) in revoked
    for each in (token, other):
        with pytest.raises(Unauthenticated):
            await accounts.tokens.resolve(each)
    assert await accounts.bots.waiting([bot, mine, ana]) == {bot.id}
    with pytest.raises(Conflict):
        await accounts.bots.new_token(bot, ana)
    with pytest.raises(Conflict):
        await accounts.bots.adopt(mine, ana)
    await accounts.bots.adopt(bot, ana)
    # The one that the dismissed admin has seen is gone for good, also when they are back.
    await reinstate(accounts, dana.id)
    with pytest.raises(Unauthenticated):
        await accounts.tokens.resolve(token)
    assert (await accounts.tokens.resolve(other)).user.id == bot.id
    assert await accounts.bots.waiting([await accounts.users.get(bot.id)]) == set()


@DISMISSALS
async def test_tokens_of_other_bots_that_they_made_end(
    accounts: AccountServices, ana: User, dana: User, revoked: list[Revoked], dismiss: Dismiss
) -> None:
    bot, first = await accounts.bots.make("echo")
    second = await accounts.bots.new_token(bot, dana)
    held = (await accounts.tokens.resolve(second)).token
    await dismiss(accounts, dana.id)
    assert Revoked(token=held) in revoked
    with pytest.raises(Unauthenticated):
        await accounts.tokens.resolve(second)
    assert await accounts.tokens.resolve(first)


async def test_a_waiting_bot_is_adopted_or_deleted_on_the_page(
    accounts: AccountServices, browser: TestClient, other_browser: TestClient, ana: User, dana: User
) -> None:
    await enter(other_browser, "dana")
    for name in ("echo", "lost"):
        assert (await submit(other_browser, "/admin/bots", username=name)).status == 200
    echo, lost = await accounts.users.find("echo"), await accounts.users.find("lost")
    await accounts.roles.appoint(dana.id, "member")
    await enter(browser, "ana")
    assert (await open_page(browser, "/admin/people"))[1].count("stopped: needs an admin") == 2
    assert (await submit(browser, f"/admin/people/{echo.id}/tokens")).status == 409
    adopted = await submit(browser, "/admin/bots/adopt", id=echo.id)
    assert adopted.headers["Location"] == f"/admin/people/{echo.id}?done=adopted"
    assert (await submit(browser, f"/admin/people/{echo.id}/tokens")).status == 200
    assert (await submit(browser, "/admin/bots/adopt", id=echo.id)).status == 409
    deleted = await submit(browser, "/admin/bots/delete", id=lost.id)
    assert deleted.headers["Location"] == "/admin/people?done=deleted"
    assert (await accounts.users.get(lost.id)).is_deleted
    # People are not deleted this way, and members do none of it.
    assert (await submit(browser, "/admin/bots/delete", id=dana.id)).status == 404
    for action in ("adopt", "delete"):
        refused = await submit(other_browser, f"/admin/bots/{action}", id=echo.id)
        assert refused.status == 403


async def test_a_tokens_scopes_shrink_with_its_owners_role(
    accounts: AccountServices, elsewhere: AccountServices, ana: User, dana: User
) -> None:
    scopes = ["chat", SEND, "metrics:read"]
    token = await accounts.tokens.create(dana.id, scopes, by=dana.id)
    held = await accounts.tokens.resolve(token)
    assert [held.holds(scope) for scope in scopes] == [True, True, True]
    await elsewhere.tokens.resolve(token)
    await accounts.roles.appoint(dana.id, "member")
    await elsewhere.revocations.catch_up()
    for place in (accounts, elsewhere):
        held = await place.tokens.resolve(token)
        assert [held.may(scope) for scope in scopes] == [True, False, False]


async def test_what_the_machine_grants_a_member_ends_with_a_dismissal(
    accounts: AccountServices, ana: User, ben: User
) -> None:
    """It can give somebody who is no admin what only admins have; a demotion takes all of it."""
    token = await accounts.tokens.create(ben.id, [SEND])
    assert (await accounts.tokens.resolve(token)).holds(SEND)
    await accounts.roles.appoint(ben.id, "admin")
    assert (await accounts.tokens.resolve(token)).holds(SEND)
    await accounts.roles.appoint(ben.id, "member")
    assert not (await accounts.tokens.resolve(token)).holds(SEND)


async def test_the_machines_grant_to_an_admin_is_no_more_than_their_role(
    accounts: AccountServices, ana: User, dana: User
) -> None:
    token = await accounts.tokens.create(dana.id, [SEND])
    await accounts.roles.appoint(dana.id, "member")
    assert not (await accounts.tokens.resolve(token)).may(SEND)


async def test_sessions_that_a_killed_process_left_do_not_come_back(
    accounts: AccountServices, ana: User, ben: User
) -> None:
    """One that began while the account was shut is gone when it is opened again."""
    await accounts.disabling.disable(ben.id)
    _, cookie = await accounts.sessions.begin(ben, address="", agent="")
    token = await accounts.tokens.create(ben.id)
    await accounts.disabling.enable(ben.id)
    assert await accounts.sessions.resolve(cookie) is None
    with pytest.raises(Unauthenticated):
        await accounts.tokens.resolve(token)


async def test_what_ends_with_rights_is_told_of_each_loss_and_of_nothing_else(
    accounts: AccountServices, ben: User
) -> None:
    losses: list[str] = []

    async def note(user_id: str, loss: Loss, _: Transaction) -> None:
        assert user_id == ben.id
        losses.append(loss)

    accounts.account_changes.on_loss.append(note)
    await accounts.roles.appoint(ben.id, "member")  # It is one already.
    await accounts.roles.appoint(ben.id, "admin")
    assert losses == []
    await accounts.roles.appoint(ben.id, "member")
    await accounts.disabling.disable(ben.id)
    await accounts.disabling.enable(ben.id)
    await accounts.disabling.delete(ben.id)
    assert losses == ["demoted", "disabled", "deleted"]


async def test_rights_are_not_lost_where_what_ends_with_them_cannot_end(
    accounts: AccountServices, ben: User
) -> None:
    async def fail(user_id: str, loss: Loss, within: Transaction) -> None:
        raise Conflict("This can't end now.")

    accounts.account_changes.on_loss.append(fail)
    with pytest.raises(Conflict):
        await accounts.disabling.disable(ben.id)
    assert not (await accounts.users.get(ben.id)).is_disabled
