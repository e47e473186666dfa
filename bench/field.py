"""Where the cases are measured: Parley, what it is compared with, and how long to look."""

import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.generator import Generator, LoadFailedError, Outcome, Peer
from bench.rivals import Rival
from tests.harness.server import Server


@dataclass(frozen=True)
class Effort:
    """How many rounds of how many seconds; a figure is the median of its rounds."""

    rounds: int
    seconds: float

    @property
    def options(self) -> dict[str, int]:
        return {"seconds_ms": round(self.seconds * 1000)}


@dataclass(frozen=True)
class Figures:
    """The medians of some rounds of the same thing."""

    per_s: float
    messages_per_s: float
    p50_ms: float
    p99_ms: float
    ack_p50_ms: float
    ack_p99_ms: float
    server: float
    mongod: float
    load: float
    bytes_each: float

    @property
    def server_us(self) -> float:
        """The server's processor time for one delivery."""
        return self.server * 1e6 / self.per_s if self.per_s else 0.0

    @property
    def message_us(self) -> float:
        """The server's processor time for one message."""
        return self.server * 1e6 / self.messages_per_s if self.messages_per_s else 0.0


def figures(outcomes: list[Outcome]) -> Figures:
    def middle(name: str) -> float:
        return median(float(outcome.found[name]) for outcome in outcomes)

    def share(name: str) -> float:
        return median(o.share(name) if name in o.cpu_s else 0.0 for o in outcomes)

    return Figures(
        per_s=median(o.per_s for o in outcomes),
        messages_per_s=median(o.messages_per_s for o in outcomes),
        p50_ms=middle("p50_ms"),
        p99_ms=middle("p99_ms"),
        ack_p50_ms=middle("ack_p50_ms"),
        ack_p99_ms=middle("ack_p99_ms"),
        server=share("server"),
        mongod=share("mongod"),
        load=median(o.load_share for o in outcomes),
        bytes_each=median(o.found["bytes"] / max(o.found["deliveries"], 1) for o in outcomes),
    )


async def in_turns(
    generators: dict[str, Generator], pids: dict[str, dict[str, int]], rounds: int
) -> dict[str, Figures]:
    """Let each of them run, one after the other, and again. One that fails is left out."""
    found: dict[str, list[Outcome]] = {name: [] for name in generators}
    for _ in range(rounds):
        for name in list(found):
            try:
                found[name].append(await generators[name].runs(**pids[name]))
            except (LoadFailedError, TimeoutError) as error:
                note(f"{name}: {error!r}")
                del found[name]
    return {name: figures(outcomes) for name, outcomes in found.items()}


async def beside(
    server: Server,
    ours: list[Peer],
    others: Mapping[str, tuple[Rival, list[Peer]]],
    effort: Effort,
    **their_pids: int,
) -> dict[str, Figures]:
    """Parley and others in turns, by name, each with a load of its own. `their_pids` are processes
    that work for the others besides their own."""
    generators = {"parley": Generator(server.port, ours, **effort.options)}
    pids = {"parley": pids_of(server)}
    for name, (other, peers) in others.items():
        generators[name] = Generator(other.port, peers, **effort.options)
        pids[name] = {"server": other.pid, **their_pids}
    async with AsyncExitStack() as stack:
        for generator in generators.values():
            await stack.enter_async_context(generator)
            await generator.connects()
        return await in_turns(generators, pids, effort.rounds)


def pids_of(server: Server) -> dict[str, int]:
    """The processes of Parley whose processor time is counted."""
    return {"server": server.process.pid, "mongod": server.mongod_pid}


def ratio(ours: float | None, theirs: float | None) -> float | None:
    """None where one of them was not measured."""
    return ours / theirs if ours and theirs else None


def times(value: float | None) -> str:
    """A ratio in words."""
    return "—" if value is None else f"{value:.2f} ×"


def at_least(value: float | None, wanted: float) -> bool | None:
    return None if value is None else value >= wanted


def at_most(value: float | None, wanted: float) -> bool | None:
    return None if value is None else value <= wanted


def note(text: str) -> None:
    """Say what is being done; the table is printed at the end."""
    print(f"→ {text}", file=sys.stderr, flush=True)


Found = dict[str, Any]
