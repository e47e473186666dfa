"""Disabled and deleted accounts: what ends with them, and what of them stays."""

import pytest

from app.accounts.account_services import AccountServices
from app.accounts.models import FORMER_MEMBER, Revoked, User
from app.errors import Conflict, NotFound, Unauthenticated
from app.storage.mongo import Database
from tests.accounts.world import HOME, PASSWORD, sign_in


async def test_disabling_ends_everything_at_once(
    accounts: AccountServices, ben: User, revoked: list[Revoked]
) -> None:
    signed_in = await sign_in(accounts, ben)
    token = await accounts.tokens.create(ben.id)
    await accounts.disabling.disable(ben.id)
    assert revoked[0] == Revoked(user=ben.id)
    assert await accounts.sessions.resolve(signed_in.cookie) is None
    with pytest.raises(Unauthenticated):
        await accounts.tokens.resolve(token)
    with pytest.raises(Unauthenticated):
        await sign_in(accounts, ben)


@pytest.mark.parametrize("ends", ["disable", "delete"])
async def test_links_end_with_the_account(accounts: AccountServices, ben: User, ends: str) -> None:
    """Those that it made, and the one to a new password that was made for it."""
    await accounts.roles.appoint(ben.id, "admin")
    invite, reset = (
        await accounts.invites.make(ben),
        await accounts.password_changes.make_reset(ben),
    )
    await getattr(accounts.disabling, ends)(ben.id)
    if ends == "disable":
        await accounts.disabling.enable(ben.id)
    with pytest.raises(NotFound):
        await accounts.invites.inviter(invite)
    with pytest.raises(NotFound):
        await accounts.password_changes.reset(reset, PASSWORD)


async def test_an_enabled_account_signs_in_anew(accounts: AccountServices, ben: User) -> None:
    old = await sign_in(accounts, ben)
    token = await accounts.tokens.create(ben.id)
    await accounts.disabling.disable(ben.id)
    await accounts.disabling.enable(ben.id)
    assert await accounts.sessions.resolve(old.cookie) is None
    with pytest.raises(Unauthenticated):
        await accounts.tokens.resolve(token)
    assert await sign_in(accounts, ben)


async def test_a_session_that_slips_in_while_disabling_opens_nothing(
    accounts: AccountServices, ben: User
) -> None:
    await accounts.disabling.disable(ben.id)
    _, cookie = await accounts.sessions.begin(ben, address="", agent="")
    assert await accounts.sessions.resolve(cookie) is None


async def test_a_deleted_account_keeps_its_id_and_loses_its_name(
    accounts: AccountServices, ben: User, revoked: list[Revoked], database: Database
) -> None:
    gone: list[User] = []

    async def note(user: User) -> None:
        gone.append(user)

    accounts.users.deleted.append(note)
    await accounts.disabling.delete(ben.id)
    user = await accounts.users.get(ben.id)
    assert user.is_deleted
    assert (user.id, user.name) == (ben.id, FORMER_MEMBER)
    assert accounts.users.known(ben.id) == user
    assert gone == [user]
    assert revoked[0] == Revoked(user=ben.id)
    with pytest.raises(NotFound):
        await accounts.users.find("ben")
    with pytest.raises(NotFound):
        await accounts.users.find(ben.id)
    with pytest.raises(Unauthenticated):
        await accounts.sign_in.attempt("ben", PASSWORD, HOME)
    stored = repr(await database.collection("users").find_one({"_id": ben.id}))
    assert "argon2" not in stored
    assert "Ben" not in stored


async def test_nobody_can_appear_as_a_deleted_person(accounts: AccountServices, ben: User) -> None:
    await accounts.disabling.delete(ben.id)
    with pytest.raises(Conflict):
        await accounts.users.create("ben", PASSWORD)


async def test_a_deleted_account_cannot_be_changed(accounts: AccountServices, ben: User) -> None:
    await accounts.disabling.delete(ben.id)
    for change in (
        accounts.roles.appoint(ben.id, "admin"),
        accounts.disabling.enable(ben.id),
        accounts.disabling.delete(ben.id),
        accounts.users.describe(ben.id, name="Ben again"),
    ):
        with pytest.raises(NotFound):
            await change
