"""Random interleavings of send, edit, delete, react, sync, crash, fault and retry on two nodes.

Held against the plain model of `model.py`: nothing lost, doubled, moved, refused but present, and
every reader sees the same.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import ParleyError
from app.ids import new_id
from app.storage.mongo import Database
from app.streams.models import Change, Committed
from tests.harness.waiting import WITHIN_S
from tests.streams.link import Link, claims, commits, linked
from tests.streams.model import Asked, is_final, judge
from tests.streams.world import Node, Page, Person, entries_of, running

PEOPLE = ("ana", "ben", "cleo")
TRIES = 12


@dataclass(frozen=True)
class Wish:
    """One thing to ask for. `target` picks among the messages of earlier bursts."""

    node: int
    sender: str
    kind: str
    target: int
    twice: bool


@dataclass(frozen=True)
class Burst:
    """Wishes at once; then perhaps a node dies after some turns of the loop."""

    wishes: list[Wish]
    crash: int | None
    turns: int
    fault: str | None


wishes = st.builds(
    Wish,
    node=st.integers(0, 1),
    sender=st.sampled_from(PEOPLE),
    kind=st.sampled_from(["send", "send", "send", "edit", "edit", "delete", "react"]),
    target=st.integers(0, 7),
    twice=st.booleans(),
)


def bursts(faults: list[str | None]) -> st.SearchStrategy[list[Burst]]:
    burst = st.builds(
        Burst,
        wishes=st.lists(wishes, min_size=1, max_size=8),
        crash=st.sampled_from([None, None, 0, 1]),
        turns=st.integers(0, 60),
        fault=st.sampled_from(faults),
    )
    return st.lists(burst, min_size=1, max_size=6)


class Storm:
    """Two nodes, one room, readers on both; and everything that was asked for."""

    def __init__(self, databases: list[Database], link: Link | None) -> None:
        self.databases = databases
        self.link = link
        self.stream = f"room:{new_id()}"
        self.nodes = [Node(database) for database in databases]
        self.asked: list[Asked] = []
        self.sent: list[str] = []
        self.pages = [Page(), Page()]

    async def run(self, plan: list[Burst]) -> None:
        for node in self.nodes:
            node.start()
        try:
            for burst in plan:
                await self._burst(burst)
        finally:
            for node in self.nodes:
                await node.crash()
                assert node.tasks.crashed == []
        await self._judge()

    async def _burst(self, burst: Burst) -> None:
        self._arm(burst.fault)
        made = [(wish, self._made(wish)) for wish in burst.wishes]
        sending = [
            asyncio.create_task(self._try(wish.node, change, asked))
            for wish, (change, asked) in made
            for _ in range(1 + wish.twice)
        ]
        reading = [
            asyncio.create_task(page.sync(self.nodes[n].log, self.stream, 3))
            for n, page in enumerate(self.pages)
        ]
        if burst.crash is not None:
            await self._crash(burst.crash, burst.turns)
            for task, (wish, _) in self._by_wish(sending, made):
                if wish.node == burst.crash:
                    task.cancel()
        results = await asyncio.gather(*sending, *reading, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result
        self._disarm()
        await self._try_again(made)

    def _by_wish(self, tasks: list[Any], made: list[Any]) -> Any:
        return zip(tasks, [m for m in made for _ in range(1 + m[0].twice)], strict=True)

    def _made(self, wish: Wish) -> tuple[Change, Asked]:
        person = Person(self.nodes[wish.node], self.stream, wish.sender)
        client_id, text = new_id(), f"{wish.kind} {len(self.asked)}"
        kind = wish.kind if self.sent else "send"
        of = self.sent[wish.target % len(self.sent)] if kind != "send" else None
        if kind == "react":
            text = f"symbol {wish.target % 3}"
        asked = Asked(kind, wish.sender, client_id, text, of)
        self.asked.append(asked)
        return made(person, asked), asked

    async def _try(self, node: int, change: Change, asked: Asked) -> None:
        try:
            asked.acks.append(await self.nodes[node].committer.submit(change))
        except ParleyError as refusal:
            if is_final(refusal):
                asked.refusals.append(refusal)

    async def _crash(self, at: int, turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        await self.nodes[at].crash()
        self.nodes[at] = Node(self.databases[at])
        self.nodes[at].start()

    async def _try_again(self, made: list[tuple[Wish, tuple[Change, Asked]]]) -> None:
        """The outboxes: what was not answered goes out again, over the other node."""
        for tries in range(TRIES):
            open_ones = [
                (wish, asked) for wish, (_, asked) in made if not asked.acks and not asked.refusals
            ]
            await asyncio.gather(
                *(self._try_other(wish, asked, tries) for wish, asked in open_ones)
            )
            if not open_ones:
                break
        self.sent += [
            asked.acks[0].id for _, (_, asked) in made if asked.kind == "send" and asked.acks
        ]

    async def _try_other(self, wish: Wish, asked: Asked, tries: int) -> None:
        node = (wish.node + 1 + tries) % 2
        person = Person(self.nodes[node], self.stream, asked.sender)
        async with asyncio.timeout(WITHIN_S):
            await self._try(node, made(person, asked), asked)

    def _arm(self, fault: str | None) -> None:
        if self.link is not None and fault is not None:
            lose = self.link.lose_reply if fault.startswith("reply") else self.link.lose_request
            lose(commits if fault.endswith("commit") else claims)

    def _disarm(self) -> None:
        if self.link is not None:
            self.link.lose_reply(nothing)
            self.link.lose_request(nothing)

    async def _judge(self) -> None:
        log = Node(self.databases[0]).log
        shown, _ = await log.page(self.stream, 10_000)
        judge(self.asked, await entries_of(self.databases[0], self.stream), shown)
        for page in self.pages:
            await page.sync(log, self.stream, 4)
            assert page.items == {item.id: item for item in shown}


def nothing(message: bytes) -> bool:
    return not message


def made(person: Person, asked: Asked) -> Change:
    """The change for what was asked; tried again it has a new id, as from another process."""
    if asked.of is None:
        return person.message(asked.text, asked.client_id)
    if asked.kind == "edit":
        return person.edit(asked.of, asked.text, asked.client_id)
    if asked.kind == "delete":
        return person.deletion(asked.of, asked.client_id)
    return person.reaction(asked.of, asked.text, asked.client_id)


@asynccontextmanager
async def ground(mongo_url: str, database: Database, over_link: bool) -> AsyncIterator[Any]:
    """Two databases on two connections, the second over a link where faults are wanted."""
    async with AsyncExitStack() as stack:
        if over_link:
            link, second = await stack.enter_async_context(linked(mongo_url, database.name))
        else:
            link, second = None, await Database.open(mongo_url, name=database.name)
            stack.push_async_callback(second.close)
        yield [database, second], link


FAULTS: list[str | None] = [None, "reply", "request", "reply of commit", "request of commit"]
RELAXED = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
async def apart(mongo_url: str, database: Database) -> AsyncIterator[Any]:
    async with ground(mongo_url, database, over_link=False) as found:
        yield found


@pytest.fixture
async def over_link(mongo_url: str, database: Database) -> AsyncIterator[Any]:
    async with ground(mongo_url, database, over_link=True) as found:
        yield found


@settings(RELAXED, max_examples=25)
@given(plan=bursts([None]))
async def test_two_nodes_agree_with_the_model(apart: Any, plan: list[Burst]) -> None:
    await Storm(*apart).run(plan)


@settings(RELAXED, max_examples=6)
@given(plan=bursts(FAULTS))
async def test_two_nodes_agree_with_the_model_over_a_bad_link(
    over_link: Any, plan: list[Burst]
) -> None:
    await Storm(*over_link).run(plan)


@pytest.mark.slow
@settings(RELAXED, max_examples=500, derandomize=False)
@given(plan=bursts([None]))
async def test_two_nodes_agree_with_the_model_for_long(apart: Any, plan: list[Burst]) -> None:
    await Storm(*apart).run(plan)


@pytest.mark.slow
@settings(RELAXED, max_examples=150, derandomize=False)
@given(plan=bursts(FAULTS))
async def test_two_nodes_agree_with_the_model_over_a_bad_link_for_long(
    over_link: Any, plan: list[Burst]
) -> None:
    await Storm(*over_link).run(plan)


async def test_the_model_finds_what_is_acknowledged_but_not_there(database: Database) -> None:
    """The judge itself is judged: an acknowledgement out of thin air."""
    asked = Asked("send", "ana", "c1", "hi", acks=[Committed(id="x", seq=1, rev=1)])
    with pytest.raises(AssertionError, match="acknowledged but not there"):
        judge([asked], [], [])


async def test_the_model_finds_what_was_refused_but_is_there(
    database: Database, hallway: str
) -> None:
    async with running(database) as node:
        await Person(node, hallway, "ana").sends("hi", "c1")
        asked = Asked("send", "ana", "c1", "hi", refusals=[ParleyError("no")])
        with pytest.raises(AssertionError, match="refused but present"):
            judge([asked], await entries_of(database, hallway), [])
