"""The committer's cache of heads: bounded, and never older than what it was told."""

from typing import Any

import pytest

from app.streams.attempt import Heads


class NoLog:
    """Knows no stream."""

    async def heads(self, streams: set[str]) -> dict[str, int]:
        return dict.fromkeys(streams, 0)


@pytest.fixture
def heads() -> Heads:
    log: Any = NoLog()
    return Heads(log, lambda: 0.0)


def test_the_longest_unused_head_makes_room(heads: Heads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.streams.attempt.CAPACITY", 2)
    for stream in ("a", "b", "a", "c"):
        heads.note(stream, 7)
    assert heads.known({"a", "b", "c"}) == {"a": 7, "c": 7}


def test_a_head_never_goes_back(heads: Heads) -> None:
    assert [heads.note("a", head) for head in (3, 2, 4)] == [3, 3, 4]
