"""A node that is taken out sends its clients back, evenly."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.realtime import draining
from app.realtime.draining import Draining, SendBack
from app.telemetry.tasks import Tasks
from tests.chat.house import settings_of
from tests.harness.waiting import eventually


class Crowd:
    """A transport with so many clients."""

    def __init__(self, size: int) -> None:
        self.here = set(range(size))
        self.left: list[tuple[float, int]] = []

    def staying(self) -> list[SendBack]:
        return [self._leaver(number) for number in sorted(self.here)]

    def _leaver(self, number: int) -> SendBack:
        def leave(after_ms: int) -> None:
            self.here.discard(number)
            self.left.append((asyncio.get_running_loop().time(), after_ms))

        return leave


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    owner = Tasks()
    yield owner
    await owner.close()


def node(tasks: Tasks, per_second: int) -> Draining:
    settings = settings_of({"drain_after_s": 0.001, "drain_per_second": per_second})
    return Draining(settings, tasks)


async def test_clients_of_all_transports_are_sent_back_at_the_rate(tasks: Tasks) -> None:
    leaving, one, two = node(tasks, 400), Crowd(120), Crowd(80)
    leaving.serve(one)
    leaving.serve(two)
    leaving.begin()
    assert leaving.is_draining
    await eventually(lambda: not one.here and not two.here, "all have left")
    times = [at for at, _ in (*one.left, *two.left)]
    assert max(times) - min(times) >= 200 / 400 - draining.TICK_S - 0.01
    in_a_tick = max(sum(at <= t < at + draining.TICK_S * 0.9 for t in times) for at in times)
    assert in_a_tick <= 400 * draining.TICK_S
    waits = [after_ms for _, after_ms in (*one.left, *two.left)]
    assert 0 <= min(waits) < max(waits) < draining.SPREAD_MS


async def test_a_rate_below_one_a_tick_is_kept(tasks: Tasks) -> None:
    leaving, one = node(tasks, 10), Crowd(3)
    leaving.serve(one)
    leaving.begin()
    await eventually(lambda: not one.here, "all have left")
    times = [at for at, _ in one.left]
    assert times[2] - times[0] >= 0.19


async def test_one_who_comes_late_is_sent_back_too(
    tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "LOOKS_EVERY_S", 0.01)
    leaving, one = node(tasks, 1_000), Crowd(1)
    leaving.serve(one)
    leaving.begin()
    await eventually(lambda: not one.here, "all have left")
    one.here.add(7)
    await eventually(lambda: not one.here, "the late one has left")


async def test_draining_begins_and_ends_once(tasks: Tasks) -> None:
    leaving, told = node(tasks, 10), list[bool]()
    leaving.changed.listen(lambda _: told.append(leaving.is_draining))
    leaving.end()
    leaving.begin()
    leaving.begin()
    leaving.end()
    leaving.end()
    assert told == [True, False]


async def test_those_who_are_left_stay_when_it_ends(tasks: Tasks) -> None:
    leaving, one = node(tasks, 200), Crowd(1_000)
    leaving.serve(one)
    leaving.begin()
    await eventually(lambda: bool(one.left), "some have left")
    leaving.end()
    left = len(one.left)
    assert left < 1_000
    other = node(tasks, 10_000)
    other.serve(Crowd(50))
    other.begin()
    await eventually(lambda: not other._transports[0].staying(), "another node is drained")
    assert len(one.left) == left
    leaving.begin()
    await eventually(lambda: len(one.left) > left, "it can be drained again")
