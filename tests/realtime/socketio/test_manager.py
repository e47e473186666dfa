"""Our manager of rooms does as the stock one, and what it costs does not grow with the crowd."""

import asyncio
from itertools import count
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from socketio import AsyncManager

from app.realtime.socketio.socketio_manager import IndexedManager
from tests.realtime.lines_run import lines_run

SPACE = "/chat"
ROOMS = ("hallway", "kitchen", 7)


def managed(kind: type[Any]) -> Any:
    """A manager whose server only makes ids."""
    manager, numbers = kind(), count()
    eio = SimpleNamespace(generate_id=lambda: f"sid{next(numbers)}")
    manager.server = SimpleNamespace(eio=eio)
    return manager


def seen(manager: Any, people: list[str]) -> Any:
    """All that can be asked about `people`, who are named as their transports."""
    sids = {one: manager.sid_from_eio_sid(one, SPACE) for one in people}
    return [
        sids,
        {one: manager.is_connected(sid, SPACE) for one, sid in sids.items()},
        {one: manager.is_pre_connected(sid, SPACE) for one, sid in sids.items()},
        {one: manager.eio_sid_from_sid(sid, SPACE) for one, sid in sids.items() if sid},
        {one: set(manager.get_rooms(sid, SPACE)) for one, sid in sids.items() if sid},
        {room: set(manager.get_participants(SPACE, room)) for room in (None, *ROOMS)},
        {one: set(manager.get_participants(SPACE, sid)) for one, sid in sids.items() if sid},
        set(manager.get_participants(SPACE, ["hallway", "kitchen"])),
        set(manager.get_namespaces()),
    ]


async def does(manager: Any, step: str, one: str, room: Any) -> Any:
    """One step, and what it returned or raised."""
    sid = manager.sid_from_eio_sid(one, SPACE)
    if step == "asks":
        return await manager.pre_connect(one, SPACE)
    if sid is None:
        return None
    if step == "comes in" and manager.is_pre_connected(sid, SPACE):
        return await manager.connect(sid, SPACE)
    if step == "goes" and manager.is_connected(sid, SPACE):
        manager.pre_disconnect(sid, SPACE)
        before = seen(manager, [one])
        await manager.disconnect(sid, SPACE, ignore_queue=True)
        return before
    return await moves(manager, step, sid, room)


async def moves(manager: Any, step: str, sid: str, room: Any) -> Any:
    """The steps that have to do with a room."""
    try:
        if step == "enters":
            return await manager.enter_room(sid, SPACE, room)
        if step == "leaves":
            return await manager.leave_room(sid, SPACE, room)
        if step == "closes":
            return await manager.close_room(room, SPACE)
    except ValueError as error:
        return str(error)
    return None


STEPS = st.sampled_from(["asks", "comes in", "enters", "leaves", "closes", "goes"])


@given(st.lists(st.tuples(STEPS, st.sampled_from("abc"), st.sampled_from(ROOMS)), max_size=40))
def test_it_does_as_the_stock_one(steps: list[tuple[str, str, Any]]) -> None:
    stock, ours = managed(AsyncManager), managed(IndexedManager)
    for step in steps:
        assert asyncio.run(does(ours, *step)) == asyncio.run(does(stock, *step)), step
        assert seen(ours, ["a", "b", "c"]) == seen(stock, ["a", "b", "c"]), step


@given(st.lists(st.tuples(STEPS, st.sampled_from("abc"), st.sampled_from(ROOMS)), max_size=40))
def test_nothing_is_left_of_those_who_went(steps: list[tuple[str, str, Any]]) -> None:
    manager = managed(IndexedManager)
    for step in steps:
        asyncio.run(does(manager, *step))
    for one in "abc":
        if sid := manager.sid_from_eio_sid(one, SPACE):
            asyncio.run(manager.disconnect(sid, SPACE))
    assert manager.rooms == manager.callbacks == manager._rooms_of == {}
    assert manager._connecting == manager._leaving == set()


async def steps_to_leave(crowd: int) -> int:
    """How many lines of Python run while one of `crowd` leaves, as they all do at once."""
    manager = managed(IndexedManager)
    sids = [await manager.pre_connect(f"eio{n}", SPACE) for n in range(crowd)]
    for sid in sids:
        await manager.connect(sid, SPACE)
        await manager.enter_room(sid, SPACE, "hallway")
    for sid in sids[1:]:
        manager.pre_disconnect(sid, SPACE)
    with lines_run() as lines:
        assert manager.is_connected(sids[0], SPACE)
        manager.pre_disconnect(sids[0], SPACE)
        await manager.disconnect(sids[0], SPACE)
    return lines.count


async def test_leaving_costs_the_same_in_any_crowd() -> None:
    assert await steps_to_leave(10) == await steps_to_leave(1_000)
