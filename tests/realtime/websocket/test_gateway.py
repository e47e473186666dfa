"""Plain WebSocket, `/ws`: who gets in, what is asked and told, and how it ends."""

import asyncio
import json

import aiohttp
import pytest
from structlog.testing import capture_logs

from app.realtime.line import client_line, outbox
from app.realtime.websocket import message_loop
from tests.chat.house import PASSWORD, House, Member, open_house
from tests.harness.waiting import eventually
from tests.realtime.plain import Plain

NONSENSE = ("", "[]", "{", '"x"', "{}", '{"type":5}', "[" * 9_000, '{"type":"\\ud800"}')


async def guest(house: House, member: Member, **token: object) -> Plain:
    """One more connection of this person, over `/ws`."""
    return Plain(house.address, await house.services.tokens.create(member.id, **token))


async def test_first_message_signs_in_and_ready_is_the_answer(house: House, ana: Member) -> None:
    async with await guest(house, ana) as plain:
        assert plain.told[0]["type"] == "ready"
        assert plain.ready["user"]["username"] == "ana"
        assert plain.ready["heartbeat_interval"] == 30_000
        assert (await plain.hears("welcome"))["message"] == "Welcome to chat, Ana!"
        assert (await plain.hears("notification"))["inbox"] is True
        assert "page_views" in await plain.hears("analytics")


async def test_what_is_said_here_is_heard_on_socketio_and_the_other_way_round(
    house: House, ana: Member, ben: Member
) -> None:
    await ben.joins()
    async with await guest(house, ana) as plain:
        assert (await plain.does("room:join", room="hallway"))["ok"]
        sent = await plain.does("message:send", room="hallway", text="from /ws", client_id="1")
        again = await plain.does("message:send", room="hallway", text="from /ws", client_id="1")
        assert again == sent
        assert (await ben.sees("from /ws"))["id"] == sent["id"]
        await ben.sends("from socket.io")
        batch = await plain.hears("chat")
        while batch["items"][-1].get("text") != "from socket.io":
            batch = await plain.hears("chat")
        assert batch["items"] == [await ben.sees("from socket.io")]


async def test_events_of_every_feature_go_over_one_connection(
    house: House, ana: Member, ben: Member
) -> None:
    async with await guest(house, ana) as plain:
        assert (await plain.does("inbox:sync", cursor=0))["unread"] == 0
        tracked = await plain.does("track", events=[{"event_type": "tried"}])
        assert tracked == {"ok": True, "accepted": 1}
        await ben.sends("hello @ana")
        assert (await plain.hears("notification", unread=1))["items"][0]["category"] == "mention"
        assert (await plain.hears("activity", mentions=1))["unread"] == 1


async def test_topics_are_subscribed_to_and_published_in(
    house: House, ana: Member, ben: Member
) -> None:
    async with await guest(house, ana) as here, await guest(house, ben) as there:
        assert (await here.does("subscribe", topic="doors"))["ok"]
        published = await there.does("publish", topic="doors", data={"open": True})
        batch = await here.hears("topic", topic="doors")
        assert [e["id"] for e in batch["items"]] == [published["id"]]
        assert batch["items"][0]["data"] == {"open": True}


async def test_error_is_in_the_ack_or_in_an_error_where_nobody_waits(
    house: House, ana: Member
) -> None:
    async with await guest(house, ana) as plain:
        assert (await plain.does("room:join", room="nowhere"))["error"]["code"] == "not_found"
        assert (await plain.does("no:such"))["error"]["field"] == "type"
        missing = (await plain.does("message:send", room="hallway"))["error"]
        assert (missing["code"], missing["field"]) == ("invalid", "text")
        await plain.says("room:join", payload={"room": "nowhere"})
        assert (await plain.hears("error"))["code"] == "not_found"
        for nonsense in NONSENSE:
            await plain.socket.send_str(nonsense)
            assert (await plain.hears("error"))["code"] == "invalid", nonsense
        await plain.socket.send_str('{"id":7,"type":5}')
        while (ack := await plain.next())["type"] != "ack":
            pass
        assert ack["id"] == 7
        assert ack["payload"]["error"]["field"] == "type"


async def test_binary_message_is_refused_and_the_connection_stays(
    house: House, ana: Member
) -> None:
    async with await guest(house, ana) as plain:
        await plain.socket.send_bytes(b"\x00\xff")
        error = await plain.hears("error")
        assert error == {"code": "invalid", "message": "Binary messages not supported"}
        assert (await plain.does("rooms:list"))["ok"]


async def test_ping_gets_pong_and_the_time(house: House, ana: Member) -> None:
    async with await guest(house, ana) as plain:
        await plain.says("ping")
        assert (await plain.hears("pong"))["server_time"].endswith("Z")
        assert (await plain.does("ping")) == {"ok": True}


async def test_answers_come_in_the_order_of_messages_sent_without_waiting(
    house: House, ana: Member
) -> None:
    async with await guest(house, ana) as plain:
        for n in range(100):
            await plain.says("message:send", id=n, payload={"room": "hallway", "text": str(n)})
        seqs = {}
        while len(seqs) < 100:
            if (message := await plain.next())["type"] == "ack":
                seqs[message["id"]] = message["payload"]["seq"]
        assert [seqs[n] for n in range(100)] == sorted(seqs.values())


# Signing in.


async def test_cookie_is_enough(house: House, ana: Member) -> None:
    plain = Plain(house.address, Origin=house.address)
    body = {"username": "ana", "password": PASSWORD}
    async with plain._session.post(f"{house.address}/api/session", json=body) as response:
        token = (await response.json())["token"]
    async with plain:
        assert (await plain.hears("ready"))["user"]["username"] == "ana"
        await plain.says("auth", id=1, token=token)
        while (ack := await plain.next())["type"] != "ack":
            pass
        assert ack["payload"] == {"ok": True}


async def test_configuration_names_the_address_and_a_token_for_it(
    house: House, ana: Member
) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        body = {"username": "ana", "password": PASSWORD}
        await (await browser.post(f"{house.address}/api/session", json=body)).read()
        config = await (await browser.get(f"{house.address}/api/config/websocket")).json()
    address = config["websocket_url"].replace("ws://", "http://").removesuffix("/ws")
    async with Plain(address, config["token"]) as plain:
        assert plain.ready["heartbeat_interval"] == config["heartbeat_interval"]


@pytest.mark.parametrize(
    "first",
    [
        '{"type":"auth","token":"parley_nonsense"}',
        '{"type":"auth"}',
        '{"type":"auth","token":5}',
        '{"type":"room:join","id":1,"payload":{"room":"hallway"}}',
        "nonsense",
        b"\x00",
    ],
)
async def test_anything_else_first_is_closed_with_4401(house: House, first: str | bytes) -> None:
    async with Plain(house.address) as plain:
        if isinstance(first, str):
            await plain.socket.send_str(first)
        else:
            await plain.socket.send_bytes(first)
        assert await plain.closes() == 4401


async def test_silence_is_closed_with_4401(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_loop, "AUTH_WITHIN_S", 0.1)
    async with Plain(house.address) as plain:
        assert await plain.closes() == 4401


async def test_token_uses_only_what_it_has_the_scope_for(house: House, ana: Member) -> None:
    async with await guest(house, ana, scopes=["metrics:read"]) as plain:
        # Its first message: no welcome, no inbox.
        assert (await plain.next())["type"] == "analytics"
        assert (await plain.does("rooms:list"))["error"]["code"] == "forbidden"
        assert (await plain.does("metrics"))["ok"]


async def refused(house: House, path: str = "/ws", **headers: str) -> tuple[int, dict[str, object]]:
    """Status and error object of an upgrade that is not granted."""
    asked = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **headers,
    }
    url = house.address + path
    async with aiohttp.ClientSession() as session, session.get(url, headers=asked) as response:
        if response.status == 429:
            assert int(response.headers["Retry-After"]) > 0
        return response.status, json.loads(await response.text())["error"]


@pytest.mark.parametrize("path", ["/ws", "/ws/echo"])
@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "null", "http://127.0.0.1", "{own}.evil", "{own}/"]
)
async def test_other_origins_are_refused_before_the_upgrade(
    house: House, path: str, origin: str
) -> None:
    status, error = await refused(house, path, Origin=origin.replace("{own}", house.address))
    assert (status, error["code"]) == (403, "forbidden")


async def test_too_many_handshakes_are_refused_before_the_upgrade(database: object) -> None:
    async with open_house(database, connections_per_minute=2) as house:
        for path in ("/ws", "/ws/echo"):
            async with Plain(house.address, path=path):
                pass
        status, error = await refused(house)
        assert (status, error["code"]) == (429, "rate_limited")


@pytest.mark.parametrize("path", ["/ws", "/ws/echo"])
async def test_request_without_upgrade_is_answered_426(house: House, path: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(house.address + path) as response:
        assert response.status == 426
        assert response.headers["Upgrade"] == "websocket"
        assert response.headers["Sec-WebSocket-Version"] == "13"
        assert (await response.json())["error"]["code"] == "invalid"
    assert (await refused(house, path, **{"Sec-WebSocket-Version": "8"}))[0] == 426
    assert (await refused(house, path, **{"Sec-WebSocket-Key": "short"}))[0] == 400


async def test_token_in_the_address_is_refused(house: House, ana: Member) -> None:
    token = await house.services.tokens.create(ana.id)
    status, error = await refused(house, f"/ws?token={token}")
    assert (status, error["field"]) == (400, "token")


# How it ends.


async def test_session_that_ends_closes_with_4403(house: House, ana: Member) -> None:
    sessions, tokens = house.services.sessions, house.services.tokens
    laptop, _ = await sessions.begin(ana.user, address="", agent="laptop")
    async with Plain(house.address, await tokens.for_session(laptop)) as plain:
        await sessions.end(laptop.id)
        assert await plain.closes() == 4403
    assert ana.client.connected
    await eventually(lambda: len(house.connections("chat")) == 1, "only Socket.IO is left")


async def test_disabled_person_is_gone_before_the_answer(house: House, ana: Member) -> None:
    mallory = await house.invites("mallory")
    async with Plain(house.address, await house.services.tokens.create(mallory.id)) as plain:
        await house.services.accounts.disabling.disable(mallory.id)
        assert await plain.closes() == 4403


async def test_removed_member_gets_nothing_more(house: House, ana: Member, ben: Member) -> None:
    room = (await ana.does("room:create", name="Workshop", kind="private", members=["ben"]))["room"]
    async with await guest(house, ben) as plain:
        await plain.does("room:join", room=room["id"])
        await ana.does("room:remove", room=room["id"], user="ben")
        await ana.sends("without ben", room=room["id"])
        assert (await plain.hears("room:removed"))["room"] == room["id"]
        assert (await plain.does("rooms:list"))["ok"]
    assert "without ben" not in json.dumps(plain.told)


async def test_stop_says_1001(house: House, ana: Member) -> None:
    async with await guest(house, ana) as plain, Plain(house.address, path="/ws/echo") as echo:
        ends = asyncio.gather(plain.closes(), echo.closes())
        await house.site.stop()
        assert await ends == [1001, 1001]


async def test_slow_reader_is_sent_away_with_1013_and_resumes(
    house: House, ana: Member, ben: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BYTES_AT_MOST", 1_000_000)
    async with await guest(house, ben) as slow:
        cursor = (await slow.does("room:join", room="hallway"))["rev"]
        slow.deafen()
        line = next(iter(house.site.gateway._clients)).line
        sent = 0
        while not line.is_ending:
            await ana.sends(f"{sent:04} " + "x" * 60_000)
            assert line.outbox.size < 1_000_000
            sent += 1
            assert sent < 500
        assert line.outbox.size == 0
        slow.listens()
        assert await slow.closes() == 1013
    async with await guest(house, ben) as again:
        seen = []
        while True:
            answer = await again.does("room:sync", room="hallway", cursor=cursor)
            seen += [item["text"][:4] for item in answer["items"]]
            cursor = answer["rev"]
            if not answer["more"]:
                break
    assert seen == [f"{n:04}" for n in range(sent)]


async def test_reader_that_never_reads_again_is_cut_off(
    house: House, ana: Member, ben: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BYTES_AT_MOST", 200_000)
    monkeypatch.setattr(client_line, "CLOSES_WITHIN_S", 0.1)
    async with await guest(house, ben) as slow:
        await slow.does("room:join", room="hallway")
        slow.deafen()
        line = next(iter(house.site.gateway._clients)).line
        while not line.is_ending:
            await ana.sends("x" * 60_000)
        await eventually(lambda: len(house.site.gateway) == 0, "its place is free", 5)
        slow.listens()


async def test_error_that_nobody_foresaw_is_logged_once_and_says_come_back(
    house: House, ana: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise KeyError("insides")

    async with await guest(house, ana) as plain:
        monkeypatch.setattr(message_loop.MessageLoop, "_begin", broken)
        with capture_logs() as lines:
            await plain.says("message:send", payload={"room": "hallway", "text": "hi"})
            assert await plain.closes() == 1013
            await eventually(lambda: len(house.site.gateway) == 0, "its place is free")
            await eventually(lambda: any(x["event"] == "request" for x in lines), "it is logged")
    assert [x["event"] for x in lines if x["log_level"] == "error"] == ["unexpected_error"]


async def test_who_does_not_listen_to_limits_is_closed_with_1008(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_loop, "IGNORED_LIMITS_AT_MOST", 5)
    async with open_house(database, messages_per_minute=1) as house:
        ana = await house.welcomes("ana", role="admin")
        async with await guest(house, ana) as plain:
            for n in range(8):
                await plain.says("message:send", payload={"room": "hallway", "text": str(n)})
            assert (await plain.hears("error"))["code"] == "rate_limited"
            assert await plain.closes() == 1008


async def test_peer_that_answers_no_ping_is_cut_off(database: object) -> None:
    async with open_house(database, heartbeat_interval=0.1, connection_timeout=1.5) as house:
        alive = Plain(house.address, path="/ws/echo")
        silent = Plain(house.address, path="/ws/echo")
        async with alive, silent:
            silent.socket._autoping = False
            closing = asyncio.create_task(alive.closes())
            assert await silent.closes() == 1006
            assert not closing.done()
            closing.cancel()


async def test_message_at_the_limit_passes_and_one_byte_more_closes_with_1009(
    house: House, ana: Member
) -> None:
    async with await guest(house, ana) as plain:
        start, end = '{"type":"ping","id":5,"payload":"', '"}'
        await plain.socket.send_str(start + "x" * (1_048_576 - len(start + end)) + end)
        await plain.hears("pong")
        await plain.socket.send_str("x" * 1_048_577)
        assert await plain.closes() == 1009


async def test_echo(house: House) -> None:
    async with Plain(house.address, path="/ws/echo") as echo:
        await echo.socket.send_str("héllo")
        assert await echo.socket.receive_str() == "Echo: héllo"
        await echo.socket.send_bytes(b"\x00\xff" * 524_288)
        assert await echo.socket.receive_bytes() == b"\x00\xff" * 524_288
        await echo.socket.send_bytes(b"\x00" * 1_048_577)
        assert await echo.closes() == 1009


async def test_echo_is_not_slow_for_who_reads_late(house: House) -> None:
    async with Plain(house.address, path="/ws/echo") as echo:
        sending = [asyncio.create_task(echo.socket.send_bytes(b"x" * 1_000_000)) for _ in range(30)]
        for _ in range(30):
            assert len(await echo.socket.receive_bytes()) == 1_000_000
        await asyncio.gather(*sending)
