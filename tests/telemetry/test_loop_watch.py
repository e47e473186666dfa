"""A loop that stands still is logged with what it did, and counted; one that turns is not."""

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from app.telemetry import loop_watch
from app.telemetry.loop_watch import LoopWatch
from app.telemetry.metrics import Metrics


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    with structlog.testing.capture_logs() as captured:
        yield captured  # type: ignore[misc]  # structlog's own type is wider


def figures(metrics: Metrics) -> tuple[float, float]:
    """How often, and for how many seconds."""
    found = dict(
        line.rsplit(" ", 1)
        for line in metrics.text().decode().splitlines()
        if line.startswith("parley_loop_blocked")
    )
    times, seconds = "parley_loop_blocked_total", "parley_loop_blocked_seconds_total"
    return float(found[times]), float(found[seconds])


def works_for(seconds: float) -> None:
    """Keep the thread busy."""
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        pass


def waits_for(seconds: float) -> None:
    """Keep the thread from all else, without work."""
    time.sleep(seconds)


async def beats() -> None:
    """Let the watch's timer run."""
    await asyncio.sleep(loop_watch.BEAT_S * 2)


async def test_a_block_is_logged_with_what_it_did_and_counted(lines: list[dict[str, Any]]) -> None:
    metrics = Metrics()
    async with LoopWatch(metrics):
        secret = "correct horse"
        works_for(0.4 + len(secret) * 0)
        await beats()
    [line] = [line for line in lines if line["event"] == "loop_blocked"]
    assert line["log_level"] == "warning"
    assert line["ms"] >= 300
    assert any("works_for" in place for place in line["stack"]), line["stack"]
    assert line["stack"][0].startswith("tests/telemetry/test_loop_watch.py:")
    assert secret not in str(line)
    times, seconds = figures(metrics)
    assert times == 1
    assert seconds >= 0.3


async def test_one_that_waits_took_no_time_of_the_machine(lines: list[dict[str, Any]]) -> None:
    async with LoopWatch(Metrics()):
        waits_for(0.4)
        await beats()
    [line] = [line for line in lines if line["event"] == "loop_blocked"]
    assert line["cpu_ms"] < 200
    assert not line["stopped"]


async def test_short_work_is_no_block(lines: list[dict[str, Any]], monkeypatch: Any) -> None:
    # So that a busy machine, which holds the loop up too, does not decide.
    monkeypatch.setattr(loop_watch, "BLOCKED_S", 5.0)
    metrics = Metrics()
    async with LoopWatch(metrics):
        works_for(0.2)
        await beats()
    assert figures(metrics) == (0, 0)
    assert lines == []


async def test_one_that_lasts_is_logged_while_it_lasts(
    lines: list[dict[str, Any]], monkeypatch: Any
) -> None:
    monkeypatch.setattr(loop_watch, "STILL_AFTER_S", 0.2)
    async with LoopWatch(Metrics()):
        ends = time.perf_counter() + 10
        while not lines and time.perf_counter() < ends:
            works_for(0.01)
        [line] = lines
    assert line["event"] == "loop_still_blocked"
    assert line["stack"]


async def test_no_more_lines_than_a_reader_can_take(
    lines: list[dict[str, Any]], monkeypatch: Any
) -> None:
    monkeypatch.setattr(loop_watch, "BLOCKED_S", -1.0)
    monkeypatch.setattr(loop_watch, "BEAT_S", 0.001)
    metrics = Metrics()
    async with LoopWatch(metrics):
        while figures(metrics)[0] < 3 * loop_watch.LINES_A_MINUTE:
            await asyncio.sleep(0.001)
    # It may be that a minute ended meanwhile.
    assert len(lines) <= 2 * loop_watch.LINES_A_MINUTE


async def test_nothing_is_left_of_it() -> None:
    before = threading.active_count()
    async with LoopWatch(Metrics()):
        pass
    assert threading.active_count() <= before + 1  # The executor's, which stays.
    assert not any(thread.name == "loop watch" for thread in threading.enumerate())
