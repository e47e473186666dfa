"""The tasks of the bus are among those that readiness looks at."""

import asyncio

import pytest

from app.bus.beating_bus import BeatingBus
from app.server.core import make_core
from app.settings import Settings
from app.storage.mongo import Database
from tests.harness.waiting import eventually


async def _crashes(_: object) -> None:
    raise ValueError("a bug")


@pytest.mark.parametrize(
    ("redis_url", "work", "name"),
    [
        (None, "change_stream_bus.ChangeStreamBus._read_all", "bus reader"),
        ("redis://127.0.0.1:1", "redis_bus.RedisBus._connect", "bus connections"),
    ],
)
async def test_a_bus_that_crashes_makes_the_process_unready(
    database: Database, monkeypatch: pytest.MonkeyPatch, redis_url: str | None, work: str, name: str
) -> None:
    monkeypatch.setattr(f"app.bus.{work}", _crashes)
    core = make_core(Settings(secret="s" * 32, redis_url=redis_url), database)
    await core.bus.start()
    await eventually(lambda: core.tasks.crashed == [name], "the crash is known")
    await core.bus.stop()
    await core.tasks.close()


async def test_a_bus_that_stops_ends_its_own_tasks_alone(database: Database) -> None:
    core = make_core(Settings(secret="s" * 32), database)
    other = core.tasks.spawn(asyncio.Event().wait(), "another")
    await core.bus.start()
    assert isinstance(core.bus, BeatingBus)
    await core.bus.stop()
    assert all(task.done() for task in core.bus._running)
    assert not other.done()
    await core.tasks.close()
