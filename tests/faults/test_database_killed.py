"""The promises hold when mongod dies, or server and mongod freeze, during traffic."""

import asyncio
import os
import signal

import pytest

from tests.faults.conftest import Visit
from tests.faults.storm import Storm


async def _kills_mongod(visit: Visit, messages: int, times: int) -> None:
    async def killed(_n: int) -> None:
        os.kill(visit.town.server.mongod_pid, signal.SIGKILL)

    await Storm(visit, messages=messages, times=times, breaks=killed).passes(f"mongod {messages}")


async def test_nothing_acknowledged_is_lost_when_mongod_is_killed(visit: Visit) -> None:
    await _kills_mongod(visit, messages=300, times=1)
    assert await visit.town.server.status("/readyz") == 200


@pytest.mark.slow
async def test_nothing_of_2000_is_lost_when_mongod_is_killed_three_times(visit: Visit) -> None:
    await _kills_mongod(visit, messages=2_000, times=3)


async def _freezes(visit: Visit, messages: int, seconds: float) -> None:
    async def frozen(_n: int) -> None:
        server = visit.town.server
        mongod = server.mongod_pid
        server.signal(signal.SIGSTOP)
        os.kill(mongod, signal.SIGSTOP)
        # Not a wait for something: the pause itself is what is tried.
        await asyncio.sleep(seconds)
        os.kill(mongod, signal.SIGCONT)
        server.signal(signal.SIGCONT)

    await Storm(visit, messages=messages, times=1, breaks=frozen).passes(f"frozen {messages}")


async def test_nothing_is_lost_when_server_and_database_freeze(visit: Visit) -> None:
    await _freezes(visit, messages=200, seconds=2)


@pytest.mark.slow
async def test_nothing_of_2000_is_lost_when_both_freeze_for_five_seconds(visit: Visit) -> None:
    await _freezes(visit, messages=2_000, seconds=5)
