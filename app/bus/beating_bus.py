"""The base of both ways of the bus: beats, and the tasks of a node that listens."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Collection, Coroutine
from typing import Any

import structlog
from msgspec import DecodeError, json

from app.bus.bus import EVERY_NODE, Bus, Hint
from app.bus.pulse import BEAT, Beat, Pulse
from app.telemetry.tasks import Tasks

FLUSH_S = 0.5

log = structlog.get_logger("bus")

_beat = json.Decoder(Beat).decode


class BeatingBus(Bus):
    """A bus whose nodes hear of each other by beats. A way sends, and calls `_heard`.

    `tasks` owns what runs for it until `stop`, which ends that alone.
    """

    def __init__(
        self,
        monotonic: Callable[[], float],
        node_id: str | None,
        tasks: Tasks | None,
        *,
        beat_every_s: float,
        misses_others: bool,
    ) -> None:
        super().__init__(node_id)
        self._pulse = Pulse(
            self.node_id, monotonic, every_s=beat_every_s, misses_others=misses_others
        )
        self._tasks = tasks or Tasks()
        self._running: list[asyncio.Task[Any]] = []

    @property
    def is_hearing(self) -> bool:
        return self._pulse.is_hearing

    @property
    def lag_s(self) -> float:
        return self._pulse.lag_s

    @property
    def is_alone(self) -> bool:
        return self._pulse.is_alone

    @property
    def others(self) -> int:
        return self._pulse.others

    def living(self, nodes: Collection[str]) -> None:
        self._pulse.living(nodes)

    async def start(self) -> None:
        for name, work in {**self._work(), "beat": self._beat()}.items():
            self._running.append(self._tasks.spawn(work, f"bus {name}"))

    async def stop(self) -> None:
        self._send_beat(leaves=True)
        try:
            async with asyncio.timeout(FLUSH_S):
                await self._flush()
        except TimeoutError:
            log.warning("bus was stopped with hints unsent")
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    @abstractmethod
    def _work(self) -> dict[str, Coroutine[Any, Any, None]]:
        """The tasks that run until the end, by name."""

    @abstractmethod
    async def _flush(self) -> None:
        """Wait until what was sent is on its way."""

    async def _beat(self) -> None:
        while True:
            self._send_beat()
            await asyncio.sleep(self._pulse.every_s)

    def _send_beat(self, *, leaves: bool = False) -> None:
        beat = json.encode(self._pulse.beat(leaves=leaves))
        self._send(Hint(EVERY_NODE, BEAT, beat, self.node_id))

    def _heard(self, hint: Hint) -> None:
        """Take in a hint of another node, or a beat of any."""
        if hint.kind != BEAT:
            self._hear(hint)
            return
        try:
            beat = _beat(hint.data)
        except DecodeError:
            return  # A node of another version.
        if not self._pulse.knows(hint.sender) and not beat.leaves:
            self._send_beat()  # So that it knows of this node at once.
        if self._pulse.heard(hint.sender, beat):
            self._came_back()

    def _came_back(self) -> None:
        """This node's own beat was heard."""

    def _confirmed(self, topics: Collection[str]) -> None:
        """These topics are heard from now on."""
        if EVERY_NODE in topics:
            self._pulse.begin()
        self.subscribed.tell(topics)
