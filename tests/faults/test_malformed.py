"""Malformed events of every kind: the right code, nobody else disturbed, nothing in the log."""

import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from tests.faults.conftest import Visit
from tests.faults.malformed import DEEP, NONSENSE, WRONG
from tests.harness.described_api import EVENTS
from tests.harness.person import Person
from tests.harness.raw import RawSocket
from tests.harness.town import Town

LIMIT_BYTES = 65_536


def is_json(text: str) -> bool:
    """Whether a strict reader takes it: a peer that sends other text is cut off."""
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def test_every_event_of_chat_is_tried() -> None:
    assert EVENTS["chat"].keys() <= {event for event, _, _ in WRONG}


@pytest.fixture
async def room(visit: Visit, request: pytest.FixtureRequest) -> str:
    name = f"malformed {abs(hash(request.node.nodeid))}"
    return await visit.town.creates(name, "private", "ben", by="cleo")


@pytest.fixture
async def ben(visit: Visit, room: str) -> AsyncIterator[Person]:
    """Somebody else, who must notice nothing: one connection from beginning to end."""
    ben = await visit.arrives("ben", room)
    sid = ben.wire.client.get_sid("/chat")
    yield ben
    await ben.sends("still here", room)
    await ben.sees("still here", room)
    assert ben.wire.client.get_sid("/chat") == sid, "ben's connection was lost"


async def test_malformed_events_get_the_right_code(town: Town, room: str, ben: Person) -> None:
    wrong: list[Any] = []
    async with RawSocket(town.server.url, town.tokens["cleo"]) as cleo:
        for event, payload, code in WRONG:
            answer = await cleo.asks(event, payload.replace("ROOM", json.dumps(room)))
            assert answer is not None, f"{event} {payload[:80]} cut the line"
            error = answer.get("error", {})
            if error.get("code") != code:
                wrong.append((event, payload[:80], code, answer))
            assert error.get("message", "").strip() or wrong, (event, answer)
    assert wrong == []
    assert ben.room(room).texts() == []


async def test_nothing_of_a_malformed_frame_reaches_anyone(
    town: Town, room: str, ben: Person
) -> None:
    for frame in NONSENSE:
        async with RawSocket(town.server.url, town.tokens["cleo"]) as cleo:
            await cleo.says(frame)
            # Where the frame announced an attachment, the next one is swallowed as that.
            await cleo.says("")
            answer = await cleo.asks("rooms:list", "{}")
            assert cleo.is_closed or answer is not None, f"{frame[:60]!r} left the line hanging"
    assert await town.server.status("/readyz") == 200
    assert ben.room(room).texts() == []


async def test_events_without_acknowledgement_are_taken_too(
    town: Town, room: str, ben: Person
) -> None:
    async with RawSocket(town.server.url, town.tokens["cleo"]) as cleo:
        for event, payload, _ in WRONG:
            if payload.startswith('{"room": ROOM') and is_json(payload.replace("ROOM", "0")):
                text = payload.replace("ROOM", json.dumps(room))
                await cleo.says(f"42/chat,[{json.dumps(event)},{text}]")
        sent = json.dumps({"room": room, "text": "no answer wanted"})
        await cleo.says(f'42/chat,["message:send",{sent}]')
        await ben.sees("no answer wanted", room)
        assert (await cleo.asks("rooms:list", "{}") or {})["ok"]
    assert ben.room(room).texts() == ["no answer wanted"]


@pytest.mark.parametrize(("letter", "fits"), [("a", LIMIT_BYTES), ("ü", LIMIT_BYTES // 2)])
async def test_64_kib_of_text_pass_and_one_byte_more_is_too_large(
    visit: Visit, room: str, ben: Person, letter: str, fits: int
) -> None:
    longest = letter * fits
    cleo = await visit.arrives("cleo", room)
    await cleo.sends(longest, room)
    await ben.sees(longest, room)
    payload = {"room": room, "client_id": "too-long", "text": longest + "a"}
    assert (await cleo.asks("message:send", payload))["error"]["code"] == "too_large"
    edit = {"room": room, "id": ben.room(room).messages[-1].id, "text": longest + "a"}
    assert (await cleo.asks("message:edit", edit))["error"]["code"] == "too_large"
    path = f"/api/rooms/{room}/messages"
    status, answer = await visit.town.calls("POST", path, by="cleo", json={"text": longest + "a"})
    assert (status, answer["error"]["code"]) == (413, "too_large")
    status, _ = await visit.town.calls("POST", path, by="cleo", json={"text": longest})
    assert status == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'"text"', 400),
        (b"\xff\xfe", 400),
        (b'{"text": 7}', 400),
        (b'{"text": null}', 400),
        (b'{"text": ""}', 400),
        (b'{"text": "a\\u0000b"}', 400),
        (b'{"text": "\\ud800"}', 400),
        (b'{"text": "x", "client_id": 7}', 400),
        (b'{"text": ' + DEEP.encode() + b"}", 400),
        (DEEP.encode(), 400),
        (b'{"text": "' + b"a" * 2_000_000 + b'"}', 413),
    ],
)
async def test_malformed_request_bodies_get_the_right_status(
    town: Town, body: bytes, status: int
) -> None:
    path, kind = "/api/rooms/hallway/messages", {"Content-Type": "application/json"}
    got, answer = await town.calls("POST", path, by="ben", data=body, headers=kind)
    assert got == status, answer
    assert answer["error"]["code"] == {400: "invalid", 413: "too_large"}[status]


MESSAGES, PEOPLE, OPEN_ROOMS = "/api/rooms/hallway/messages", "/api/people", "/api/open-rooms"


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        (MESSAGES, "limit=0 limit=201 limit=x before=-1 after=1.5 before=%00 limit="),
        (PEOPLE, f"limit=0 limit=51 offset=-1 offset=9223372036854775808 room= q={'q' * 201}"),
        (OPEN_ROOMS, f"limit=0 limit=51 offset=1001 offset=NaN archived=7 q={'q' * 201}"),
    ],
)
async def test_malformed_queries_are_invalid(town: Town, path: str, queries: str) -> None:
    for query in queries.split():
        status, answer = await town.calls("GET", f"{path}?{query}", by="ben")
        assert (status, answer["error"]["code"]) == (400, "invalid"), query


NO_PREFERENCES = (
    b"",
    b"[]",
    b'{"theme": "pink"}',
    b'{"theme": null}',
    b'{"no_such_key": 1}',
    b'{"emoji_skin_tone": -1}',
    b'{"emoji_skin_tone": 9223372036854775808}',
    b'{"emoji_recent": [{"emoji": "", "count": 1}]}',
    b'{"emoji_recent": [{"emoji": "x", "count": 1e400}]}',
    b'{"time_zone": "Mars/Olympus"}',
    b'{"time_zone": "../../etc/passwd"}',
    b'{"time_zone": "\\ud800"}',
    b'{"sections": {"order": [' + b'"x",' * 2_000 + b'"x"]}}',
    b'{"sections": {"folded": ["favourites\\n"]}}',
    b'{"sections": ' + DEEP.encode() + b"}",
)


async def test_malformed_preferences_are_invalid_and_change_nothing(town: Town) -> None:
    path, kind = "/api/me/preferences", {"Content-Type": "application/json"}
    before = await town.calls("GET", path, by="ben")
    for body in NO_PREFERENCES:
        status, answer = await town.calls("PATCH", path, by="ben", data=body, headers=kind)
        assert (status, answer["error"]["code"]) == (400, "invalid"), body[:80]
    assert await town.calls("GET", path, by="ben") == before


async def test_repeat_of_a_client_id_with_other_content_is_a_conflict(visit: Visit) -> None:
    room = await visit.town.creates("conflicts")
    ana = await visit.arrives("ana", room)
    payload = {"room": room, "client_id": "one", "text": "first"}
    first = await ana.asks("message:send", payload)
    assert await ana.asks("message:send", payload) == first
    other = await ana.asks("message:send", {**payload, "text": "second"})
    assert other["error"]["code"] == "conflict"
    await ana.amends("edit", first["id"], "first, edited", room)
    assert (await ana.asks("message:send", payload))["id"] == first["id"]
