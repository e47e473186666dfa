"""Group after group: what may overlap, and what has to wait."""

import asyncio
from collections.abc import Sequence

import pytest
from pymongo import InsertOne

from app.errors import Forbidden
from app.ids import new_id
from app.streams.group import Outcome
from app.streams.models import Batch, Change, Committed, Write
from tests.harness.waiting import eventually
from tests.streams.world import Node, Person


class Course:
    """Records the order of steps; holds back a group's outcome until `let` is set."""

    def __init__(self, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps: list[str] = []
        self.let = asyncio.Event()
        self._commit, self._publish = node.committer._attempt.commit, node.hub.publish
        monkeypatch.setattr(node.committer._attempt, "commit", self._begins)
        monkeypatch.setattr(node.hub, "publish", self._tells)

    async def _begins(self, changes: Sequence[Change]) -> Outcome:
        self.steps.append("begins")
        outcome = await self._commit(changes)
        await self.let.wait()
        return outcome

    def _tells(self, batch: Batch) -> None:
        self.steps.append("told")
        self._publish(batch)


@pytest.fixture
def course(node: Node, monkeypatch: pytest.MonkeyPatch) -> Course:
    return Course(node, monkeypatch)


async def one_after_the_other(
    node: Node, course: Course, first: Change, second: Change
) -> list[Committed | BaseException]:
    """`second` waits while `first` is committed."""
    sent = [asyncio.create_task(node.committer.submit(first))]
    await eventually(lambda: course.steps == ["begins"], "the first group is under way")
    sent.append(asyncio.create_task(node.committer.submit(second)))
    await eventually(lambda: node.committer.waiting == 2, "the second one waits")
    course.let.set()
    return await asyncio.gather(*sent, return_exceptions=True)


async def test_the_next_group_is_on_its_way_while_the_last_is_told(
    node: Node, course: Course, ana: Person, ben: Person
) -> None:
    acks = await one_after_the_other(node, course, ana.message("1"), ben.message("2"))
    assert [ack.rev for ack in acks if isinstance(ack, Committed)] == [1, 2]
    assert course.steps == ["begins", "begins", "told", "told"]
    assert [b.rev for b in node.published] == [1, 2]


async def test_who_was_removed_by_the_last_group_is_refused_by_the_next(
    node: Node, course: Course, ana: Person, ben: Person
) -> None:
    removal = Write(collection="memberships", operation=InsertOne({"_id": new_id()}))

    def still_in() -> None:
        if node.published:  # As a view learns of it.
            raise Forbidden("You are not in this room any more.")

    first = ana.message("removes ben", writes=(removal,))
    acks = await one_after_the_other(node, course, first, ben.message("x", guard=still_in))
    assert isinstance(acks[0], Committed)
    assert isinstance(acks[1], Forbidden)


async def test_a_group_that_is_ahead_ends_with_the_committer(
    node: Node, course: Course, ana: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: list[str] = []
    begins = node.committer._attempt.commit

    async def interrupted(changes: Sequence[Change]) -> Outcome:
        if course.steps:
            node.running.cancel()
            try:
                await asyncio.Event().wait()
            finally:
                for _ in range(10):  # As a transaction takes its time to end.
                    await asyncio.sleep(0)
                ends.append("ahead")
        return await begins(changes)

    monkeypatch.setattr(node.committer._attempt, "commit", interrupted)
    sending = asyncio.create_task(
        one_after_the_other(node, course, ana.message("1"), ben.message("2"))
    )
    await asyncio.gather(node.running, return_exceptions=True)
    assert ends == ["ahead"]
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
