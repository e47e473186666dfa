"""The frames that wait to be written to one client: bounded, and they can be taken back."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from typing import Any

from app.realtime.line.frame import Frame

FRAMES_AT_MOST = 2_000
BYTES_AT_MOST = 16 * 1_048_576
# A frame that was taken for writing can't be taken back any more. So much is taken at once; about
# as much as a transport buffers.
TURN_BYTES = 65_536

# Shared by all outboxes in which nothing waits, which are nearly all: an empty deque takes 760
# bytes. Nothing is ever put into it.
NOTHING: deque[Any] = deque(maxlen=0)


class Outbox:
    """Frames in the order in which they were put, `size` bytes in all.

    It takes any number; beyond its limits it `is_overflowing`, and whoever put the frame has to
    give the client up. After `end` it is true also when it is empty, and `turn` returns nothing.
    """

    __slots__ = (
        "_arrival",
        "_bytes_at_most",
        "_frames",
        "_frames_at_most",
        "_space",
        "has_ended",
        "size",
    )

    def __init__(self, frames_at_most: int | None = None, bytes_at_most: int | None = None) -> None:
        self._frames_at_most = FRAMES_AT_MOST if frames_at_most is None else frames_at_most
        self._bytes_at_most = BYTES_AT_MOST if bytes_at_most is None else bytes_at_most
        self._frames: deque[Frame] = NOTHING
        self._arrival: asyncio.Future[None] | None = None
        self._space: asyncio.Future[None] | None = None
        self.has_ended = False
        self.size = 0

    def __len__(self) -> int:
        return len(self._frames)

    def __bool__(self) -> bool:
        return self.has_ended or bool(self._frames)

    @property
    def is_overflowing(self) -> bool:
        return len(self._frames) > self._frames_at_most or self.size > self._bytes_at_most

    def put(self, frame: Frame) -> None:
        """Add a frame behind all others."""
        if self._frames is NOTHING:
            self._frames = deque()
        self._frames.append(frame)
        self.size += frame.size
        _release(self._arrival)

    def end(self) -> None:
        """Accept no more frames; those that wait can still be taken."""
        self.has_ended = True
        _release(self._arrival)
        _release(self._space)

    def turn(self) -> list[Frame]:
        """Take the frames that are written in one go; none where none wait."""
        frames: list[Frame] = []
        taken = 0
        while self._frames and taken < TURN_BYTES:
            frames.append(frame := self._frames.popleft())
            taken += frame.size
        self._lost(taken)
        return frames

    async def next_turn(self) -> list[Frame]:
        """Wait until something does, and take a turn; none at the end. For one caller at a time."""
        if not self:
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        return self.turn()

    async def wait_for_space(self) -> None:
        """Return when it is less than half full, or has ended."""
        while not self._has_space:
            if self._space is None or self._space.done():
                self._space = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._space)

    @property
    def _has_space(self) -> bool:
        is_short = len(self._frames) < max(1, self._frames_at_most // 2)
        return self.has_ended or (is_short and self.size < self._bytes_at_most // 2)

    def clear(self) -> None:
        """Forget all that waits."""
        self._frames = NOTHING
        self._lost(self.size)

    def drop(self, stream: str) -> None:
        """Take back the events of `stream`; answers stay, since the client asked for them."""
        self._replace(stream, lambda frame: frame if frame.instead else None)

    def revoke(self, stream: str) -> None:
        """Take back all that tells of `stream`; an answer is replaced by its `instead`."""
        self._replace(stream, lambda frame: frame.instead() if frame.instead else None)

    def _replace(self, stream: str, replaced: Callable[[Frame], Frame | None]) -> None:
        if not any(frame.stream == stream for frame in self._frames):
            return
        found = (replaced(f) if f.stream == stream else f for f in self._frames)
        kept: Collection[Frame] = [frame for frame in found if frame is not None]
        self._frames = deque(kept)
        self._lost(self.size - sum(frame.size for frame in kept))

    def _lost(self, size: int) -> None:
        self.size -= size
        if not self._frames:
            self._frames = NOTHING
        if self._space is not None and self._has_space:
            _release(self._space)


def _release(waiter: "asyncio.Future[None] | None") -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
