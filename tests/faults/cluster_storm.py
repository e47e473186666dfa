"""Six people on three nodes write, edit, delete and react, while one thing after another breaks."""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Literal

from tests.checker.delays import Delays, Span, quantile
from tests.checker.history import Kind
from tests.faults.conftest import Visit
from tests.faults.site import NODES, Site
from tests.harness.delivery import assert_kept
from tests.harness.links import State
from tests.harness.person import Person
from tests.harness.plain_wire import PlainWire
from tests.harness.wire import Wire

NAMES = ("ana", "ben", "cleo", "dana", "ana", "ben")
KINDS: tuple[Kind, ...] = ("edit", "add", "add", "remove", "delete")
AMENDS = 0.3  # For so many of the messages something else is changed.
IN_SIGHT = 5

CUT, HALF_OPEN = State(cut=True), State(half_open=True)
SLOW = State(delay_s=0.08, bytes_a_second=100_000)

Break = Literal[
    "redis is killed",
    "redis hangs",
    "a node is killed",
    "the primary steps down",
    "the primary is stopped",
    "to redis: cut",
    "to redis: slow",
    "to redis: half-open",
    "to the database: cut",
    "to the database: slow",
    "to the database: half-open",
]
STATES = {"cut": CUT, "slow": SLOW, "half-open": HALF_OPEN}

# After the return of Redis everything may need so long to be as before.
RETURNS_WITHIN_S = 3.0


class ClusterStorm:
    """At least `messages` in all; `breaks` happen one after the other, evenly among them.

    A break lasts about `lasts_s`, a stopped primary `stopped_s`; nothing breaks for `calm_s` before
    Redis is killed and once it is back, so that the delays can be compared. Everybody pauses for
    about `pause_s` between two messages.
    """

    def __init__(
        self,
        visit: Visit,
        site: Site,
        *,
        messages: int,
        breaks: Sequence[Break],
        lasts_s: float,
        stopped_s: float,
        calm_s: float,
        pause_s: float,
        seed: int = 18,
    ) -> None:
        self._visit = visit
        self._site = site
        self._messages = messages
        self._breaks = breaks
        self._lasts_s = lasts_s
        self._stopped_s = stopped_s
        self._calm_s = calm_s
        self._pause_s = pause_s
        self._dice = random.Random(seed)
        self._said = 0
        self._moved = asyncio.Condition()
        self._is_over = False
        self.calm: list[Span] = []
        self.redis_away: list[Span] = []
        self.redis_back: list[Span] = []

    async def passes(self, name: str) -> Delays:
        """Let it rage in a new room, then hold everything that was seen against the promise.

        Returns the delays between nodes, to be asked for the spans.
        """
        visit, history = self._visit, self._visit.history
        room = await self._site.town.creates(name, "private", "ben", "cleo", "dana")
        people = [
            await visit.arrives(
                name, room, self._site.nodes[n % 3], wire=Wire if n == 1 else PlainWire
            )
            for n, name in enumerate(NAMES)
        ]
        async with asyncio.timeout(3_600), asyncio.TaskGroup() as group:
            group.create_task(self._break_all())
            for seed, person in enumerate(people):
                group.create_task(self._talk(person, room, seed))
        await self._site.all_are_ready()
        assert all(send.acks for send in history.sends)
        assert len(history.sends) >= self._messages
        head = max(ack.rev for each in (*history.sends, *history.amends) for ack in each.acks)
        for person in people:
            await person.reaches(head, room)
        await assert_kept(visit.town, history, room)
        return Delays(history, room)

    async def _talk(self, person: Person, room: str, seed: int) -> None:
        dice, n = random.Random(seed), 0
        while self._said < self._messages or not self._is_over:
            n += 1
            await person.sends(f"{person.username} {seed} says {n}", room, f"{seed}-{n}")
            async with self._moved:
                self._said += 1
                self._moved.notify_all()
            said = person.room(room).latest(IN_SIGHT)
            if said and dice.random() < AMENDS:
                kind = dice.choice(KINDS)
                value = {"edit": f"{seed} edits {n}", "delete": ""}.get(kind, dice.choice("👍🎉"))
                await person.amends(kind, dice.choice(said).id, value, room)
            await asyncio.sleep(dice.uniform(0, 2 * self._pause_s))

    async def _break_all(self) -> None:
        for n, each in enumerate(self._breaks):
            due = self._messages * (n + 1) // (len(self._breaks) + 1)
            async with self._moved:
                await self._moved.wait_for(lambda: self._said >= due)  # noqa: B023
            await self._happens(each)
            await self._site.all_are_ready()
        self._is_over = True

    async def _stays_calm(self, spans: list[Span]) -> None:
        began = time.monotonic()
        await asyncio.sleep(self._calm_s)
        spans.append(Span(began, time.monotonic()))

    async def _happens(self, kind: Break) -> None:
        site, place = self._site, self._dice.randrange(len(NODES))
        for_s = self._lasts_s * self._dice.uniform(0.5, 1.5)
        where, _, state = kind.partition(": ")
        match where:
            case "redis is killed":
                await self._redis_is_killed(for_s)
            case "redis hangs":
                await site.redis_hangs(for_s)
            case "a node is killed":
                await site.node_is_killed(place)
            case "the primary steps down":
                await site.members.primary_steps_down()
            case "the primary is stopped":
                await site.members.primary_is_stopped(self._stopped_s)
            case "to redis":
                await site.redis_link_is(STATES[state], place, for_s)
            case "to the database":
                await site.database_link_is(STATES[state], place, for_s)

    async def _redis_is_killed(self, for_s: float) -> None:
        if self._calm_s:
            await self._stays_calm(self.calm)
        began = time.monotonic()
        away = asyncio.create_task(self._site.redis_is_away(for_s))
        await asyncio.sleep(for_s)
        self.redis_away.append(Span(began, time.monotonic()))
        await away
        if self._calm_s:
            await asyncio.sleep(RETURNS_WITHIN_S)
            await self._stays_calm(self.redis_back)

    def figures(self, delays: Delays) -> str:
        """The delays between nodes, in milliseconds, in each kind of span."""
        spans = {"calm": self.calm, "away": self.redis_away, "back": self.redis_back}
        lines = []
        for name, parts in spans.items():
            late = delays.within(parts)
            p50, p99, most = (1000 * quantile(late, share) for share in (0.5, 0.99, 1.0))
            lines.append(f"{name}: p50 {p50:.1f}, p99 {p99:.1f}, most {most:.1f} of {len(late)}")
        return "\n".join(lines)
