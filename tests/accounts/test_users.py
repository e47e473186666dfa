"""Finding people, the cache, and what another process changes."""

import asyncio

import pytest

from app.accounts.account_services import AccountServices
from app.accounts.models import Revoked, User
from app.accounts.store import revocations
from app.accounts.users import Users
from app.errors import Conflict, Invalid, NotFound
from app.storage.mongo import Database
from tests.accounts.world import PASSWORD
from tests.harness.waiting import eventually


async def test_people_are_found_by_id_and_by_name_in_any_case(
    accounts: AccountServices, ana: User
) -> None:
    assert await accounts.users.find(ana.id) == ana
    assert await accounts.users.find("ANA") == ana
    assert await accounts.users.get(ana.id) == ana
    with pytest.raises(NotFound):
        await accounts.users.find("nobody")
    with pytest.raises(NotFound):
        await accounts.users.get("ana")


async def test_many_leaves_out_whom_it_does_not_know(
    accounts: AccountServices, elsewhere: AccountServices, ana: User, ben: User
) -> None:
    asked = [ana.id, "nobody", ben.id]
    assert await accounts.users.many(asked) == {ana.id: ana, ben.id: ben}
    assert await elsewhere.users.many(asked) == {ana.id: ana, ben.id: ben}


async def test_known_answers_after_load(elsewhere: AccountServices, ana: User) -> None:
    assert elsewhere.users.known(ana.id) is None
    await elsewhere.users.load([ana.id])
    assert elsewhere.users.known(ana.id) == ana


async def test_the_cache_is_bounded_and_forgets_the_oldest(
    accounts: AccountServices, database: Database, ana: User, ben: User
) -> None:
    users = Users(database, accounts.passwords, accounts.revocations, cached=1)
    await users.get(ana.id)
    await users.get(ben.id)
    assert users.known(ana.id) is None
    assert users.known(ben.id) == ben


async def test_all_pages_by_username_without_the_deleted(
    accounts: AccountServices, ana: User
) -> None:
    for name in ("dora", "cleo", "ben"):
        await accounts.users.create(name, PASSWORD)
    cleo = await accounts.users.find("cleo")
    await accounts.disabling.delete(cleo.id)
    assert [u.username for u in await accounts.users.all(2)] == ["ana", "ben"]
    assert [u.username for u in await accounts.users.all(2, after="ben")] == ["dora"]


async def test_hooks_hear_of_every_new_person(accounts: AccountServices) -> None:
    heard: list[User] = []

    async def note(user: User) -> None:
        heard.append(user)

    accounts.users.created.append(note)
    ana = await accounts.users.create("ana", PASSWORD)
    assert heard == [ana]
    with pytest.raises(Conflict):
        await accounts.users.create("Ana", PASSWORD)
    assert heard == [ana]


async def test_describing_changes_name_and_time_zone(accounts: AccountServices, ana: User) -> None:
    user = await accounts.users.describe(ana.id, name=" Ana L. ", time_zone="Europe/Vienna")
    assert (user.name, user.time_zone) == ("Ana L.", "Europe/Vienna")
    assert accounts.users.known(ana.id) == user
    with pytest.raises(Invalid):
        await accounts.users.describe(ana.id, name="\u202eana")


async def test_an_older_read_does_not_overwrite_a_newer_state(
    accounts: AccountServices, ana: User
) -> None:
    older = await accounts.users._store.by_id(ana.id)
    assert older
    newer = await accounts.users.describe(ana.id, name="Anna")
    assert accounts.users._keep([older]) == [newer]


async def test_a_change_reaches_the_other_process(
    accounts: AccountServices, elsewhere: AccountServices, ana: User
) -> None:
    await elsewhere.users.load([ana.id])
    await accounts.users.describe(ana.id, name="Anna")
    await eventually(
        lambda: getattr(elsewhere.users.known(ana.id), "name", "") == "Anna", "it is told"
    )


async def test_what_one_process_revokes_the_other_hears_once(
    accounts: AccountServices, elsewhere: AccountServices, ben: User, revoked: list[Revoked]
) -> None:
    there: list[Revoked] = []
    elsewhere.revocations.listen(there.append)
    await accounts.disabling.disable(ben.id)
    await eventually(lambda: there == [Revoked(user=ben.id)], "it is told")
    await accounts.revocations.catch_up()
    assert revoked == [Revoked(user=ben.id)]


async def test_simultaneous_revocations_of_two_processes_all_arrive(
    accounts: AccountServices, elsewhere: AccountServices, revoked: list[Revoked]
) -> None:
    there: list[Revoked] = []
    elsewhere.revocations.listen(there.append)
    published = [Revoked(session=f"session {i}") for i in range(20)]
    processes = (accounts, elsewhere)
    await asyncio.gather(
        *(processes[i % 2].revocations.publish(r) for i, r in enumerate(published))
    )
    await accounts.revocations.catch_up()
    await elsewhere.revocations.catch_up()
    for told in (there, revoked):
        assert sorted(str(r.session) for r in told) == sorted(str(r.session) for r in published)


async def test_the_log_of_revocations_is_trimmed_and_a_late_reader_starts_at_its_head(
    accounts: AccountServices,
    elsewhere: AccountServices,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(revocations, "KEPT", 3)
    await elsewhere.revocations.stop()
    there: list[Revoked] = []
    elsewhere.revocations.listen(there.append)
    await accounts.revocations.publish(Revoked(session="the first"))
    await elsewhere.revocations.catch_up()
    for i in range(5):
        await accounts.revocations.publish(Revoked(session=f"session {i}"))
    assert await database.collection(revocations.REVOCATIONS).count_documents({}) == 3
    await elsewhere.revocations.catch_up()
    await accounts.revocations.publish(Revoked(session="the next"))
    await elsewhere.revocations.catch_up()
    assert [told.session for told in there] == ["the first", "the next"]


async def test_what_ended_before_the_start_is_not_told(
    accounts: AccountServices, database: Database
) -> None:
    await accounts.revocations.publish(Revoked(user="somebody"))
    later = type(accounts.revocations)(database)
    told: list[Revoked] = []
    later.listen(told.append)
    await later.start()
    await later.catch_up()
    await later.stop()
    assert told == []


async def test_a_restored_database_is_followed_from_its_head(
    accounts: AccountServices,
    elsewhere: AccountServices,
    database: Database,
    revoked: list[Revoked],
) -> None:
    for number in range(3):
        await elsewhere.revocations.publish(Revoked(session=f"before {number}"))
    await accounts.revocations.catch_up()
    await database.collection("revocations").delete_many({"_id": {"$gt": 1}})
    await accounts.revocations.catch_up()
    await elsewhere.revocations.catch_up()
    await elsewhere.revocations.publish(Revoked(session="after"))
    await accounts.revocations.catch_up()
    assert revoked[-1] == Revoked(session="after")


async def test_a_failing_listener_does_not_silence_the_others(
    accounts: AccountServices, revoked: list[Revoked]
) -> None:
    def fails(_: Revoked) -> None:
        raise RuntimeError("broken listener")

    accounts.revocations._revoked._listeners.insert(0, fails)
    await accounts.revocations.publish(Revoked(user="x"))
    assert revoked == [Revoked(user="x")]


async def test_a_change_that_nobody_told_of_is_known_in_the_end(
    accounts: AccountServices, ana: User, database: Database
) -> None:
    """As after a process that was killed between its commit and the telling of it."""
    change = {"$set": {"role": "member"}, "$inc": {"rev": 1}}
    await database.collection("users").update_one({"_id": ana.id}, change)
    assert (await accounts.users.get(ana.id)).is_admin
    await accounts.users.refresh()
    assert not (await accounts.users.get(ana.id)).is_admin
