"""Changing a password, and the one-time link that an admin makes."""

import asyncio

import pytest

from app.accounts.account_services import AccountServices
from app.accounts.models import Revoked, User
from app.errors import Forbidden, Invalid, NotFound, RateLimited, Unauthenticated
from app.storage.mongo import Database
from tests.accounts.world import HOME, PASSWORD, Clock, sign_in

NEW = "a quite new password"


async def can_sign_in(accounts: AccountServices, user: User, password: str) -> bool:
    try:
        await accounts.sign_in.attempt(user.username, password, HOME)
    except Unauthenticated:
        return False
    return True


async def test_changing_my_password_ends_my_other_sessions(
    accounts: AccountServices, ana: User, revoked: list[Revoked]
) -> None:
    here, there = await sign_in(accounts, ana), await sign_in(accounts, ana)
    await accounts.password_changes.change(ana, PASSWORD, NEW, keep=here.session.id)
    assert await accounts.sessions.resolve(here.cookie)
    assert await accounts.sessions.resolve(there.cookie) is None
    assert revoked == [Revoked(session=there.session.id)]
    assert await can_sign_in(accounts, ana, NEW)
    assert not await can_sign_in(accounts, ana, PASSWORD)


async def test_a_wrong_present_password_changes_nothing(
    accounts: AccountServices, ana: User
) -> None:
    with pytest.raises(Invalid) as refusal:
        await accounts.password_changes.change(ana, "wrong", NEW, keep=None)
    assert refusal.value.field == "present"
    assert await can_sign_in(accounts, ana, PASSWORD)


async def test_an_unfit_new_password_changes_nothing(accounts: AccountServices, ana: User) -> None:
    with pytest.raises(Invalid) as refusal:
        await accounts.password_changes.change(ana, PASSWORD, "short", keep=None)
    assert refusal.value.field == "password"
    assert await can_sign_in(accounts, ana, PASSWORD)


async def test_an_open_browser_is_no_place_to_guess(accounts: AccountServices, ana: User) -> None:
    for _ in range(10):
        with pytest.raises(Invalid):
            await accounts.password_changes.verify(ana.id, "wrong")
    with pytest.raises(RateLimited):
        await accounts.password_changes.verify(ana.id, PASSWORD)


async def test_who_knows_the_password_is_asked_as_often_as_needed(
    accounts: AccountServices, ana: User
) -> None:
    for _ in range(11):
        await accounts.password_changes.verify(ana.id, PASSWORD)


async def test_a_reset_link_sets_a_password_once(accounts: AccountServices, ben: User) -> None:
    old = await sign_in(accounts, ben)
    code = await accounts.password_changes.make_reset(ben)
    assert (await accounts.password_changes.reset_owner(code)).id == ben.id
    await accounts.password_changes.reset(code, NEW)
    assert await accounts.sessions.resolve(old.cookie) is None
    assert await can_sign_in(accounts, ben, NEW)
    with pytest.raises(NotFound):
        await accounts.password_changes.reset(code, "yet another password")


async def test_of_simultaneous_uses_of_a_reset_link_one_counts(
    accounts: AccountServices, ben: User
) -> None:
    code = await accounts.password_changes.make_reset(ben)
    uses = [accounts.password_changes.reset(code, f"password number {i}") for i in range(4)]
    results = await asyncio.gather(*uses, return_exceptions=True)
    assert len([r for r in results if isinstance(r, User)]) == 1
    assert len([r for r in results if isinstance(r, NotFound)]) == 3


async def test_an_unfit_password_leaves_the_link_good(accounts: AccountServices, ben: User) -> None:
    code = await accounts.password_changes.make_reset(ben)
    with pytest.raises(Invalid):
        await accounts.password_changes.reset(code, "short")
    await accounts.password_changes.reset(code, NEW)


async def test_a_reset_link_ends_after_a_day(
    accounts: AccountServices, ben: User, clock: Clock
) -> None:
    code = await accounts.password_changes.make_reset(ben)
    clock.turn(hours=24)
    with pytest.raises(NotFound):
        await accounts.password_changes.reset(code, NEW)


async def test_a_newer_link_takes_the_place_of_the_older(
    accounts: AccountServices, ben: User
) -> None:
    older, newer = [await accounts.password_changes.make_reset(ben) for _ in range(2)]
    with pytest.raises(NotFound):
        await accounts.password_changes.reset_owner(older)
    await accounts.password_changes.reset(newer, NEW)


async def test_disabling_ends_the_link(accounts: AccountServices, ben: User) -> None:
    code = await accounts.password_changes.make_reset(ben)
    await accounts.disabling.disable(ben.id)
    with pytest.raises((NotFound, Forbidden)):
        await accounts.password_changes.reset(code, NEW)
    with pytest.raises(Invalid):
        await accounts.password_changes.make_reset(await accounts.users.get(ben.id))


async def test_the_code_is_not_in_the_database(
    accounts: AccountServices, ben: User, database: Database
) -> None:
    code = await accounts.password_changes.make_reset(ben)
    assert code not in repr(await database.collection("resets").find({}).to_list(None))
