"""Readiness follows the database, the tasks and the stop."""

import asyncio

from pymongo.errors import AutoReconnect

from app.health.readiness import Readiness, health_commit
from app.storage.mongo import Database
from app.telemetry.tasks import Tasks


class Disk:
    """A commit that can be made to fail, and counts how often it was asked."""

    def __init__(self) -> None:
        self.is_away = False
        self.asked = 0
        self.seconds = 0.0

    async def commit(self) -> None:
        self.asked += 1
        await asyncio.sleep(0)
        if self.is_away:
            raise AutoReconnect("away")

    def clock(self) -> float:
        return self.seconds


def readiness(disk: Disk, *owners: Tasks) -> Readiness:
    return Readiness(disk.commit, owners, disk.clock)


async def test_ready_after_a_real_commit(database: Database) -> None:
    ready = Readiness(health_commit(database), [], asyncio.get_running_loop().time)
    assert await ready.problem() is None
    assert await database.collection("health").find_one({"_id": "commit"}) is not None


async def test_not_ready_while_the_database_is_away_and_ready_again_after() -> None:
    disk = Disk()
    ready = readiness(disk)
    disk.is_away = True
    assert "commit" in str(await ready.problem())
    disk.is_away = False
    disk.seconds += 1.1
    assert await ready.problem() is None


async def test_a_thousand_askers_share_one_commit() -> None:
    disk = Disk()
    ready = readiness(disk)
    await asyncio.gather(*(ready.problem() for _ in range(1000)))
    assert disk.asked == 1
    disk.seconds += 1.1
    await ready.problem()
    assert disk.asked == 2


async def test_a_crashed_task_turns_readiness_off() -> None:
    tasks = Tasks()
    ready = readiness(Disk(), tasks)

    async def crash() -> None:
        raise ValueError("a bug")

    await asyncio.wait([tasks.spawn(crash(), "sweeper")])
    await asyncio.sleep(0)
    assert "sweeper" in str(await ready.problem())


async def test_not_ready_when_stopping() -> None:
    ready = readiness(Disk())
    ready.is_stopping = True
    assert "stopping" in str(await ready.problem())
