"""Web Push: what a closed browser gets, and how, against a push service of the tests' own."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher
from py_vapid import Vapid02

from app.accounts.models import Revoked, User
from app.errors import Forbidden
from app.notifications.models import Notice, Preferences
from app.notifications.push.job_queue import LEASE
from app.notifications.push.store import JobStore, KeyStore
from app.notifications.push.vapid_key import VapidKey, VapidKeys
from app.storage.mongo import Database
from tests.chat.house import PASSWORD, settings_of
from tests.harness.services import Services, open_services
from tests.harness.waiting import eventually
from tests.notifications.push_service import (
    SITE,
    Answer,
    Browser,
    Later,
    PushNode,
    PushService,
    from_base64url,
    open_push_service,
)


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with open_push_service() as opened:
        yield opened


@pytest.fixture
async def services(database: Database) -> AsyncIterator[Services]:
    async with open_services(settings_of({"push_allow_private": True}), database) as opened:
        # Real hashing takes longer than everything else that is tested here.
        opened.accounts.passwords._hasher = PasswordHasher(1, 8, 1)
        yield opened


@pytest.fixture
def clock() -> Later:
    return Later()


@pytest.fixture
async def node(services: Services, clock: Later) -> PushNode:
    return PushNode(services, clock)


@pytest.fixture
async def ben(services: Services) -> User:
    return await services.users.create("ben", PASSWORD, name="Ben")


@pytest.fixture
async def cleo(services: Services) -> User:
    return await services.users.create("cleo", PASSWORD, name="Cleo")


@pytest.fixture
def phone(service: PushService) -> Browser:
    return Browser(service, "phone")


async def test_a_closed_browser_is_told(node: PushNode, ben: User, phone: Browser) -> None:
    await node.subscribes(ben, phone)
    sent = await node.sends(ben, "Ana mentioned you", body="Lunch?\n\nAt noon.", link="/rooms/hall")
    await node.round()
    assert phone.messages == [
        {
            "id": sent,
            "title": "Ana mentioned you",
            "body": "Lunch? At noon.",
            "link": "/rooms/hall",
            "tag": sent,
        }
    ]


async def test_headers_are_what_push_services_go_by(
    node: PushNode, ben: User, phone: Browser
) -> None:
    await node.subscribes(ben, phone)
    await node.sends(ben, "one", category="mention", group="room:1")
    await node.sends(ben, "two", category="mention", group="room:1")
    await node.sends(ben, "three", category="system")
    await node.round()
    first, second, third = (parcel.headers for parcel in phone.parcels)
    assert 86_000 < int(first["TTL"]) <= 86_400
    assert (first["Urgency"], third["Urgency"]) == ("high", "normal")
    assert first["Topic"] == second["Topic"] != third["Topic"]
    assert len(first["Topic"]) == 32


async def test_it_is_signed_for_that_push_service_alone(
    node: PushNode, service: PushService, ben: User, phone: Browser
) -> None:
    await node.subscribes(ben, phone)
    await node.sends(ben, "signed")
    await node.round()
    authorization = phone.parcels[0].headers["Authorization"]
    assert Vapid02.verify(authorization)
    parts = dict(part.split("=", 1) for part in authorization.split(" ", 1)[1].split(","))
    claims = json.loads(from_base64url(parts["t"].split(".")[1]))
    assert claims["aud"] == service.address
    assert claims["sub"] == SITE
    assert time.time() < claims["exp"] <= time.time() + 86_400
    assert parts["k"] == (await VapidKeys(KeyStore(node.services.database)).key()).public


async def test_nobody_else_is_told(
    node: PushNode, service: PushService, ben: User, cleo: User, phone: Browser
) -> None:
    cleos = Browser(service, "cleos")
    await node.subscribes(ben, phone)
    await node.subscribes(cleo, cleos)
    await node.sends(ben, "for ben")
    await node.round()
    assert (phone.titles, cleos.titles) == (["for ben"], [])


async def test_each_browser_is_told_once_however_many_nodes_look(
    node: PushNode, service: PushService, ben: User, clock: Later
) -> None:
    browsers = [Browser(service, name) for name in ("phone", "desk", "tablet")]
    for browser in browsers:
        await node.subscribes(ben, browser)
    other = PushNode(node.services, clock)
    for n in range(5):
        await node.sends(ben, f"n{n}")
    await asyncio.gather(node.queues(), other.queues())
    await asyncio.gather(node.delivers(), other.delivers())
    await asyncio.gather(node.round(), other.round())
    for browser in browsers:
        assert sorted(browser.titles) == [f"n{n}" for n in range(5)]


async def test_what_was_there_before_is_not_sent(node: PushNode, ben: User, phone: Browser) -> None:
    await node.sends(ben, "before")
    await node.subscribes(ben, phone)
    await node.sends(ben, "after")
    await node.round()
    assert phone.titles == ["after"]


async def test_only_what_the_person_wants_outside_of_pages(
    node: PushNode, ben: User, phone: Browser
) -> None:
    await node.subscribes(ben, phone)
    book = node.services.notifications.book
    await book.set(ben.id, Preferences(categories={"reply": "app", "mention": "off"}))
    for category in ("reply", "mention", "reaction", "direct"):
        await node.sends(ben, category, category=category)
    await node.round()
    assert phone.titles == ["direct"]


async def test_what_was_read_meanwhile_is_not_sent(
    node: PushNode, ben: User, phone: Browser
) -> None:
    await node.subscribes(ben, phone)
    await node.sends(ben, "read before it was queued")
    await node.reads(ben)
    await node.queues()
    await node.sends(ben, "read while it waited")
    await node.queues()
    await node.reads(ben)
    await node.delivers()
    assert phone.tries == 0


async def test_what_was_withdrawn_is_not_sent(node: PushNode, ben: User, phone: Browser) -> None:
    await node.subscribes(ben, phone)
    notices, submit = node.services.notifications.sender, node.services.committer.submit
    for change in await notices.additions([ben.id], Notice(title="a mistake"), "mention:m1"):
        await submit(change)
    await node.queues()
    for change in await notices.withdrawals([ben.id], "mention:m1"):
        await submit(change)
    await node.delivers()
    assert phone.tries == 0


async def test_one_restart_between_commit_and_queue_loses_nothing(
    database: Database, service: PushService, clock: Later, phone: Browser
) -> None:
    settings = settings_of({"push_allow_private": True})
    async with open_services(settings, database) as before:
        ben = await before.users.create("ben", PASSWORD)
        node = PushNode(before, clock)
        await node.subscribes(ben, phone)
        await node.sends(ben, "committed, then the server died")
    async with open_services(settings, database) as after:
        await PushNode(after, clock).round()
        await PushNode(after, clock).round()
    assert phone.titles == ["committed, then the server died"]


async def test_death_between_queue_and_delivery_loses_nothing(
    node: PushNode, ben: User, phone: Browser, clock: Later
) -> None:
    await node.subscribes(ben, phone)
    await node.sends(ben, "queued")
    await node.queues()
    # Claimed by a node that died before it sent anything.
    jobs, present = JobStore(node.services.database), clock()
    assert await jobs.claim(present, present + LEASE, [])
    survivor = PushNode(node.services, clock)
    await survivor.round()
    assert phone.tries == 0
    clock.turn(seconds=LEASE.total_seconds() + 1)
    await survivor.round()
    assert phone.titles == ["queued"]


async def test_three_nodes_tell_each_browser_once_when_one_dies_in_the_middle(
    node: PushNode, service: PushService, ben: User, clock: Later
) -> None:
    browsers = [Browser(service, name) for name in ("phone", "desk", "tablet")]
    for browser in browsers:
        await node.subscribes(ben, browser)
    await node.sends(ben, "queued")
    nodes = [node, PushNode(node.services, clock), PushNode(node.services, clock)]
    await asyncio.gather(*(each.queues() for each in nodes))
    # The third dies with what it has claimed.
    jobs, present = JobStore(node.services.database), clock()
    assert await jobs.claim(present, present + LEASE, [])
    await asyncio.gather(*(each.round() for each in nodes[:2]))
    assert sum(len(browser.titles) for browser in browsers) == 2
    clock.turn(seconds=LEASE.total_seconds() + 1)
    await asyncio.gather(*(each.round() for each in nodes[:2]))
    assert [browser.titles for browser in browsers] == [["queued"]] * 3


async def test_a_server_at_work_needs_no_telling(
    services: Services, clock: Later, ben: User, phone: Browser
) -> None:
    node = PushNode(services, clock)
    await node.subscribes(ben, phone)
    node.push.start()
    await node.sends(ben, "by itself")
    await phone.is_told("by itself")
    await node.sends(ben, "and again")
    await phone.is_told("by itself", "and again")


@pytest.mark.parametrize("status", [404, 410])
async def test_a_dead_subscription_is_removed(
    node: PushNode, service: PushService, ben: User, phone: Browser, status: int
) -> None:
    tablet = Browser(service, "tablet")
    await node.subscribes(ben, phone)
    await node.subscribes(ben, tablet)
    service.will_answer(phone, Answer(status))
    for title in ("one", "two"):
        await node.sends(ben, title)
    await node.round()
    assert phone.tries == 1
    assert await node.subscribed(ben) == [tablet.endpoint]
    assert tablet.titles == ["one", "two"]


async def test_it_is_tried_again_with_longer_and_longer_pauses(
    node: PushNode, service: PushService, ben: User, phone: Browser, clock: Later
) -> None:
    await node.subscribes(ben, phone)
    service.will_answer(phone, *[Answer(500)] * 4)
    await node.sends(ben, "patience")
    await node.round()
    for tries, pause_s in enumerate((20, 40, 80, 160), 1):
        assert phone.tries == tries
        clock.turn(seconds=pause_s - 2)
        await node.round()
        assert phone.tries == tries
        clock.turn(seconds=2)
        await node.round()
    assert phone.titles == ["patience"]


async def test_one_failure_spares_the_push_service_all_that_waits(
    node: PushNode, service: PushService, ben: User, phone: Browser, clock: Later
) -> None:
    await node.subscribes(ben, phone)
    service.will_answer(phone, Answer(503))
    for n in range(10):
        await node.sends(ben, f"n{n}")
    await node.round()
    assert phone.tries == 1
    clock.turn(seconds=21)
    await node.round()
    assert sorted(phone.titles) == sorted(f"n{n}" for n in range(10))
    assert phone.tries == 11


@pytest.mark.parametrize("status", [429, 503])
async def test_a_push_service_says_how_long_to_wait(
    node: PushNode, service: PushService, ben: User, phone: Browser, clock: Later, status: int
) -> None:
    await node.subscribes(ben, phone)
    service.will_answer(phone, Answer(status, {"Retry-After": "300"}))
    await node.sends(ben, "later")
    await node.round()
    clock.turn(seconds=298)
    await node.round()
    assert phone.tries == 1
    clock.turn(seconds=3)
    await node.round()
    assert phone.titles == ["later"]


async def test_it_is_given_up_after_a_day(
    node: PushNode, service: PushService, ben: User, phone: Browser, clock: Later
) -> None:
    await node.subscribes(ben, phone)
    service.will_answer(phone, *[Answer(500)] * 100)
    await node.sends(ben, "yesterday's news")
    await node.round()
    clock.turn(hours=25)
    tries = phone.tries
    await node.round()
    assert phone.tries == tries
    service.will_answer(phone)
    await node.round()
    assert phone.titles == []
    assert await node.subscribed(ben) == [phone.endpoint]


async def test_a_browser_that_fails_for_weeks_is_given_up_on(
    node: PushNode, service: PushService, ben: User, phone: Browser, clock: Later
) -> None:
    await node.subscribes(ben, phone)
    service.will_answer(phone, *[Answer(500)] * 3)
    await node.sends(ben, "one")
    await node.round()
    database = node.services.database
    # As if the first failure was long ago; what it was of has been given up since.
    await database.collection("push_subscriptions").update_many(
        {}, [{"$set": {"failing_since": {"$subtract": ["$failing_since", 15 * 86_400_000]}}}]
    )
    clock.turn(minutes=2)
    await node.round()
    assert await node.subscribed(ben) == []


async def test_a_refused_message_does_not_hold_up_the_next(
    node: PushNode, service: PushService, ben: User, phone: Browser
) -> None:
    await node.subscribes(ben, phone)
    service.will_answer(phone, Answer(413))
    await node.sends(ben, "too much")
    await node.sends(ben, "fine")
    await node.round()
    assert phone.titles == ["fine"]
    assert phone.tries == 2


async def test_a_redirect_is_not_followed(
    node: PushNode, service: PushService, ben: User, phone: Browser
) -> None:
    elsewhere = Browser(service, "elsewhere")
    await node.subscribes(ben, phone)
    service.will_answer(phone, Answer(307, {"Location": elsewhere.endpoint}))
    await node.sends(ben, "astray")
    await node.round()
    assert (phone.tries, elsewhere.tries) == (1, 0)


async def test_nothing_more_after_signing_out(
    node: PushNode, service: PushService, ben: User, phone: Browser
) -> None:
    tablet = Browser(service, "tablet")
    caller = await node.subscribes(ben, phone)
    await node.subscribes(ben, tablet)
    assert caller.session is not None
    await node.sends(ben, "private")
    await node.queues()
    await node.services.sessions.end(caller.session)
    await node.delivers()
    assert phone.tries == 0
    assert tablet.titles == ["private"]
    assert await node.subscribed(ben) == [tablet.endpoint]


async def test_nothing_to_somebody_whose_account_is_shut(
    node: PushNode, ben: User, phone: Browser
) -> None:
    """Also where the session is there still, as after one that began in that moment."""
    await node.subscribes(ben, phone)
    await node.sends(ben, "private")
    await node.queues()
    people = node.services.database.collection("users")
    await people.update_one({"_id": ben.id}, {"$set": {"disabled": True}, "$inc": {"rev": 1}})
    await node.services.users.load([ben.id])
    await node.delivers()
    assert phone.tries == 0


@pytest.mark.parametrize("ends", ["session", "user"])
async def test_signing_out_forgets_the_browser_at_once(
    node: PushNode, ben: User, phone: Browser, ends: str
) -> None:
    caller = await node.subscribes(ben, phone)

    async def is_forgotten() -> bool:
        return await node.subscribed(ben) == []

    is_session = ends == "session"
    ended = Revoked(session=caller.session) if is_session else Revoked(user=ben.id)
    await node.services.revocations.publish(ended)
    await eventually(is_forgotten, "the subscription went with its session")


async def test_a_deleted_account_leaves_nothing(
    node: PushNode, ben: User, cleo: User, phone: Browser
) -> None:
    await node.subscribes(ben, phone)
    await node.sends(ben, "one")
    await node.queues()
    await node.services.accounts.roles.appoint(cleo.id, "admin")
    await node.services.accounts.disabling.delete(ben.id)
    for name in ("push_subscriptions", "push_jobs"):
        assert await node.services.database.collection(name).count_documents({}) == 0


async def test_one_person_has_ten_browsers_at_most(
    node: PushNode, service: PushService, ben: User, clock: Later
) -> None:
    for n in range(12):
        await node.subscribes(ben, Browser(service, f"b{n}"))
        clock.turn(seconds=1)
    endpoints = await node.subscribed(ben)
    assert [e.rsplit("/", 1)[1] for e in endpoints] == [f"b{n}" for n in range(11, 1, -1)]


async def test_a_browser_belongs_to_who_subscribed_last(
    node: PushNode, ben: User, cleo: User, phone: Browser
) -> None:
    await node.subscribes(ben, phone)
    await node.sends(ben, "for ben alone")
    await node.queues()
    await node.subscribes(cleo, phone)
    await node.round()
    await node.sends(cleo, "for cleo")
    await node.round()
    assert phone.titles == ["for cleo"]
    assert (await node.subscribed(ben), await node.subscribed(cleo)) == ([], [phone.endpoint])


async def test_only_their_owner_ends_a_subscription(
    node: PushNode, ben: User, cleo: User, phone: Browser
) -> None:
    await node.subscribes(ben, phone)
    await node.push.subscriptions.end(cleo.id, phone.endpoint)
    assert await node.subscribed(ben) == [phone.endpoint]
    await node.push.subscriptions.end(ben.id, phone.endpoint)
    assert await node.subscribed(ben) == []


async def test_a_token_without_a_session_cannot_subscribe(
    node: PushNode, ben: User, phone: Browser
) -> None:
    token = await node.services.tokens.create(ben.id)
    caller = await node.services.tokens.resolve(token)
    with pytest.raises(Forbidden):
        await node.push.subscriptions.add(caller, phone.asks, SITE)


async def test_all_nodes_have_one_key_that_is_never_shown(
    node: PushNode, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    database = node.services.database
    rings = [VapidKeys(KeyStore(database)) for _ in range(5)]
    keys = await asyncio.gather(*(ring.key() for ring in rings))
    assert len({key.public for key in keys}) == 1
    assert len(from_base64url(keys[0].public)) == 65
    kept = (await database.collection("push_keys").find_one({}))["private"]
    said = f"{keys[0]!r} {caplog.text} {capsys.readouterr()}"
    assert kept not in said
    assert isinstance(keys[0], VapidKey)
