"""Readers who stop reading cost a bounded amount of memory, and come back to what is right."""

from pathlib import Path

import pytest

from app.realtime.line.outbox import BYTES_AT_MOST
from bench.stalled import Load, measure

# An outbox, what the transport holds beside it, and a share of what everybody shares.
MB_EACH = BYTES_AT_MOST / 1_048_576 + 1
OPERATIONS = Path(__file__).resolve().parents[3] / "docs" / "OPERATIONS.md"


async def test_stalled_readers_are_bounded_and_resume() -> None:
    load = Load(idle=50, stalled=5, healthy=3, rate=200, seconds=3, characters=40_000, keep=50)
    found = await measure(load)
    assert found["mb_per_stalled"] < MB_EACH
    assert found["were_cut_off"] > 0, "nobody stalled for long enough"
    assert found["were_reset"] > 0, "nobody had fallen behind"


@pytest.mark.slow
async def test_fifty_stalled_readers_disturb_nobody() -> None:
    found = await measure(Load())
    assert found["mb_per_stalled"] < MB_EACH
    assert found["p99_ratio"] <= 2
    assert found["were_cut_off"] > 0


def test_the_handbook_states_the_bound() -> None:
    assert f"{BYTES_AT_MOST // 1_048_576} MiB" in OPERATIONS.read_text("utf-8")
