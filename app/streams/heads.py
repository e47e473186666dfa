"""Caches the heads of streams for the committer, so that numbering costs no read."""

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

    async def of(self, streams: set[str]) -> dict[str, int]:
        """The head of each of `streams`, from memory where that is fresh enough."""
        fresh = self.known(streams)
        missing = streams - fresh.keys()
        if not missing:
            return fresh
        for stream, head in (await self._log.heads(missing)).items():
            fresh[stream] = self.note(stream, head)
        return fresh

    def known(self, streams: set[str]) -> dict[str, int]:
        """The heads of those of `streams` whose memory is fresh enough."""
        return {s: self._known[s][0] for s in streams & self._known.keys() if self._is_fresh(s)}

    def _is_fresh(self, stream: str) -> bool:
        return self._clock() - self._known[stream][1] < FRESH_S

    def note(self, stream: str, head: int) -> int:
        """Remember that `stream` ends at `head` or beyond, and return what is known of it.

        A head never goes back: only a member that is cut off from the others reads an older one.
        """
        head = max(head, self._known.get(stream, (0, 0.0))[0])
        self._known[stream] = (head, self._clock())
        self._known.move_to_end(stream)
        while len(self._known) > CAPACITY:
            self._known.popitem(last=False)
        return head

    async def read(self, stream: str) -> int:
        """The head as the database has it now, remembered."""
        return self.note(stream, await self._log.head(stream))

    def forget(self, streams: Iterable[str]) -> None:
        """Trust nothing about `streams`: the outcome of a commit is unknown."""
        for stream in streams:
            self._known.pop(stream, None)
