"""What waits to be written to one reader of an event stream: bounded, and can be taken back.

Mostly nothing does: then a frame goes straight to the reader, where there is a way.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from msgspec import Struct

from app.realtime.line.direct_writer import DirectWriter, chunked

BYTES_AT_MOST = 8 * 1_048_576
# What is taken for writing can't be taken back any more.
TAKEN_BYTES = 65_536


class Frame(Struct, frozen=True):
    """One event on the wire. `topic` names what it tells of."""

    data: bytes
    topic: str | None = None


class Waiting:
    """Frames in the order in which they were put. Beyond `frames_at_most` it overflows once: what
    waits is let go, and `overflowed` is called."""

    def __init__(self, frames_at_most: int, overflowed: Callable[[], None]) -> None:
        self._frames_at_most = frames_at_most
        self._overflowed = overflowed
        self._frames: deque[Frame] = deque()
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._is_closed = False
        # There once the response has begun, in chunks.
        self.direct: DirectWriter | None = None
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._frames)

    def begin(self, frame: Frame) -> None:
        """The first of all, whatever waits already."""
        if not self._is_closed:
            self._frames.appendleft(frame)
            self.size_bytes += len(frame.data)
            self._changed()

    def put(self, frame: Frame) -> None:
        """Say it in its turn; nothing after `close`."""
        if self._is_closed:
            return
        # What was taken is written in the same moment, so before this.
        if not self._frames and self.direct and self.direct.write(chunked(frame.data)):
            return
        self._frames.append(frame)
        self.size_bytes += len(frame.data)
        if len(self._frames) > self._frames_at_most or self.size_bytes > BYTES_AT_MOST:
            self.close()
            self._overflowed()
            return
        self._changed()

    def drop(self, topic: str) -> None:
        """Take back what tells of `topic`."""
        self._frames = deque(frame for frame in self._frames if frame.topic != topic)
        self.size_bytes = sum(len(frame.data) for frame in self._frames)
        self._changed()

    def replace(self, frame: Frame) -> None:
        """Put a frame that makes those of its topic out of date."""
        if frame.topic is not None:
            self.drop(frame.topic)
        self.put(frame)

    def close(self, *, keep: bool = False) -> None:
        """Take nothing more; `keep` what waits, or let it go."""
        self._is_closed = True
        if not keep:
            self._frames.clear()
            self.size_bytes = 0
        self._changed()
        self._news.set()

    @property
    def closed(self) -> bool:
        """Whether nothing more is taken."""
        return self._is_closed

    @property
    def is_done(self) -> bool:
        """Whether it was closed and everything was taken."""
        return self._is_closed and not self._frames

    def _changed(self) -> None:
        _show(self._news, bool(self._frames) or self._is_closed)
        _show(self._room, self._is_closed or self._has_room)

    @property
    def _has_room(self) -> bool:
        half = max(1, self._frames_at_most // 2)
        return len(self._frames) < half and self.size_bytes < BYTES_AT_MOST // 2

    async def room(self) -> None:
        """Return when there is room for what the reader has asked for."""
        await self._room.wait()

    async def take(self, within_s: float) -> bytes:
        """What waits, as much as is written at once; nothing where none came in that time."""
        try:
            async with asyncio.timeout(within_s):
                await self._news.wait()
        except TimeoutError:
            return b""
        taken: list[bytes] = []
        size = 0
        while self._frames and size < TAKEN_BYTES:
            frame = self._frames.popleft()
            taken.append(frame.data)
            size += len(frame.data)
        self.size_bytes -= size
        self._changed()
        return b"".join(taken)


def _show(event: asyncio.Event, is_so: bool) -> None:
    if is_so:
        event.set()
    else:
        event.clear()
