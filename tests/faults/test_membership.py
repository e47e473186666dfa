"""People outside a private room learn nothing of it, and removed members nothing more."""

import asyncio
import json
from typing import Any

import pytest

from tests.checker.history import Stay
from tests.faults.conftest import Visit
from tests.harness.delivery import assert_kept
from tests.harness.person import Person
from tests.harness.town import Town
from tests.harness.waiting import eventually

IN_ROOM: list[tuple[str, dict[str, Any]]] = [
    ("room:join", {}),
    ("room:join", {"cursor": 0}),
    ("room:leave", {}),
    ("room:sync", {"cursor": 0}),
    ("room:history", {"before": 1000, "limit": 50}),
    ("room:read", {"seq": 1}),
    ("message:send", {"client_id": "peek", "text": "let me in"}),
    ("message:edit", {"id": "ITEM", "text": "mine now"}),
    ("message:delete", {"id": "ITEM"}),
    ("reaction:add", {"id": "ITEM", "emoji": "👍"}),
    ("reaction:remove", {"id": "ITEM", "emoji": "👍"}),
    ("typing:start", {}),
    ("typing:stop", {}),
    ("room:update", {"name": "ours"}),
    ("room:archive", {}),
    ("room:unarchive", {}),
    ("people:find", {"query": "a"}),
    ("room:remove", {"user": "cleo"}),
    ("room:invite", {"user": "dana"}),
    ("room:quit", {}),
]


async def _begins(visit: Visit, name: str) -> tuple[str, str, Person]:
    """A private room of ben and cleo with one message: room, item, cleo's connection."""
    room = await visit.town.creates(name, "private", "cleo", by="ben")
    cleo = await visit.arrives("cleo", room)
    sent = await cleo.sends("between us", room)
    return room, sent.acks[0].id, cleo


@pytest.mark.parametrize("outsider", ["dana", "ana"])
async def test_outsider_gets_not_found_from_every_event(visit: Visit, outsider: str) -> None:
    room, item, cleo = await _begins(visit, f"closed to {outsider}")
    person = await visit.arrives(outsider, "hallway")
    _, shown = await visit.town.calls("GET", f"/api/rooms/{room}", by="ben")
    slug = shown["slug"]
    for event, more in IN_ROOM:
        details = {**more, "id": item} if "id" in more else more
        for reference in (room, slug):
            answer = await person.asks(event, {"room": reference, **details})
            assert answer.get("error", {}).get("code") == "not_found", (event, answer)
    listed = await person.asks("rooms:list", {})
    browsed = await person.asks("rooms:browse", {})
    assert room not in json.dumps([listed, browsed])
    await cleo.sends("still between us", room)
    await person.asks("rooms:list", {})
    assert room not in json.dumps(person.wire.events)


@pytest.mark.parametrize("outsider", ["dana", "ana"])
async def test_outsider_gets_not_found_over_http(visit: Visit, outsider: str) -> None:
    room, _, _ = await _begins(visit, f"no http for {outsider}")
    for method, path, more in (
        ("GET", f"/api/rooms/{room}", {}),
        ("GET", f"/api/rooms/{room}/messages", {}),
        ("GET", f"/api/rooms/{room}/messages?after=0&limit=200", {}),
        ("POST", f"/api/rooms/{room}/messages", {"json": {"text": "let me in"}}),
    ):
        status, answer = await visit.town.calls(method, path, by=outsider, **more)
        assert (status, answer["error"]["code"]) == (404, "not_found"), (method, path)


async def _removed_amid(visit: Visit, room: str, ana: Person) -> int:
    """ana talks on while ben is removed; the rev of the removal."""
    talk = asyncio.create_task(_talks(ana, room, 40))
    await asyncio.gather(*(ana.sends(f"before {n}", room) for n in range(5)))
    answer = await ana.asks("room:remove", {"room": room, "user": "ben"})
    assert answer["ok"], answer
    await talk
    rev: int = answer["rev"]
    return rev


async def _talks(ana: Person, room: str, times: int) -> None:
    for n in range(times):
        await ana.sends(f"ana goes on {n}", room)


async def test_removed_member_gets_nothing_more_on_any_connection(visit: Visit) -> None:
    room = await visit.town.creates("who stays", "private", "ben", "cleo")
    ana = await visit.arrives("ana", room)
    ben = [await visit.arrives("ben", room) for _ in range(3)]
    await visit.arrives_in_javascript("ben", room)
    cleo = await visit.arrives("cleo", room)
    joined = ana.room(room).cursor
    assert joined is not None
    rev = await _removed_amid(visit, room, ana)
    marks = [await _round_trip(person) for person in ben]
    for event, more in (("typing:start", {}), ("room:read", {"seq": rev}), ("typing:stop", {})):
        await cleo.asks(event, {"room": room, **more})
    await ana.sends("now without ben", room)
    await cleo.sees("now without ben", room)
    for person, mark in zip(ben, marks, strict=True):
        end = await _round_trip(person)
        heard = [e for e in person.wire.events[mark:end] if room in json.dumps(e)]
        assert heard == []
    await _refuses_everything(ben[0], room)
    _knows_the_stays(visit, room, joined, rev)
    await cleo.reaches(max(a.rev for s in visit.history.sends for a in s.acks), room)
    await assert_kept(visit.town, visit.history, room)


async def _round_trip(person: Person) -> int:
    """Everything that was on its way to this person has arrived; how many events that were."""
    await person.asks("rooms:list", {})
    return len(person.wire.events)


async def _refuses_everything(person: Person, room: str) -> None:
    for event, more in IN_ROOM[:7]:
        answer = await person.asks(event, {"room": room, **more})
        assert answer.get("error", {}).get("code") == "not_found", (event, answer)


def _knows_the_stays(visit: Visit, room: str, since: int, removed: int) -> None:
    users = visit.town.users
    visit.history.closed_rooms.add(room)
    visit.history.stays += [
        Stay(room, users["ana"]["id"], 1),
        Stay(room, users["cleo"]["id"], 1),
        Stay(room, users["ben"]["id"], 1, removed),
    ]


async def test_member_again_gets_what_came_between(visit: Visit) -> None:
    room = await visit.town.creates("back again", "private", "ben")
    ana, ben = await visit.arrives("ana", room), await visit.arrives("ben", room)
    await ana.sends("one", room)
    await ben.sees("one", room)
    await ana.asks("room:remove", {"room": room, "user": "ben"})
    await ana.sends("two", room)
    await ana.asks("room:invite", {"room": room, "user": "ben"})
    again = await visit.arrives("ben", room)
    await ana.sends("three", room)
    await again.sees("three", room)
    assert again.room(room).texts() == ["one", "two", "three"]
    assert ben.room(room).texts() == ["one"]


async def test_disabled_user_is_cut_off_at_once(town: Town, visit: Visit) -> None:
    dana = await visit.arrives("dana", "hallway")
    try:
        await town.server.runs("users", "disable", "dana")
        await eventually(lambda: not dana.wire.is_up.is_set(), "dana is cut off")
        status, _ = await town.calls("GET", "/api/me", by="dana")
        assert status == 401
    finally:
        await town.server.runs("users", "enable", "dana")
        await town.returns("dana")
