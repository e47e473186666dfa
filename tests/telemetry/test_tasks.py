"""The owner of tasks awaits every one of them."""

import asyncio

import pytest

from app.telemetry.tasks import Tasks


async def forever(ended: list[str]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("ended")


async def test_close_cancels_and_awaits() -> None:
    tasks, ended = Tasks(), list[str]()
    tasks.spawn(forever(ended), "listener")
    await asyncio.sleep(0)
    await tasks.close()
    assert ended == ["ended"]
    assert tasks.crashed == []


async def test_nothing_starts_after_close() -> None:
    tasks = Tasks()
    await tasks.close()
    with pytest.raises(RuntimeError, match="closing"):
        tasks.spawn(forever([]), "late")
