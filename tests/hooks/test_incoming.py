"""Programs write in rooms and topics with nothing but an address, and do nothing else with it."""

import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from app.storage.mongo import Database
from tests.chat.house import House, Member
from tests.harness.waiting import eventually
from tests.hooks.api_client import ApiClient
from tests.topics.clients import TopicClients

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


async def test_what_is_posted_is_seen_in_the_room_under_the_hooks_name(
    api: ApiClient, ben: Member
) -> None:
    await ben.joins()
    hook = await api.makes(direction="incoming", room="hallway")
    status, answer = await api.posts(hook, text="**Build 12** failed, @ben")
    assert (status, answer["ok"]) == (200, True)
    message = await ben.sees("**Build 12** failed, @ben")
    assert (message["id"], message["rev"]) == (answer["id"], answer["rev"])
    assert message["by"] == {"id": hook["id"], "name": "Builds", "bot": True}
    assert "<strong>Build 12</strong>" in message["html"]
    assert message["mentions"] == [ben.id]


async def test_slacks_form_and_links_are_understood(api: ApiClient, ana: Member) -> None:
    await ana.joins()
    hook = await api.makes(direction="incoming", room="hallway")
    payload = {"text": "see <https://ci.example/1|build 1>", "username": "x", "attachments": [{}]}
    status, _ = await api.posts(hook, data={"payload": json.dumps(payload)})
    assert status == 200
    message = await ana.sees("see [build 1](https://ci.example/1)")
    assert message["by"]["name"] == "Builds"


async def test_attachments_and_blocks_are_shown_and_call_people(
    api: ApiClient, ana: Member, ben: Member
) -> None:
    await ana.joins()
    await ben.joins()
    hook = await api.makes(direction="incoming", room="hallway")
    attachment = {"color": "danger", "title": "2*3*4", "title_link": "https://ci.example/1"}
    payload = {"text": None, "attachments": [{**attachment, "pretext": "<!channel>"}]}
    status, _ = await api.posts(hook, json=payload)
    assert status == 200
    message = await ben.sees("@everyone\n\n> **[2\\*3\\*4](https://ci.example/1)**")
    assert sorted(message["mentions"]) == sorted([ana.id, ben.id])
    assert ">2*3*4</a>" in message["html"]
    assert '<blockquote class="bar-red">' in message["html"]


async def test_a_long_attachment_and_one_with_code_have_their_bars(
    api: ApiClient, ana: Member
) -> None:
    await ana.joins()
    hook = await api.makes(direction="incoming", room="hallway")
    for text in ("&gt; word " * 200, "```json\n{}\n```"):
        payload = {"text": "&gt; a", "attachments": [{"color": "good", "text": text}]}
        assert (await api.posts(hook, json=payload))[0] == 200
    await eventually(lambda: len(ana.texts()) == 2, "both came")
    for message in (each for each in ana.live() if "text" in each):
        assert "<blockquote>" in message["html"]
        assert message["html"].count('<blockquote class="bar-green">') == 1


@pytest.mark.parametrize(
    "sent",
    [
        # As `curl -d` calls it, and as old programs do.
        {"data": b' {"text": "hi & <https://a.example|b>"}', "headers": FORM},
        {
            "data": b'{"text": "hi & <https://a.example|b>"}',
            "headers": {"Content-Type": "text/plain"},
        },
        {
            "data": b'\xef\xbb\xbf{"text": "hi & <https://a.example|b>"}',
            "headers": {"Content-Type": "application/json; charset=utf-8"},
        },
        {"data": {"payload": '{"text": "hi & <https://a.example|b>"}', "other": "x"}},
    ],
)
async def test_json_is_taken_however_it_is_called(
    api: ApiClient, ana: Member, sent: dict[str, Any]
) -> None:
    await ana.joins()
    hook = await api.makes(direction="incoming", room="hallway")
    assert (await api.posts(hook, **sent))[0] == 200
    await ana.sees("hi & [b](https://a.example)")


async def test_nothing_to_show_says_what_is_missing(api: ApiClient) -> None:
    hook = await api.makes(direction="incoming", room="hallway")
    for payload in ({}, {"text": None, "attachments": [{"color": "good"}]}, {"blocks": []}):
        status, answer = await api.posts(hook, json=payload)
        assert (status, answer["error"]["field"]) == (400, "text")
        assert "«text»" in answer["error"]["message"]
    status, answer = await api.posts(hook, json={"attachments": [{"fields": 1}]})
    assert (status, answer["error"]["field"]) == (400, "attachments[0].fields")


async def test_a_repeat_posts_once_and_gets_the_first_answer(api: ApiClient, ana: Member) -> None:
    await ana.joins()
    hook = await api.makes(direction="incoming", room="hallway")
    key = {"Idempotency-Key": "build-12 " + "x" * 200}
    _, first = await api.posts(hook, text="once", headers=key)
    _, again = await api.posts(hook, text="once", headers=key)
    _, third = await api.posts(hook, json={"text": "mine", "client_id": "a"})
    _, fourth = await api.posts(hook, json={"text": "mine", "client_id": "a"})
    status, other = await api.posts(hook, text="twice", headers=key)
    assert (first, third) == (again, fourth)
    assert (status, other["error"]["code"]) == (409, "conflict")
    await api.posts(hook, text="the last")
    await ana.sees("the last")
    assert ana.texts() == ["once", "mine", "the last"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {}}, 400),
        ({"json": {"text": 1}}, 400),
        ({"json": {"text": "  "}}, 400),
        ({"json": {"text": "a\0b"}}, 400),
        ({"json": ["text"]}, 400),
        ({"json": {"text": "x", "client_id": "x" * 65}}, 400),
        ({"data": b"{", "headers": JSON}, 400),
        ({"data": b'{"text": "\xff"}', "headers": JSON}, 400),
        ({"data": b"", "headers": JSON}, 400),
        ({"data": {"text": "x"}}, 400),
        ({"data": {"payload": "{"}}, 400),
        ({"data": b"payload=%FF", "headers": FORM}, 400),
        ({"data": b"&".join([b"a=1"] * 30), "headers": FORM}, 400),
        ({"json": {"text": "x"}, "headers": {"Idempotency-Key": "x" * 256}}, 400),
        ({"json": {"text": "x" * 65_537}}, 413),
        ({"json": {"text": "x", "y": "x" * 600_000}}, 413),
        ({"data": b"x" * 3_000_000, "headers": JSON}, 413),
    ],
)
async def test_what_can_not_be_posted_is_refused(
    api: ApiClient, sent: dict[str, Any], status: int
) -> None:
    hook = await api.makes(direction="incoming", room="hallway")
    got, answer = await api.posts(hook, **sent)
    assert got == status, answer
    assert answer["error"]["message"]


async def test_too_much_is_refused_also_where_no_length_is_announced(api: ApiClient) -> None:
    hook = await api.makes(direction="incoming", room="hallway")

    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"text":"x","y":"'
        for _ in range(10):
            yield b"x" * 60_000
        yield b'"}'

    assert (await api.posts(hook, data=pieces(), headers=JSON))[0] == 413


async def test_a_body_that_comes_slowly_is_refused_when_its_hook_has_ended_meanwhile(
    api: ApiClient, ana: Member
) -> None:
    await ana.joins()
    hook = await api.makes(direction="incoming", room="hallway")

    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"text":'
        assert (await api.calls("DELETE", f"/api/hooks/{hook['id']}"))[0] == 200
        yield b'"too late"}'

    assert (await api.posts(hook, data=pieces(), headers=JSON))[0] == 404
    await ana.sends("the last")
    await ana.sees("the last")
    assert ana.texts() == ["the last"]


async def test_a_topics_hook_publishes_the_whole_object(api: ApiClient, database: Database) -> None:
    hook = await api.makes(direction="incoming", topic="builds.done")
    status, answer = await api.posts(hook, json={"text": "x", "n": 1, "$ref": 2})
    assert status == 200
    _, page = await api.calls("GET", "/api/topics/builds.done/events")
    [event] = page["items"]
    assert (event["id"], event["data"]) == (answer["id"], {"text": "x", "n": 1, "$ref": 2})
    assert event["sender"] == hook["id"]
    status, _ = await api.posts(hook, json=[1])
    assert status == 400


async def test_a_topics_hook_takes_512_kb_and_subscribers_get_it_whole(
    house: House, api: ApiClient, ana: Member
) -> None:
    hook = await api.makes(direction="incoming", topic="builds.long")
    device = await TopicClients(house).opens(ana.user)
    await device.subscribes("builds.long")
    # Of characters that some encoders make three times as long.
    largest = {"text": "é" * 262_138}
    raw = msgspec.json.encode(largest)
    assert 512 * 1024 - 2 <= len(raw) <= 512 * 1024
    for _ in range(2):
        assert (await api.posts(hook, data=raw, headers=JSON))[0] == 200
    await eventually(lambda: device.has("builds.long") == [largest, largest], "both arrive")
    # No answer gets longer than clients take.
    _, page = await api.calls("GET", "/api/topics/builds.long/events")
    assert [event["data"] for event in page["items"]] == [largest]
    assert page["more"] is True


async def test_numbers_that_get_longer_when_they_are_stored_count_as_they_are_stored(
    api: ApiClient,
) -> None:
    hook = await api.makes(direction="incoming", topic="builds.long")
    # More exponents than these are refused before anything is decoded (app/web/json_limits.py).
    raw = b'{"n": [' + b"1e15," * 1_000 + b'1], "t": "'
    raw += b"x" * (510 * 1024 - len(raw)) + b'"}'
    assert (await api.posts(hook, data=raw.replace(b"1e15", b"1234"), headers=JSON))[0] == 200
    status, answer = await api.posts(hook, data=raw, headers=JSON)
    assert (status, answer["error"]["code"]) == (413, "too_large")


async def test_json_that_takes_long_to_decode_is_invalid(api: ApiClient) -> None:
    hook = await api.makes(direction="incoming", topic="builds.long")
    for raw in (b'{"n": [' + b"1e15," * 2_000 + b"1e15]}", b'{"n": [' + b"[]," * 20_000 + b"1]}"):
        status, answer = await api.posts(hook, data=raw, headers=JSON)
        assert (status, answer["error"]["code"]) == (400, "invalid")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"direction": "incoming"}, "room"),
        ({"direction": "incoming", "room": "hallway", "topic": "news"}, "room"),
        ({"direction": "incoming", "room": "hallway", "url": "https://example.org"}, "url"),
        ({"direction": "outgoing", "room": "hallway"}, "url"),
    ],
)
async def test_parts_that_are_missing_or_contradict_each_other_are_named(
    api: ApiClient, asked: dict[str, str], field: str
) -> None:
    status, answer = await api.calls("POST", "/api/hooks", json={"name": "Builds", **asked})
    assert (status, answer["error"]["code"], answer["error"]["field"]) == (400, "invalid", field)


async def test_more_than_the_limit_waits(api: ApiClient) -> None:
    hook = await api.makes(direction="incoming", topic="fast")
    other = await api.makes(direction="incoming", topic="fast")
    answers = [await api.posts(hook, json={"n": n}) for n in range(21)]
    assert [status for status, _ in answers] == [200] * 20 + [429]
    assert 1 <= int(answers[-1][1]["retry_after"]) <= 60
    assert (await api.posts(other, json={}))[0] == 200


async def test_an_unknown_a_deleted_and_a_turned_off_hook_are_not_there(
    house: House, api: ApiClient
) -> None:
    hook = await api.makes(direction="incoming", room="hallway")
    assert (await api.posts({"secret": "no-such-hook"}, text="x"))[0] == 404
    # Its id opens nothing.
    assert (await api.posts({"secret": hook["id"]}, text="x"))[0] == 404
    assert (await api.posts(hook, text="x"))[0] == 200
    assert (await api.calls("DELETE", f"/api/hooks/{hook['id']}"))[0] == 200
    assert (await api.posts(hook, text="x"))[0] == 404
    assert (await api.calls("DELETE", f"/api/hooks/{hook['id']}"))[0] == 404


async def test_the_secret_is_in_no_log_and_only_as_a_hash_in_the_database(
    api: ApiClient, database: Database
) -> None:
    with capture_logs() as lines:
        hook = await api.makes(direction="incoming", room="hallway")
        secret = hook["secret"]
        assert hook["address"] == f"{api.address}/api/hooks/{secret}"
        await api.posts(hook, text="x")
        await api.posts(hook, json={})
        # Mistyped, and by the wrong method: no route is found, and the path would be the line.
        for method, path in (("GET", ""), ("POST", "/"), ("PUT", ""), ("POST", "/x")):
            await api.calls(method, f"/api/hooks/{secret}{path}")
        # Taken for the id: these are in the audit trail.
        for method, path in (("DELETE", ""), ("POST", "/adopt")):
            assert (await api.calls(method, f"/api/hooks/{secret}{path}"))[0] == 404
        await api.posts({"secret": "/" + secret}, text="x")
    assert [line for line in lines if line.get("status") == 404]
    assert secret not in str(lines)
    for name in await database.db.list_collection_names():
        if not name.startswith("system."):
            everything = [str(each) async for each in database.collection(name).find()]
            assert not [each for each in everything if secret in each], name
    _, listed = await api.calls("GET", "/api/hooks")
    assert secret not in str(listed)


async def test_the_owner_of_a_room_makes_hooks_for_it_and_nobody_else_does(
    api: ApiClient, bens_api: ApiClient, ana: Member, ben: Member
) -> None:
    room = (await ben.does("room:create", name="Ben's", kind="private"))["room"]["id"]
    hook = await bens_api.makes(direction="incoming", room=room)
    assert (await bens_api.posts(hook, text="hello"))[0] == 200
    assert [h["id"] for h in (await bens_api.calls("GET", "/api/hooks"))[1]["items"]] == [
        hook["id"]
    ]
    # An admin who is not in the private room can't write in it, but can end the hook.
    asked = {"name": "x", "direction": "incoming", "room": room}
    assert (await api.calls("POST", "/api/hooks", json=asked))[0] == 404
    theirs = await api.makes(direction="incoming", room="hallway")
    for refused in ({"room": "hallway"}, {"topic": "any"}):
        body = {"name": "x", "direction": "incoming", **refused}
        assert (await bens_api.calls("POST", "/api/hooks", json=body))[0] == 403
    assert (await bens_api.calls("DELETE", f"/api/hooks/{theirs['id']}"))[0] == 404
    assert (await api.calls("DELETE", f"/api/hooks/{hook['id']}"))[0] == 200
    assert (await bens_api.posts(hook, text="x"))[0] == 404


async def test_an_archived_room_takes_nothing_more(api: ApiClient, ana: Member) -> None:
    room = (await ana.does("room:create", name="Old"))["room"]["id"]
    hook = await api.makes(direction="incoming", room=room)
    await ana.does("room:archive", room=room)
    status, answer = await api.posts(hook, text="x")
    assert (status, answer["error"]["code"]) == (403, "forbidden")


async def test_a_token_for_a_program_makes_no_hook(
    house: House, api: ApiClient, ana: Member
) -> None:
    token = await house.services.tokens.create(ana.id)
    asked = {"name": "x", "direction": "incoming", "room": "hallway"}
    headers = {"Authorization": f"Bearer {token}"}
    assert (await api.calls("POST", "/api/hooks", json=asked, headers=headers))[0] == 401
