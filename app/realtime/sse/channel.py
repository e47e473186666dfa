"""One stream for one reader, without holes: what was missed is read, then what comes is passed on.

A reader of an event stream can't ask, so what a client does elsewhere (see a gap, sync) is done
here.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import structlog

from app.errors import Forbidden, NotFound, ParleyError
from app.realtime.server_event import Event
from app.storage.errors import as_parley_error

HELD_AT_MOST = 256
RETRY_S = 0.25

log = structlog.get_logger("sse")

Payload = Mapping[str, Any]


class BatchListener(Protocol):
    """Gets the live batches of a source, from `follow` until `leave`."""

    def take(self, event: Event) -> None:
        """A batch whose payload has `prev`, `rev` and `items`."""

    def lose(self, farewell: Event) -> None:
        """The reader may not read this any more: only `farewell` follows."""


class Source(Protocol):
    """A stream of a feature, as one person may read it."""

    @property
    def key(self) -> str:
        """The stream's own name, whatever it was called when asked for."""

    @property
    def name(self) -> str:
        """The name of its events, such as `notifications`."""

    @property
    def farewell(self) -> Event:
        """The event that tells that access has ended."""

    async def follow(self, taker: BatchListener) -> int:
        """Pass live batches on from now on; the rev that they continue at, or a later one."""

    async def since(self, cursor: int) -> Payload:
        """A batch `{…which stream…, prev, rev, items, more?, reset?}` of what `cursor` has missed.
        Raises NotFound or Forbidden where access has ended."""

    def leave(self) -> None:
        """Pass nothing more on."""


class Outlet(Protocol):
    """Where a channel's batches go."""

    def pass_on(self, channel: "Channel", event: Event) -> None: ...

    def end(self, channel: "Channel", farewell: Event) -> None: ...

    async def wait_for_space(self) -> None: ...


class Channel:
    """`cursor` is up to where the reader was told. `run` is a task of whoever opened it."""

    def __init__(self, source: Source, outlet: Outlet) -> None:
        self.source = source
        self.cursor = 0
        self._outlet = outlet
        self._wanted = 0
        self._held: deque[Event] = deque()
        self._is_behind = asyncio.Event()
        self._is_behind.set()
        self._is_lost = False

    async def open(self, position: Callable[[str], int | None]) -> None:
        """Follow before anything is read, and begin where the reader was, or now."""
        self._wanted = await self.source.follow(self)
        known = position(self.source.key)
        self.cursor = self._wanted if known is None else known

    def take(self, event: Event) -> None:
        """A live batch: passed on, or held while what comes before it is read."""
        if self._is_lost:
            return
        if self._is_behind.is_set():
            self._hold(event)
        elif not self._continues(event):
            self._hold(event)
            self._wanted = event.payload["rev"]
            self._is_behind.set()

    def _hold(self, event: Event) -> None:
        if len(self._held) >= HELD_AT_MOST:
            self._held.clear()  # The hole shows, and all of it is in the log.
        self._held.append(event)

    def _continues(self, event: Event) -> bool:
        """Pass on what is news of `event`; False where something before it is missing."""
        prev, rev = event.payload["prev"], event.payload["rev"]
        if prev > self.cursor:
            return False
        if rev > self.cursor:
            news = event if prev == self.cursor else _news(event, self.cursor)
            self._tell(news, rev)
        return True

    def _tell(self, event: Event, rev: int) -> None:
        self.cursor = rev
        self._outlet.pass_on(self, event)

    def lose(self, farewell: Event) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._held.clear()
            self.source.leave()
            self._outlet.end(self, farewell)

    async def run(self) -> None:
        """Read what is missing whenever something is, until access ends."""
        while not self._is_lost:
            await self._is_behind.wait()
            try:
                await self._catch_up()
            except (NotFound, Forbidden):
                self.lose(self.source.farewell)
            except Exception as error:
                if not isinstance(error, ParleyError) and as_parley_error(error) is None:
                    raise
                log.warning("a reader waits", reason=type(error).__name__)
                await asyncio.sleep(RETRY_S)

    async def _catch_up(self) -> None:
        if self.cursor != self._wanted:
            await self._read()
        while self._held and not self._is_lost:
            await self._outlet.wait_for_space()
            if self._held and not self._continues(self._held[0]):
                self._wanted = self._held[-1].payload["rev"]
                await asyncio.sleep(RETRY_S)
                return
            if self._held:
                self._held.popleft()
        # Nothing was awaited since the last look: what comes now continues here.
        self._is_behind.clear()

    async def _read(self) -> None:
        while not self._is_lost:
            await self._outlet.wait_for_space()
            page = await self.source.since(self.cursor)
            if self._is_lost:
                return
            if page["items"] or page.get("reset") or page["rev"] != self.cursor:
                self._tell(Event(self.source.name, page, self.source.key), page["rev"])
            if not page.get("more"):
                self._wanted = self.cursor
                return


def _news(event: Event, cursor: int) -> Event:
    """The part of a batch that comes after `cursor`, for a reader who was told the rest."""
    items = [item for item in event.payload["items"] if item["rev"] > cursor]
    return Event(event.name, {**event.payload, "prev": cursor, "items": items}, event.stream)
