"""Sending over HTTP: who may, what is taken, and that a key makes it happen once."""

from typing import Any

import pytest
import socketio

from app.accounts.models import User
from tests.notifications.inboxes import Inboxes

PATH = "/api/notifications"
SEND = ["notifications:send"]


async def post(
    inboxes: Inboxes, by: User, *, scopes: list[str] | None = None, **fields: Any
) -> tuple[int, Any]:
    return await inboxes.http("POST", PATH, by, scopes=scopes, json={"title": "Hello", **fields})


async def test_an_admin_sends_to_one(inboxes: Inboxes, ana: User, ben: User) -> None:
    device = await inboxes.opens(ben)
    status, answer = await post(
        inboxes, ana, user_id=ben.id, body="At noon", category="announcement", link="/rooms/hallway"
    )
    assert status == 201
    told = await device.sees("Hello")
    assert answer == {"ids": [told["id"]]}
    assert told["body"] == "At noon"
    assert told["category"] == "announcement"
    assert told["link"] == "/rooms/hallway"
    assert told["actor"] == {"id": ana.id, "name": "Ana"}
    assert told["alert"] == "desktop"


async def test_by_username_and_to_several(inboxes: Inboxes, ana: User, ben: User) -> None:
    status, answer = await post(inboxes, ana, user_ids=["ben", ana.id, ben.id])
    assert status == 201
    assert len(answer["ids"]) == 2
    assert [await inboxes.counted(ben), await inboxes.counted(ana)] == [1, 1]


async def test_a_member_may_not(inboxes: Inboxes, ana: User, ben: User) -> None:
    assert (await post(inboxes, ben, user_id=ana.id))[0] == 403
    assert (await post(inboxes, ben, scopes=["chat"], user_id=ana.id))[0] == 403
    assert (await post(inboxes, ana, scopes=["chat"], user_id=ben.id))[0] == 403
    assert await inboxes.counted(ana) == 0


async def test_a_token_with_just_this_right_sends_and_reads_nothing(
    inboxes: Inboxes, ana: User, ben: User
) -> None:
    assert (await post(inboxes, ben, scopes=SEND, user_id=ana.id))[0] == 201
    for method, path in (
        ("GET", PATH),
        ("GET", f"{PATH}/preferences"),
        ("POST", f"{PATH}/read-all"),
    ):
        assert (await inboxes.http(method, path, ben, scopes=SEND))[0] == 403
    with pytest.raises(socketio.exceptions.ConnectionError):
        await inboxes.connects(ben, scopes=SEND)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "user_id"),
        ({"user_id": "ben", "all": True}, "all"),
        ({"user_id": "ben", "user_ids": ["ben"]}, "user_ids"),
        ({"user_id": "ben", "title": "x" * 201}, "title"),
        ({"user_id": "ben", "title": "  "}, "title"),
        ({"user_id": "ben", "title": "\u200b\u3164"}, "title"),
        ({"user_id": "ben", "title": "a\u202eb"}, "title"),
        ({"user_id": "ben", "body": "x" * 4001}, "body"),
        ({"user_id": "ben", "category": "No such"}, "category"),
        ({"user_id": "ben", "link": "javascript:alert(1)"}, "link"),
        ({"user_id": "ben", "link": "//evil.example"}, "link"),
        ({"user_id": "ben", "link": "/\\evil.example"}, "link"),
        ({"user_id": "ben", "link": "https://a b"}, "link"),
        ({"user_ids": ["ben"] * 10_001}, "user_ids"),
        ({"user_ids": []}, "user_ids"),
        ({"user_id": "ben", "idempotency_key": ""}, "idempotency_key"),
    ],
)
async def test_what_is_wrong_is_named(
    inboxes: Inboxes, ana: User, ben: User, wrong: dict[str, Any], field: str
) -> None:
    status, answer = await post(inboxes, ana, **wrong)
    assert (status, answer["error"]["code"], answer["error"]["field"]) == (400, "invalid", field)
    assert await inboxes.counted(ben) == 0


async def test_an_unknown_person_stops_all(inboxes: Inboxes, ana: User, ben: User) -> None:
    for fields, field in (
        ({"user_ids": [ben.id, "nobody"]}, "user_ids"),
        ({"user_id": "nobody"}, "user_id"),
    ):
        status, answer = await post(inboxes, ana, **fields)
        assert (status, answer["error"]["code"]) == (404, "not_found")
        assert answer["error"]["field"] == field
    assert await inboxes.counted(ben) == 0


async def test_a_key_sends_once(inboxes: Inboxes, ana: User, ben: User) -> None:
    first = await post(inboxes, ana, user_id=ben.id, idempotency_key="deploy-7")
    again = await post(inboxes, ana, user_id=ben.id, idempotency_key="deploy-7")
    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    assert await inboxes.counted(ben) == 1


async def test_the_header_is_a_key_too(inboxes: Inboxes, ana: User, ben: User) -> None:
    async def posts(key: str, **fields: Any) -> tuple[int, Any]:
        asked, headers = {"title": "Hello", "user_id": ben.id, **fields}, {"Idempotency-Key": key}
        return await inboxes.http("POST", PATH, ana, json=asked, headers=headers)

    # A header's key equals the same key in a body, and may also be one that a body cannot hold.
    for key in ("deploy 7", "x" * 255, "déploiement"):
        first = await posts(key)
        assert (first[0], await posts(key)) == (201, (200, first[1]))
        status, refused = await posts(key, title="Other")
        assert (status, refused["error"]["code"]) == (409, "conflict")
    assert (await post(inboxes, ana, user_id=ben.id, idempotency_key="deploy 7"))[0] == 200
    assert await inboxes.counted(ben) == 3
    for wrong in ("", "x" * 256):
        status, refused = await posts(wrong)
        assert (status, refused["error"]["code"]) == (400, "invalid")


async def test_a_key_with_other_content_is_a_conflict(
    inboxes: Inboxes, ana: User, ben: User, cleo: User
) -> None:
    await post(inboxes, ana, user_id=ben.id, idempotency_key="k")
    for other in (
        {"user_id": ben.id, "title": "Other"},
        {"user_id": cleo.id},
        {"user_ids": [ben.id, cleo.id]},
        {"all": True},
    ):
        status, answer = await post(inboxes, ana, idempotency_key="k", **other)
        assert (status, answer["error"]["code"]) == (409, "conflict")
    assert [await inboxes.counted(ben), await inboxes.counted(cleo)] == [1, 0]


async def test_a_key_is_its_senders_own(inboxes: Inboxes, ana: User, ben: User, cleo: User) -> None:
    one = await post(inboxes, ana, user_id=ben.id, idempotency_key="k")
    two = await post(inboxes, cleo, scopes=SEND, user_id=ben.id, idempotency_key="k")
    assert (one[0], two[0]) == (201, 201)
    assert one[1] != two[1]
    assert await inboxes.counted(ben) == 2


async def test_reading_over_http(inboxes: Inboxes, ana: User, ben: User) -> None:
    for title in ("one", "two", "three"):
        await post(inboxes, ana, user_id=ben.id, title=title)
    _, page = await inboxes.http("GET", f"{PATH}?limit=2", ben)
    assert [i["title"] for i in page["items"]] == ["two", "three"]
    assert (page["more"], page["unread"]) == (True, 3)
    before = page["items"][0]["seq"]
    _, older = await inboxes.http("GET", f"{PATH}?before={before}", ben)
    assert [i["title"] for i in older["items"]] == ["one"]
    after = older["items"][0]["seq"]
    for query, titles in (
        (f"after={after}&limit=1", ["two"]),
        (f"after={after}&before={before + 1}", ["two"]),
        (f"after={before}&before={before}", []),
        (f"after={after}&unread=1", ["two", "three"]),
    ):
        _, page = await inboxes.http("GET", f"{PATH}?{query}", ben)
        assert [i["title"] for i in page["items"]] == titles, query
    status, answer = await inboxes.http("POST", f"{PATH}/{older['items'][0]['id']}/read", ben)
    assert (status, answer["unread"]) == (200, 2)
    _, unread = await inboxes.http("GET", f"{PATH}?unread=1", ben)
    assert [i["title"] for i in unread["items"]] == ["two", "three"]
    assert (await inboxes.http("POST", f"{PATH}/read-all", ben))[1]["unread"] == 0
    assert (await inboxes.http("GET", f"{PATH}?limit=201", ben))[0] == 400


async def test_a_token_sends_no_more_once_its_owner_is_demoted(
    inboxes: Inboxes, ana: User, ben: User, cleo: User
) -> None:
    """A scope that an admin gave to themselves is worth what its owner is at each use."""
    accounts = inboxes.house.services.accounts
    await accounts.roles.appoint(cleo.id, "admin")
    narrow = await accounts.tokens.create(cleo.id, SEND, by=cleo.id)
    whole = await accounts.tokens.create(cleo.id, by=cleo.id)
    asked = {"title": "Hello", "all": True}
    for token in (narrow, whole):
        assert (await inboxes.http("POST", PATH, token, json=asked))[0] == 201
    await accounts.roles.appoint(cleo.id, "member")
    before = await inboxes.counted(ben)
    for token in (narrow, whole):
        assert (await inboxes.http("POST", PATH, token, json=asked))[0] == 403
    assert await inboxes.counted(ben) == before
