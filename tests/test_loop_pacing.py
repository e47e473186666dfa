"""Work of a crowd: a portion a turn, in order, and other work in between."""

import asyncio
import time

from app.loop_pacing import Pace


async def test_work_of_one_is_done_at_once() -> None:
    pace, done = Pace(at_once=2), list[int]()
    pace.run(lambda: done.append(1))
    assert done == [1]
    await pace.turn()
    assert len(pace) == 0


async def test_a_crowd_is_spread_over_turns_in_order() -> None:
    pace, done = Pace(at_once=3), list[int]()
    for number in range(10):
        pace.run(lambda number=number: done.append(number))  # type: ignore[misc]
    after = [len(done)]
    while len(done) < 10:
        await asyncio.sleep(0)
        after.append(len(done))
    assert done == list(range(10))
    assert after[:4] == [3, 6, 9, 10]


async def test_a_turn_that_has_taken_its_time_takes_no_more() -> None:
    pace, done = Pace(at_once=100, within_s=0.001), list[int]()

    def slow() -> None:
        began = time.perf_counter()
        while time.perf_counter() - began < 0.002:
            pass
        done.append(1)

    pace.run(slow)
    pace.run(slow)
    assert (len(done), len(pace)) == (1, 1)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (len(done), len(pace)) == (2, 0)


async def test_heavy_work_has_a_turn_to_itself() -> None:
    """The one who waits does it after `turn`, so that the time which a turn took tells nothing."""
    pace, turn, done_in = Pace(at_once=10), 0, list[int]()

    async def works(pieces: int) -> None:
        await pace.turn(pieces)
        done_in.append(turn)

    tasks = [asyncio.create_task(works(pieces)) for pieces in (9, 10, 10, 1, 1)]
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        turn += 1
    # A turn is not over while it has room, however little.
    assert done_in == [0, 0, done_in[2], done_in[2] + 1, done_in[2] + 1]
    assert done_in[2] > 0


async def test_callers_go_on_in_order_and_one_who_gave_up_takes_no_place() -> None:
    pace, gone_on = Pace(at_once=1), list[str]()

    async def waits(name: str) -> None:
        await pace.turn()
        gone_on.append(name)

    tasks = [asyncio.create_task(waits(name)) for name in ("ana", "ben", "cleo", "dana")]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert gone_on == ["ana", "cleo", "dana"]


async def test_an_error_harms_nobody_else() -> None:
    pace, done = Pace(at_once=1), list[int]()
    for number in (1, 0, 2):
        pace.run(lambda number=number: done.append(4 // number))  # type: ignore[misc]
    while len(pace):
        await asyncio.sleep(0)
    assert done == [4, 2]
