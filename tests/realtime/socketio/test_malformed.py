"""Malformed input gets the right error code and disturbs no other client."""

import asyncio
import gc
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest

from app.realtime.socketio.namespace import FeatureNamespace
from tests.chat.house import House, Member
from tests.harness.waiting import WITHIN_S, eventually
from tests.realtime.raw import Poller, Raw

DEEP = "[" * 10_000 + "]" * 10_000
HUGE = str(10**100)

# The event with its arguments as JSON text, and the field that is named.
INVALID = {
    "room is a number": ('"room:join",{"room":5}', "room"),
    "room is missing": ('"room:join",{}', "room"),
    "room is null": ('"room:join",{"room":null}', "room"),
    "room is empty": ('"room:join",{"room":""}', "room"),
    "no payload": ('"room:join"', "room"),
    "payload is null": ('"room:join",null', "room"),
    "payload is a list": ('"room:join",[1]', None),
    "payload is text": ('"room:join","hallway"', None),
    "payload is a number": ('"room:join",7', None),
    "cursor is text": ('"room:join",{"room":"hallway","cursor":"7"}', "cursor"),
    "cursor is negative": ('"room:sync",{"room":"hallway","cursor":-1}', "cursor"),
    "cursor is huge": (f'"room:sync",{{"room":"hallway","cursor":{HUGE}}}', "cursor"),
    "cursor is 2^53": ('"room:sync",{"room":"hallway","cursor":9007199254740992}', "cursor"),
    "cursor is a fraction": ('"room:sync",{"room":"hallway","cursor":1.5}', "cursor"),
    "cursor is a boolean": ('"room:sync",{"room":"hallway","cursor":true}', "cursor"),
    "cursor is a list": ('"room:sync",{"room":"hallway","cursor":[1]}', "cursor"),
    "limit is 0": ('"room:history",{"room":"hallway","before":9,"limit":0}', "limit"),
    "limit is 201": ('"room:history",{"room":"hallway","before":9,"limit":201}', "limit"),
    "before is text": ('"room:history",{"room":"hallway","before":"x"}', "before"),
    "text is a number": ('"message:send",{"room":"hallway","text":1,"client_id":"a"}', "text"),
    "text is missing": ('"message:send",{"room":"hallway","client_id":"a"}', "text"),
    "text is empty": ('"message:send",{"room":"hallway","text":"","client_id":"a"}', "text"),
    "text is blank": ('"message:send",{"room":"hallway","text":" \\n","client_id":"a"}', "text"),
    "text has NUL": ('"message:send",{"room":"hallway","text":"a\\u0000b"}', "text"),
    "client_id is a number": (
        '"message:send",{"room":"hallway","text":"a","client_id":1}',
        "client_id",
    ),
    "client_id is long": (
        '"message:send",{"room":"hallway","text":"a","client_id":"' + "x" * 65 + '"}',
        "client_id",
    ),
    "seq is text": ('"room:read",{"room":"hallway","seq":"1"}', "seq"),
    "emoji is a word": ('"reaction:add",{"room":"hallway","id":"x","emoji":"smile"}', "emoji"),
    "members are a text": ('"room:create",{"name":"x","members":"ana"}', "members"),
    "kind is unknown": ('"room:create",{"name":"x","kind":"secret"}', "kind"),
    "state is unknown": ('"presence:set",{"state":"dancing"}', "state"),
    "unknown event": ('"nope",{}', "event"),
    "event named connect": ('"connect",{}', "event"),
    "event named disconnect": ('"disconnect",{}', "event"),
    "event named like a method": ('"trigger_event",{}', "event"),
    "empty event name": ('"",{}', "event"),
}
NOT_EVENTS = {
    "lone surrogate": '["message:send",{"room":"hallway","text":"\\ud800","client_id":"a"}]',
    "surrogate in a name": '["\\udfff",{}]',
    "number without end": '["room:sync",{"room":"hallway","cursor":1e400}]',
    "10,000 deep": f'["room:join",{DEEP}]',
    "10,000 deep alone": DEEP,
    "broken JSON": '["room:join",{"room":',
    "no list": '{"room":"hallway"}',
    "empty list": "[]",
    "name is a number": "[1,2]",
    "name is a list": '[["room:join"],{}]',
    "NaN": '["room:sync",{"room":"hallway","cursor":NaN}]',
    "text": '"room:join"',
    "nothing": "",
}


@pytest.fixture
async def token(house: House, ana: Member) -> str:
    return await house.services.tokens.create((await house.invites("mallory")).id)


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that a client says may end in the log as a failure of ours."""
    caplog.set_level(logging.WARNING)
    yield
    gc.collect()  # asyncio logs a task's unread exception when the task is collected.
    assert [r for r in caplog.records if is_ours(r)] == []


def is_ours(record: logging.LogRecord) -> bool:
    """A failure of the server: not what clients of tests before this one left behind, nor Motor's
    word of a read that was given up with the house, and began after the connection was closed."""
    said = record.getMessage()
    if said.startswith("Unclosed client session") or "MongoClient after close" in said:
        return False
    return bool(record.exc_info) or record.levelno >= logging.ERROR


@pytest.fixture(autouse=True)
async def nobody_else_notices(house: House, ana: Member, ben: Member) -> AsyncIterator[None]:
    await ben.joins()
    yield
    await ana.sends("still here?")
    await ben.sees("still here?")


async def test_malformed_events_are_invalid_and_name_the_field(house: House, token: str) -> None:
    async with Raw(house.address, token) as mallory:
        for ack, (case, (event, field)) in enumerate(INVALID.items()):
            await mallory.say(f"42/chat,{ack}[{event}]")
            answer = await mallory.answer(ack)
            assert answer["ok"] is False, case
            assert answer["error"]["code"] == "invalid", (case, answer)
            assert answer["error"].get("field") == field, (case, answer)
            assert "Traceback" not in str(answer)
        await mallory.say('42/chat,99["rooms:list",{}]')
        assert (await mallory.answer(99))["ok"] is True


async def test_what_is_no_event_is_invalid(house: House, token: str) -> None:
    async with Raw(house.address, token) as mallory:
        for ack, (case, text) in enumerate(NOT_EVENTS.items()):
            await mallory.say(f"42/chat,{ack}{text}")
            assert (await mallory.answer(ack))["error"]["code"] == "invalid", case
        await mallory.say('42/chat,99["rooms:list",{}]')
        assert (await mallory.answer(99))["ok"] is True


async def test_polling_gives_the_same_answers(house: House, token: str) -> None:
    asked = [f"[{event}]" for event, _ in INVALID.values()] + list(NOT_EVENTS.values())
    async with Poller(house.address, token) as mallory:
        body = "\x1e".join(f"42/chat,{ack}{text}" for ack, text in enumerate(asked))
        assert await mallory.post(body) == (200, "ok")
        answers = await mallory.answers(len(asked))
        assert {answer["error"]["code"] for answer in answers.values()} == {"invalid"}


async def test_event_without_ack_is_done_and_a_bad_one_passed_over(
    house: House, token: str, ben: Member
) -> None:
    async with Raw(house.address, token) as mallory:
        for event, _ in INVALID.values():
            await mallory.say(f"42/chat,[{event}]")
        await mallory.say('42/chat,["message:send",{"room":"hallway","text":"no ack"}]')
        await ben.sees("no ack")


NONSENSE: list[str | bytes] = [
    "", "x", "9", "4", "47", "4{}", '4"text"', "42/chat,", "42/chat,[", "45-", "451-/chat,",
    "44/chat,{}", "0", "2probe", "5", "6", "41", "4٢[]", "3", b"", b"\x00", b'2["x"]', "1",
    '452-/chat,["a",{"_placeholder":true,"num":0}]', "4" + DEEP, "b4AAA", "46-[]", "43[]",
    '4599-/chat,["a"]', '450-/chat,["a"]', "4" + "2" * 200 + "[]", "40/nowhere,", "40/chat,5",
]  # fmt: skip


async def test_nonsense_ends_at_most_its_own_connection(
    house: House, token: str, ben: Member
) -> None:
    for frame in NONSENSE:
        async with Raw(house.address, token) as mallory:
            await mallory.say(frame)
            with suppress(ConnectionError):  # It may have ended already.
                await mallory.say('42/chat,7["rooms:list",{}]')
            with suppress(AssertionError):
                assert (await mallory.answer(7))["ok"] is not None
        await eventually(lambda: len(house.connections("chat")) == 2, f"it is gone after {frame!r}")
        assert house.site.sockets._binary_packet == {}
        assert ben.client.connected


async def test_unfinished_binary_event_is_invalid_and_forgotten(house: House, token: str) -> None:
    async with Raw(house.address, token) as mallory:
        await mallory.say('451-/chat,1["message:send",{"_placeholder":true,"num":3}]')
        await mallory.say(b"attached")
        await mallory.is_closed()
    assert house.site.sockets._binary_packet == {}


async def test_attachment_that_never_comes_costs_one_event(house: House, token: str) -> None:
    async with Raw(house.address, token) as mallory:
        await mallory.say('451-/chat,1["rooms:list",{"_placeholder":true,"num":0}]')
        await mallory.say('42/chat,2["rooms:list",{}]')
        assert (await mallory.answer(2))["error"]["code"] == "invalid"
        await mallory.say('42/chat,3["rooms:list",{}]')
        assert (await mallory.answer(3))["ok"] is True


async def test_binary_where_text_belongs_is_invalid(house: House, token: str) -> None:
    async with Raw(house.address, token) as mallory:
        bad = '{"room":"hallway","text":{"_placeholder":true,"num":0}}'
        await mallory.say(f'451-/chat,1["message:send",{bad}]')
        await mallory.say(b"attached")
        assert (await mallory.answer(1))["error"] == {
            "code": "invalid",
            "message": (await _text_of(mallory)),
            "field": "text",
        }


async def _text_of(mallory: Raw) -> str:
    await mallory.say('42/chat,2["message:send",{"room":"hallway","text":1}]')
    message = str((await mallory.answer(2))["error"]["message"])
    return message.replace("int", "bytes")


async def test_event_called_disconnect_does_not_hide_a_connection(house: House, token: str) -> None:
    """Out of the books, it would outlive its session."""
    async with Raw(house.address, token) as mallory:
        await mallory.say('42/chat,["disconnect"]')
        await mallory.say('42/chat,1["rooms:list",{}]')
        assert (await mallory.answer(1))["ok"] is True
        assert len(house.connections("chat")) == 3


async def test_events_before_connecting_are_unauthenticated(house: House) -> None:
    async with Raw(house.address) as stranger:
        await stranger.say('42/chat,3["rooms:list",{}]')
        assert (await stranger.answer(3))["error"]["code"] == "unauthenticated"
        await stranger.say('42/chat,["message:send",{"room":"hallway","text":"x"}]')
        await stranger.say('42["x"]')
        await stranger.say("40/nowhere,")
        assert await stranger.frame() == '44/nowhere,{"message":"Invalid namespace"}'


async def test_wrong_acknowledgements_are_passed_over(house: House, token: str) -> None:
    async with Raw(house.address, token) as mallory:
        for ack in ("43/chat,7[]", "43/chat,", "43/chat,99999999999[1]", '43/chat,1{"a":1}'):
            await mallory.say(ack)
        await mallory.say('42/chat,1["rooms:list",{}]')
        assert (await mallory.answer(1))["ok"] is True


async def test_packet_over_one_megabyte_closes_its_connection(house: House, token: str) -> None:
    async with Raw(house.address, token) as mallory:
        await mallory.say('42/chat,1["nope","' + "x" * 1_048_600 + '"]')
        assert await mallory.is_closed() == 1009


async def test_one_who_still_sends_what_is_refused_hears_why(house: House) -> None:
    asks = "\r\n".join(
        (
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
            f"Host: {house.address.removeprefix('http://')}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        )
    )
    host, port = house.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    async with asyncio.timeout(WITHIN_S):
        writer.write(f"{asks}\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        await reader.readuntil(b"}")  # The packet that opens the session.
        # A text of 2 MB, masked with zeros: too large as soon as it is announced.
        writer.write(b"\x81\xff" + (2**21).to_bytes(8, "big") + bytes(4))
        assert await reader.readexactly(4) == b"\x88\x02" + (1009).to_bytes(2, "big")
        for _ in range(2**21 // 65_536):
            writer.write(bytes(65_536))
            await writer.drain()
        writer.close()


async def test_polling_request_over_one_megabyte_is_too_large(house: House, token: str) -> None:
    async with Poller(house.address, token) as mallory:
        status, text = await mallory.post("4" + "x" * 1_048_577)
        assert (status, json.loads(text)["error"]["code"]) == (413, "too_large")
    await eventually(lambda: len(house.connections("chat")) == 2, "mallory is gone")


async def test_polling_garbage_is_invalid_and_ends_its_session(house: House, token: str) -> None:
    for body in ("", "x", "\x1e", "9", "42\x1e\x1e42", b"\xff\xfe", "d=42", "d=", "4\x1ez"):
        async with Poller(house.address, token) as mallory:
            status, text = await mallory.post(body)
            assert (status, json.loads(text)["error"]["code"]) == (400, "invalid"), body
        await eventually(lambda: len(house.connections("chat")) == 2, "mallory is gone")


async def test_script_answers_are_not_given(house: House, ana: Member) -> None:
    async with Raw(house.address) as stranger:
        url = f"{house.address}/socket.io/?EIO=4&transport=polling&j=0"
        async with stranger._session.get(url) as response:
            assert response.status == 400


async def test_flood_of_one_client_is_read_no_further_than_500_events(
    house: House, token: str, ana: Member, ben: Member
) -> None:
    feature: FeatureNamespace = house.site.sockets.namespace_handlers["/chat"]
    answer, begun, go_on = feature.answer, 0, asyncio.Event()

    async def slow(sid: str, event: str, arguments: list[object]) -> object:
        nonlocal begun
        if event == "rooms:list":
            begun += 1
            await go_on.wait()
        return await answer(sid, event, arguments)

    feature.answer = slow
    async with Raw(house.address, token) as mallory:
        for ack in range(700):
            await mallory.say(f'42/chat,{ack}["rooms:list",{{}}]')
        await eventually(lambda: begun >= 500, "as many as may be are under way")
        await ana.sends("others are not held up")
        await ben.sees("others are not held up")
        assert begun == 500
        go_on.set()
        assert (await mallory.answer(699))["ok"] is True


async def test_those_who_left_leave_nothing_behind(house: House, token: str) -> None:
    sockets = house.site.sockets
    feature: FeatureNamespace = sockets.namespace_handlers["/chat"]

    def kept() -> list[int]:
        rooms = sockets.manager.rooms.get("/chat", {})
        return [
            len(sockets._transports), len(sockets.eio.sockets), len(sockets.environ),
            len(sockets._binary_packet), len(rooms), len(rooms[None]),
            len(sockets.manager.pending_connect), len(sockets.manager.pending_disconnect),
            len(feature._by_sid), len(house.connections("chat")),
            len(house.services.chat._events._subscribers._by_connection),
        ]  # fmt: skip

    before = kept()
    for frame in ("41/chat,", '451-/chat,["a"]', "40/chat,", '42/chat,1["rooms:list"]', "1", "x"):
        async with Raw(house.address, token) as mallory:
            await mallory.say(frame)
        async with Raw(house.address) as stranger:
            await stranger.say('40/chat,{"token":"wrong"}')
            await stranger.say(frame)
    await eventually(lambda: kept() == before, f"{kept()} is {before} again")
