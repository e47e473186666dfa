"""What the committer knows of each stream's head, so that numbering costs no read."""

from collections import OrderedDict
from collections.abc import Callable, Iterable

from app.streams.log import Log

FRESH_S = 30.0
CAPACITY = 10_000


class Heads:
    """A bounded cache of heads. One unused for 30 s is read again: retention may have passed it."""

    def __init__(self, log: Log, clock: Callable[[], float]) -> None:
        self._log = log
        self._clock = clock
        self._known: OrderedDict[str, tuple[int, float]] = OrderedDict()

    async def of(self, streams: Iterable[str]) -> dict[str, int]:
        """The head of each of `streams`, from memory where that is fresh enough."""
        wanted = set(streams)
        fresh = {s: self._known[s][0] for s in wanted & self._known.keys() if self._is_fresh(s)}
        read = await self._log.heads(wanted - fresh.keys())
        for stream, head in (fresh | read).items():
            self.note(stream, head)
        return fresh | read

    def _is_fresh(self, stream: str) -> bool:
        return self._clock() - self._known[stream][1] < FRESH_S

    def note(self, stream: str, head: int) -> None:
        """Remember that `stream` ends at `head` now."""
        self._known[stream] = (head, self._clock())
        self._known.move_to_end(stream)
        while len(self._known) > CAPACITY:
            self._known.popitem(last=False)

    async def read(self, stream: str) -> int:
        """The head as the database has it now, remembered."""
        head = await self._log.head(stream)
        self.note(stream, head)
        return head

    def forget(self) -> None:
        """Trust nothing: the outcome of a commit is unknown."""
        self._known.clear()
