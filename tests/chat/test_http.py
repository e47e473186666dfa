"""Rooms and messages over HTTP, and the page's snapshot."""

import json
import re
from typing import Any

import aiohttp
import pytest

from app.chat import message_pages, opening_snapshot
from app.web.templates import inert
from tests.chat.house import House, Member
from tests.chat.test_rooms import workshop


class Web:
    """Requests of one person's program."""

    def __init__(self, house: House, session: aiohttp.ClientSession) -> None:
        self._address = house.address
        self._session = session

    async def get(self, path: str) -> tuple[int, Any]:
        async with self._session.get(self._address + path) as response:
            return response.status, await response.json()

    async def post(
        self, path: str, body: Any, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        address = self._address + path
        async with self._session.post(address, json=body, headers=headers) as response:
            return response.status, await response.json()

    async def patch(self, path: str, body: Any) -> None:
        async with self._session.patch(self._address + path, json=body) as response:
            assert response.status == 200, await response.text()

    async def page(self, path: str) -> tuple[int, str]:
        async with self._session.get(self._address + path) as response:
            return response.status, await response.text()


async def web_of(house: House, member: Member, **token: Any) -> Web:
    secret = await house.services.tokens.create(member.id, **token)
    session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {secret}"})
    house._stack.push_async_callback(session.close)
    return Web(house, session)


@pytest.fixture
async def web(house: House, ben: Member) -> Web:
    """Ben's."""
    return await web_of(house, ben)


async def test_message_over_http_is_committed_once_and_reaches_the_room(
    ana: Member, web: Web
) -> None:
    await ana.joins()
    body = {"text": "from a *script*", "client_id": "job-1"}
    status, message = await web.post("/api/rooms/hallway/messages", body)
    assert (status, message["html"]) == (201, "<p>from a <em>script</em></p>")
    assert (await ana.sees("from a *script*"))["id"] == message["id"]
    assert await web.post("/api/rooms/hallway/messages", body) == (200, message)
    status, refused = await web.post("/api/rooms/hallway/messages", {**body, "text": "other"})
    assert (status, refused["error"]["code"]) == (409, "conflict")


async def test_the_idempotency_key_of_a_request_makes_a_repeat(ana: Member, web: Web) -> None:
    await ana.joins()
    path, key = "/api/rooms/hallway/messages", {"Idempotency-Key": "deploy 7 " + "x" * 200}
    status, message = await web.post(path, {"text": "once"}, key)
    assert status == 201
    assert await web.post(path, {"text": "once"}, key) == (200, message)
    # The header is what counts, where a body has a name for the request too.
    assert await web.post(path, {"text": "once", "client_id": "a"}, key) == (200, message)
    status, refused = await web.post(path, {"text": "twice"}, key)
    assert (status, refused["error"]["code"]) == (409, "conflict")
    for wrong in ("", "x" * 256):
        status, refused = await web.post(path, {"text": "x"}, {"Idempotency-Key": wrong})
        assert (status, refused["error"]["code"]) == (400, "invalid")


async def test_messages_are_paged_by_exclusive_seqs(ana: Member, web: Web) -> None:
    seqs = [(await ana.sends(str(n)))["seq"] for n in range(5)]
    path = "/api/rooms/hallway/messages"
    _, newest = await web.get(f"{path}?limit=2")
    assert [m["text"] for m in newest["items"]] == ["3", "4"]
    assert newest["more"] is True
    _, older = await web.get(f"{path}?before={seqs[3]}&limit=2")
    assert [m["text"] for m in older["items"]] == ["1", "2"]
    _, newer = await web.get(f"{path}?after={seqs[2]}")
    assert ([m["text"] for m in newer["items"]], newer["more"]) == (["3", "4"], False)
    bounds = {"before": seqs[4], "after": seqs[0]}
    _, between = await web.get(f"{path}?before={seqs[4]}&after={seqs[0]}")
    assert ([m["text"] for m in between["items"]], between["more"]) == (["1", "2", "3"], False)
    same = await ana.does("room:history", room="hallway", **bounds)
    assert (same["items"], same["more"]) == (between["items"], False)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "before=-1", "after=x"])
async def test_query_that_makes_no_sense_is_invalid(web: Web, query: str) -> None:
    status, answer = await web.get(f"/api/rooms/hallway/messages?{query}")
    assert (status, answer["error"]["code"]) == (400, "invalid")
    assert answer["error"]["field"] == query.partition("=")[0]


async def test_rooms_are_made_listed_and_shown(ana: Member, web: Web) -> None:
    status, room = await web.post("/api/rooms", {"name": "Lab", "kind": "private"})
    assert (status, room["name"], room["member"]) == (201, "Lab", True)
    _, mine = await web.get("/api/rooms")
    assert {r["slug"] for r in mine["items"]} == {"hallway", room["slug"]}
    assert (await web.get(f"/api/rooms/{room['slug']}"))[1]["id"] == room["id"]
    status, taken = await web.post("/api/rooms", {"name": "lab"})
    assert (status, taken["error"]["code"]) == (409, "conflict")


async def test_private_room_is_not_found_by_those_outside(ana: Member, web: Web) -> None:
    room = await workshop(ana)
    slug = (await ana.joins(room))["room"]["slug"]
    for path in (f"/api/rooms/{room}", f"/api/rooms/{room}/messages", f"/api/rooms/{slug}"):
        status, answer = await web.get(path)
        assert (status, answer["error"]["code"]) == (404, "not_found")
    status, answer = await web.post(f"/api/rooms/{room}/messages", {"text": "x"})
    assert (status, answer["error"]["code"]) == (404, "not_found")
    status, page = await web.page(f"/rooms/{room}")
    assert status == 404
    assert snapshot(page)["missing"] is True
    assert "Workshop" not in page


async def test_token_without_the_scope_reads_nothing(house: House, ben: Member) -> None:
    narrow = await web_of(house, ben, scopes=["metrics:read"])
    for path in ("/api/rooms", "/api/rooms/hallway", "/api/rooms/hallway/messages"):
        assert (await narrow.get(path))[0] == 403
    assert (await narrow.page("/rooms/hallway"))[0] == 403
    assert (await narrow.page("/"))[0] == 403


def snapshot(page: str) -> dict[str, Any]:
    """The snapshot in the page's script element."""
    found = re.search(r'<script[^>]*id="snapshot"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    made: dict[str, Any] = json.loads(found[1])
    return made


async def test_page_carries_what_it_needs_for_its_first_paint(
    ana: Member, ben: Member, web: Web
) -> None:
    first = await ana.sends("</script><script>alert(1)</script>")
    await ana.sends("second @ben")
    await ana.does("message:edit", room="hallway", id=first["id"], text="</script><img src=x>")
    status, page = await web.page("/rooms/hallway")
    assert status == 200
    shown = snapshot(page)
    assert [m["text"] for m in shown["items"] if "system" not in m] == [
        "</script><img src=x>",
        "second @ben",
    ]
    assert shown["room"]["slug"] == "hallway"
    assert (shown["me"]["id"], shown["last_read"]) == (ben.id, shown["room"]["last_read"])
    assert (shown["rooms"][0]["unread"], shown["rooms"][0]["mentions"]) == (2, 1)
    assert shown["rev"] == (await ana.does("room:sync", room="hallway", cursor=0))["rev"]


async def test_page_begins_at_the_first_of_many_unread_messages(
    ana: Member, ben: Member, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening_snapshot, "SNAPSHOT_ITEMS", 5)
    monkeypatch.setattr(opening_snapshot, "AROUND", 4)
    monkeypatch.setattr(message_pages, "SNAPSHOT_ITEMS", 5)

    async def shown() -> tuple[list[str], bool, bool]:
        found = snapshot((await web.page("/rooms/hallway"))[1])
        texts = [item["text"] for item in found["items"]]
        return texts, found["older"], found.get("newer", False)

    sent = [await ana.sends(f"<{n}>") for n in range(12)]
    newest = ([f"<{n}>" for n in range(7, 12)], True, False)
    # Few are unread.
    await ben.does("room:read", room="hallway", seq=sent[7]["seq"])
    assert await shown() == newest
    await ben.does("room:mark_unread", room="hallway", seq=sent[5]["seq"])
    assert await shown() == ([f"<{n}>" for n in range(3, 7)], True, True)
    await web.patch("/api/me/preferences", {"room_opens_at": "newest"})
    assert await shown() == newest


async def test_messages_are_marked_as_read(ana: Member, ben: Member, web: Web) -> None:
    sent = [await ana.sends(str(n)) for n in range(3)]
    path = "/api/rooms/hallway/read"
    assert await web.post(path, {"seq": sent[1]["seq"]}) == (200, {"unread": 1})
    assert (await ben.joins())["last_read"] == sent[1]["seq"]
    private = await workshop(ana)
    assert (await web.post(f"/api/rooms/{private}/read", {"seq": 1}))[0] == 404
    assert (await web.post(path, {"seq": -1}))[0] == 400


async def test_page_is_never_older_than_what_happened(
    house: House, ana: Member, ben: Member, web: Web
) -> None:
    """Its parts are kept for the next one who asks: each change has to be in the next page."""

    async def shown() -> tuple[str, Any]:
        _, page = await web.page("/rooms/hallway")
        return page, snapshot(page)

    sent = await ana.sends("first")
    there = {"room": "hallway", "id": sent["id"]}
    assert (await shown())[1]["items"][-1]["text"] == "first"
    await ana.does("message:edit", **there, text="second")
    assert (await shown())[1]["items"][-1]["text"] == "second"
    await ana.does("message:delete", **there)
    assert (await shown())[1]["items"][-1]["deleted"]
    await ana.sends("third")
    await house.services.users.describe(ana.id, name="Anastasia")
    assert (await shown())[1]["items"][-1]["by"]["name"] == "Anastasia"
    await house.services.users.describe(ben.id, name="Benedict")
    page, found = await shown()
    assert (found["me"]["name"], "data-my-name>Benedict<" in page) == ("Benedict", True)
    assert "/admin/people" not in page
    await house.services.accounts.roles.appoint(ben.id, "admin")
    assert "/admin/people" in (await shown())[0]
    await ana.does("room:update", room="hallway", name="Lobby")
    page, found = await shown()
    assert found["room"]["name"] == "Lobby"
    assert "<h1 data-title><bdi>Lobby</bdi></h1>" in page
    made = await ana.does("room:create", name="Workshop", kind="private", members=[ben.id])
    assert made["room"]["id"] in {room["id"] for room in (await shown())[1]["rooms"]}
    await ana.does("room:remove", room=made["room"]["id"], user=ben.id)
    assert made["room"]["id"] not in {room["id"] for room in (await shown())[1]["rooms"]}


async def test_each_page_has_a_nonce_of_its_own(ana: Member, web: Web) -> None:
    nonces = [
        set(re.findall(r'nonce="([^"]+)"', (await web.page("/rooms/hallway"))[1])) for _ in "ab"
    ]
    assert [len(each) for each in nonces] == [1, 1]
    assert nonces[0] != nonces[1]


def test_snapshot_cannot_end_its_script_block() -> None:
    assert inert('{"a":"</script><!--&\u2028"}'.encode()) == (
        rb'{"a":"\u003c/script\u003e\u003c!--\u0026\u2028"}'
    )
