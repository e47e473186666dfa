"""Asks the other nodes something and gathers their answers, over the bus.

For what only one node knows, such as who is connected to it. A node that does not answer in time is
left out; the caller says so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Generic, TypeVar

import msgspec
import structlog
from msgspec import Raw, Struct

from app.bus.bus import EVERY_NODE, Bus
from app.errors import ParleyError
from app.ids import new_id
from app.storage.errors import DatabaseError
from app.telemetry.tasks import Tasks

WITHIN_S = 1.5
ANSWERED_AT_ONCE = 20

Q = TypeVar("Q")
A = TypeVar("A")

log = structlog.get_logger("nodes")


class Question(Struct, frozen=True):
    """A question of the node `by`; `asked` is JSON of the type that the kind has."""

    id: str
    kind: str
    by: str
    asked: Raw


class Answer(Struct, frozen=True):
    """The answer of the node `by` to the question `id`."""

    id: str
    by: str
    answer: Raw


class Answers(Struct, Generic[A]):
    """The answers by node, and the ids of the nodes that did not answer."""

    given: Mapping[str, A]
    missing: frozenset[str]


class QuestionKind(Struct, Generic[Q, A]):
    """A kind of question: its name, and the types of what is asked and answered."""

    kind: str
    question: type[Q]
    answer: type[A]


class PendingAnswers:
    """The answers to one question that have come so far."""

    def __init__(self, wanted: frozenset[str]) -> None:
        self.wanted = wanted
        self.given: dict[str, Raw] = {}
        self.is_complete = asyncio.Event()

    def take(self, answer: Answer) -> None:
        self.given[answer.by] = answer.answer
        if self.wanted <= self.given.keys():
            self.is_complete.set()


class Questions:
    """`others` returns the ids of the other nodes that are alive."""

    def __init__(self, bus: Bus, tasks: Tasks, others: Callable[[], frozenset[str]]) -> None:
        self._bus = bus
        self._tasks = tasks
        self._others = others
        self._answering: dict[str, tuple[type[Any], Callable[[Any], Awaitable[Any]]]] = {}
        self._pending: dict[str, PendingAnswers] = {}
        self._slots = asyncio.Semaphore(ANSWERED_AT_ONCE)
        bus.listen("question", Question, self._hear_question)
        bus.listen("answer", Answer, self._hear_answer)
        bus.follow(_of_node(bus.node_id))

    def answer(self, asked: QuestionKind[Q, A], answer: Callable[[Q], Awaitable[A]]) -> None:
        """Answer this kind of question of other nodes from now on."""
        self._answering[asked.kind] = (asked.question, answer)

    async def ask(self, asked: QuestionKind[Q, A], question: Q) -> Answers[A]:
        """Ask all other nodes; returns at once where there is none, else within WITHIN_S."""
        pending = PendingAnswers(self._others())
        if not pending.wanted:
            return Answers({}, frozenset())
        number = new_id()
        self._pending[number] = pending
        try:
            said = Question(number, asked.kind, self._bus.node_id, _raw(question))
            self._bus.publish(EVERY_NODE, "question", said)
            with suppress(TimeoutError):
                async with asyncio.timeout(WITHIN_S):
                    await pending.is_complete.wait()
        finally:
            del self._pending[number]
        decode = msgspec.json.Decoder(asked.answer).decode
        given: dict[str, A] = {}
        for node, raw in pending.given.items():
            with suppress(msgspec.DecodeError):  # Of another version: as if it had not answered.
                given[node] = decode(raw)
        return Answers(given, pending.wanted - given.keys())

    def _hear_question(self, _: str, question: Question) -> None:
        if question.kind in self._answering:
            with suppress(RuntimeError):  # This node stops.
                self._tasks.spawn(self._answer(question), f"answer {question.kind}")

    async def _answer(self, question: Question) -> None:
        kind, answer = self._answering[question.kind]
        async with self._slots:
            try:
                found = await answer(msgspec.json.decode(question.asked, type=kind))
            except (msgspec.DecodeError, DatabaseError, ParleyError) as error:
                log.warning("no answer", kind=question.kind, reason=type(error).__name__)
                return
        said = Answer(question.id, self._bus.node_id, _raw(found))
        self._bus.publish(_of_node(question.by), "answer", said)

    def _hear_answer(self, _: str, answer: Answer) -> None:
        if pending := self._pending.get(answer.id):
            pending.take(answer)


def _of_node(node_id: str) -> str:
    return f"node:{node_id}"


def _raw(value: object) -> Raw:
    return Raw(msgspec.json.encode(value))
