"""Connections that end because somebody may not be here any more, or can't keep up."""

import asyncio
import json

import aiohttp
import pytest
import socketio
from yarl import URL

from app.accounts.models import Revoked
from app.realtime.line import outbox
from app.realtime.socketio import transport
from tests.chat.house import PASSWORD, House, Member, open_house, soon
from tests.harness.waiting import eventually
from tests.realtime.raw import Poller, Raw


async def test_disabling_a_person_ends_all_their_connections(
    house: House, ana: Member, ben: Member
) -> None:
    phone = await house.again(ben, polling=True)
    await house.services.accounts.disabling.disable(ben.id)
    await soon(ben.is_cut_off(), phone.is_cut_off())
    assert ben.ended == ["server disconnect"]
    assert ana.client.connected
    assert len(house.connections("chat")) == 1


async def test_session_that_ends_takes_only_its_own_connections(
    house: House, ana: Member, ben: Member
) -> None:
    sessions, tokens = house.services.sessions, house.services.tokens
    laptop, _ = await sessions.begin(ben.user, address="", agent="laptop")
    connected = await house.enters_with(await tokens.for_session(laptop), ben.user)
    await connected.hears("welcome")
    await sessions.end(laptop.id)
    await connected.is_cut_off()
    assert ben.client.connected


async def test_revoked_token_ends_its_connection_only(
    house: House, ana: Member, ben: Member
) -> None:
    token = await house.services.tokens.create(ben.id)
    other = await house.enters_with(token, ben.user)
    await other.hears("welcome")
    mine = await house.services.tokens.resolve(token)
    assert mine.token is not None
    await house.services.tokens.revoke(ben.id, mine.token)
    await other.is_cut_off()
    assert ben.client.connected


async def test_client_that_hears_no_goodbye_is_cut_off(house: House, ana: Member) -> None:
    mallory = await house.invites("mallory")
    async with Raw(house.address, await house.services.tokens.create(mallory.id)) as raw:
        await raw.say('42/chat,1["room:join",{"room":"hallway"}]')
        await raw.answer(1)
        raw.deafen()
        socket = house.site.sockets.engine_socket(raw.sid)
        transport = socket.line._wire._req.transport
        while socket.line.outbox.size < 200_000:  # Until its writer is stuck.
            await ana.sends("x" * 60_000)
        await house.services.accounts.disabling.disable(mallory.id)
        await eventually(transport.is_closing, "its transport is gone", 5)
    assert len(house.connections("chat")) == 1


async def test_what_is_revoked_while_somebody_is_let_in_is_not_missed(
    house: House, ana: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    mallory = await house.invites("mallory")
    token = await house.services.tokens.create(mallory.id)
    resolve = house.services.tokens.resolve

    async def overtaken(asked: str) -> object:
        caller = await resolve(asked)
        house.connections("chat").revoke(Revoked(user=mallory.id))
        return caller

    monkeypatch.setattr(house.services.tokens, "resolve", overtaken)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await house.enters_with(token, mallory)
    assert len(house.connections("chat")) == 1


async def test_cookie_of_a_signed_in_browser_connects(house: House, ana: Member) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        body = {"username": "ana", "password": PASSWORD}
        async with browser.post(f"{house.address}/api/session", json=body) as response:
            assert response.status == 200
        url = f"{house.address}/socket.io/?EIO=4&transport=websocket"
        async with browser.ws_connect(url, headers={"Origin": house.address}) as socket:
            await socket.receive()
            await socket.send_str("40/chat,")
            assert (await socket.receive()).data.startswith("40/chat,")


async def test_slow_reader_is_cut_off_and_resumes(
    house: House, ana: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its queue never holds more than the limit, and the others get everything."""
    monkeypatch.setattr(outbox, "BYTES_AT_MOST", 1_000_000)
    await ana.joins()
    mallory = await house.invites("mallory")
    token = await house.services.tokens.create(mallory.id)
    most = 0
    async with Raw(house.address, token) as slow:
        await slow.say('42/chat,1["room:join",{"room":"hallway"}]')
        cursor = (await slow.answer(1))["rev"]
        socket = house.site.sockets.engine_socket(slow.sid)
        slow.deafen()
        sent = 0
        while house.site.sockets.engine_socket(slow.sid) and not socket.closed:
            await ana.sends(f"{sent:04} " + "x" * 60_000)
            most = max(most, socket.line.outbox.size)
            sent += 1
            assert sent < 500
        await eventually(lambda: len(house.connections("chat")) == 1, "the slow one is gone")
        assert socket.line.outbox.size == 0
    assert most < 1_000_000
    await eventually(lambda: len(ana.texts()) == sent, "ana has all of them")
    again = await house.enters(mallory)
    seen = []
    while True:
        answer = await again.does("room:sync", room="hallway", cursor=cursor)
        seen += [m["text"][:4] for m in answer["items"] if "system" not in m]
        cursor = answer["rev"]
        if not answer["more"]:
            break
    assert seen == [f"{n:04}" for n in range(sent)]


async def test_transport_that_never_says_who_it_is_is_ended(
    house: House, ana: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "SIGN_IN_WITHIN_S", 0.1)
    async with Raw(house.address) as silent:
        await silent.is_closed()
    assert ana.client.connected


async def test_upgrade_that_breaks_off_leaves_the_poller_its_packets(
    house: House, ana: Member
) -> None:
    async with Poller(house.address, await house.services.tokens.create(ana.id)) as poller:
        url = poller._url.replace("polling", "websocket")
        async with poller._session.ws_connect(url) as probing:
            await asyncio.sleep(0)
            await probing.close()
        await poller.post('42/chat,5["rooms:list",{}]')
        assert (await poller.answers(1))[5]["ok"] is True


async def test_stop_sends_everybody_away_to_come_back(house: House, ana: Member) -> None:
    await house.site.stop()
    await ana.is_cut_off()
    assert ana.ended == ["transport error"]


def refused(status: int, text: str) -> tuple[int, str, float | None]:
    error = json.loads(text)["error"]
    return status, error["code"], error.get("retry_after")


async def handshake(house: House, query: str = "", **headers: str) -> tuple[int, str, str | None]:
    url = URL(f"{house.address}/socket.io/?EIO=4&transport=polling{query}", encoded=True)
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, await response.text(), response.headers.get("Retry-After")


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1.evil"])
async def test_other_origins_are_refused(house: House, origin: str) -> None:
    status, text, _ = await handshake(house, Origin=origin)
    assert refused(status, text)[:2] == (403, "forbidden")
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await Raw(house.address, Origin=origin).__aenter__()
    assert caught.value.status == 403


async def test_own_origin_and_none_are_allowed(house: House) -> None:
    assert (await handshake(house, Origin=house.address))[0] == 200
    assert (await handshake(house))[0] == 200


async def test_too_many_handshakes_are_rate_limited(database: object) -> None:
    async with open_house(database, connections_per_minute=3) as house:
        assert [(await handshake(house))[0] for _ in range(3)] == [200] * 3
        status, text, header = await handshake(house)
        assert refused(status, text)[:2] == (429, "rate_limited")
        for query in ("&sid=", "&sid=%26", "&sid=&sid="):
            assert (await handshake(house, query))[0] in (400, 429), query
        assert len(house.site.sockets.eio.sockets) == 3
        assert header is not None
        assert refused(status, text)[2] == int(header) > 0


async def test_bad_token_is_a_connect_error_with_its_code(house: House) -> None:
    async with Raw(house.address) as stranger:
        for data in ('{"token":"parley_nonsense"}', '{"token":5}', "[]", '"x"', "", "{}"):
            await stranger.say("40/chat," + data)
            error = json.loads((await stranger.frame()).removeprefix("44/chat,"))
            assert error["data"] == {"code": "unauthenticated"}, data
            assert error["message"]


async def test_token_without_the_scope_may_not_chat(house: House, ana: Member) -> None:
    """Nor is it welcomed: the welcome names the person's rooms."""
    token = await house.services.tokens.create(ana.id, ["metrics:read"])
    async with Raw(house.address) as narrow:
        await narrow.say("40/chat," + json.dumps({"token": token}))
        refused = json.loads((await narrow.frame()).removeprefix("44/chat,"))
    assert refused["data"] == {"code": "forbidden"}


async def test_too_many_messages_are_rate_limited(database: object) -> None:
    async with open_house(database, messages_per_minute=3) as house:
        ana = await house.welcomes("ana")
        for _ in range(3):
            await ana.sends("hi")
        answer = await ana.call("message:send", room="hallway", text="hi", client_id="x")
        assert answer["error"]["code"] == "rate_limited"
        assert 0 < answer["error"]["retry_after"] <= 60
        ben = await house.welcomes("ben")
        await ben.sends("others may")
