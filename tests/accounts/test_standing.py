"""Admin, member, disabled, gone: what ends with it, and that an admin is always left."""

import asyncio

import pytest

from app.accounts.models import FORMER_MEMBER, Revoked, User
from app.accounts.service import Accounts
from app.accounts.standing import Loss
from app.accounts.store.transaction import Transaction
from app.errors import Conflict, NotFound, Unauthenticated
from app.storage.mongo import Database
from tests.accounts.world import HOME, PASSWORD, sign_in


async def test_disabling_ends_everything_at_once(
    accounts: Accounts, ben: User, revoked: list[Revoked]
) -> None:
    signed_in = await sign_in(accounts, ben)
    token = await accounts.tokens.create(ben.id)
    await accounts.standing.disable(ben.id)
    assert revoked[0] == Revoked(user=ben.id)
    assert await accounts.sessions.resolve(signed_in.cookie) is None
    with pytest.raises(Unauthenticated):
        await accounts.tokens.resolve(token)
    with pytest.raises(Unauthenticated):
        await sign_in(accounts, ben)


@pytest.mark.parametrize("ends", ["disable", "delete"])
async def test_links_end_with_the_account(accounts: Accounts, ben: User, ends: str) -> None:
    """Those that it made, and the one to a new password that was made for it."""
    await accounts.standing.appoint(ben.id, "admin")
    invite, reset = await accounts.invites.make(ben), await accounts.credentials.make_reset(ben)
    await getattr(accounts.standing, ends)(ben.id)
    if ends == "disable":
        await accounts.standing.enable(ben.id)
    with pytest.raises(NotFound):
        await accounts.invites.inviter(invite)
    with pytest.raises(NotFound):
        await accounts.credentials.reset(reset, PASSWORD)


async def test_an_enabled_account_signs_in_anew(accounts: Accounts, ben: User) -> None:
    old = await sign_in(accounts, ben)
    token = await accounts.tokens.create(ben.id)
    await accounts.standing.disable(ben.id)
    await accounts.standing.enable(ben.id)
    assert await accounts.sessions.resolve(old.cookie) is None
    with pytest.raises(Unauthenticated):
        await accounts.tokens.resolve(token)
    assert await sign_in(accounts, ben)


async def test_a_session_that_slips_in_while_disabling_opens_nothing(
    accounts: Accounts, ben: User
) -> None:
    await accounts.standing.disable(ben.id)
    _, cookie = await accounts.sessions.start(ben, address="", agent="")
    assert await accounts.sessions.resolve(cookie) is None


async def test_a_deleted_account_keeps_its_id_and_loses_its_name(
    accounts: Accounts, ben: User, revoked: list[Revoked], database: Database
) -> None:
    gone: list[User] = []

    async def note(user: User) -> None:
        gone.append(user)

    accounts.users.deleted.append(note)
    await accounts.standing.delete(ben.id)
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


async def test_nobody_can_appear_as_a_deleted_person(accounts: Accounts, ben: User) -> None:
    await accounts.standing.delete(ben.id)
    with pytest.raises(Conflict):
        await accounts.users.create("ben", PASSWORD)


async def test_a_deleted_account_cannot_be_changed(accounts: Accounts, ben: User) -> None:
    await accounts.standing.delete(ben.id)
    for change in (
        accounts.standing.appoint(ben.id, "admin"),
        accounts.standing.enable(ben.id),
        accounts.standing.delete(ben.id),
        accounts.users.describe(ben.id, name="Ben again"),
    ):
        with pytest.raises(NotFound):
            await change


async def test_the_last_admin_stays(accounts: Accounts, ana: User, ben: User) -> None:
    for change in (
        accounts.standing.appoint(ana.id, "member"),
        accounts.standing.disable(ana.id),
        accounts.standing.delete(ana.id),
    ):
        with pytest.raises(Conflict):
            await change
    assert (await accounts.users.get(ana.id)).is_admin
    assert await sign_in(accounts, ana)


async def test_a_disabled_admin_does_not_count(accounts: Accounts, ana: User, ben: User) -> None:
    await accounts.standing.appoint(ben.id, "admin")
    await accounts.standing.disable(ben.id)
    with pytest.raises(Conflict):
        await accounts.standing.appoint(ana.id, "member")


async def test_admins_who_demote_each_other_at_once_leave_one(
    accounts: Accounts, elsewhere: Accounts, ana: User
) -> None:
    others = [await accounts.users.create(f"admin{i}", PASSWORD, role="admin") for i in range(3)]
    changes = [
        (accounts if i % 2 else elsewhere).standing.appoint(user.id, "member")
        for i, user in enumerate([ana, *others])
    ]
    results = await asyncio.gather(*changes, return_exceptions=True)
    assert len([r for r in results if isinstance(r, Conflict)]) == 1
    admins = [user for user in await accounts.users.all() if user.is_admin]
    assert len(admins) == 1


async def test_what_ends_with_rights_is_told_of_each_loss_and_of_nothing_else(
    accounts: Accounts, ben: User
) -> None:
    losses: list[str] = []

    async def note(user_id: str, loss: Loss, _: Transaction) -> None:
        assert user_id == ben.id
        losses.append(loss)

    accounts.standing.on_loss.append(note)
    await accounts.standing.appoint(ben.id, "member")  # It is one already.
    await accounts.standing.appoint(ben.id, "admin")
    assert losses == []
    await accounts.standing.appoint(ben.id, "member")
    await accounts.standing.disable(ben.id)
    await accounts.standing.enable(ben.id)
    await accounts.standing.delete(ben.id)
    assert losses == ["demoted", "disabled", "deleted"]


async def test_rights_are_not_lost_where_what_ends_with_them_cannot_end(
    accounts: Accounts, ben: User
) -> None:
    async def fail(user_id: str, loss: Loss, within: Transaction) -> None:
        raise Conflict("This can't end now.")

    accounts.standing.on_loss.append(fail)
    with pytest.raises(Conflict):
        await accounts.standing.disable(ben.id)
    assert not (await accounts.users.get(ben.id)).is_disabled
