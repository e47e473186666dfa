"""Questions between nodes of which one is of another version, or refuses."""

from collections.abc import AsyncIterator

import pytest

from app.errors import NotFound
from app.nodes.questions import QuestionKind, Questions
from app.telemetry.tasks import Tasks
from tests.bus.conftest import MakeBus, Nodes, nodes, over_redis, redis, shared_redis

__all__ = ["nodes", "over_redis", "redis", "shared_redis"]

LENGTH = QuestionKind("length", str, int)
OTHER_VERSION = QuestionKind("length", str, str)


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    tasks = Tasks()
    yield tasks
    await tasks.close()


async def length(text: str) -> int:
    return len(text)


async def refused(text: str) -> int:
    raise NotFound(f"There is no {text}.")


async def spelled(text: str) -> str:
    return f"{len(text)} letters"


async def test_answers_of_another_version_and_refusals_count_as_none(
    over_redis: MakeBus, nodes: Nodes, tasks: Tasks
) -> None:
    ears = [await nodes.joins(over_redis) for _ in range(4)]
    ids = [ear.bus.node_id for ear in ears]
    asking, good, other, failing = (
        Questions(ear.bus, tasks, lambda: frozenset(ids[1:])) for ear in ears
    )
    good.answer(LENGTH, length)
    other.answer(OTHER_VERSION, spelled)
    failing.answer(LENGTH, refused)
    answers = await asking.ask(LENGTH, "word")
    assert answers.given == {ids[1]: 4}
    assert answers.missing == {ids[2], ids[3]}
    assert not tasks.crashed
