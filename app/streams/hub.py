"""Live delivery: which local followers read which stream, and how far each stream was delivered.

A batch that continues at a stream's position goes to every follower. Anything that shows a higher
head makes the hub read the log from its position: nothing acknowledged stays unseen because a
process died between commit and delivery, or because another node committed it.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

import structlog
from pymongo.errors import PyMongoError

from app.signals import Signal
from app.streams.log import Log
from app.streams.models import Batch
from app.telemetry.tasks import Tasks

HELD_BATCHES = 256
CATCH_UP_ENTRIES = 500
CHECK_EVERY_S = 1.0
UNKNOWN = -1

OnBatch = Callable[[Batch], None]

logger = structlog.get_logger("hub")


class Follower(Protocol):
    """A reader of a stream: a connection, or a feature's view of the stream."""

    def deliver(self, batch: Batch) -> None:
        """Take a batch at once; must not block, and bounds what it keeps."""


class Hold:
    """The batches that wait while a follower's first answer is on its way."""

    __slots__ = ("batches",)

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    def add(self, batch: Batch) -> None:
        # Beyond the bound a batch is dropped; `continues` finds the hole that it leaves.
        if len(self.batches) < HELD_BATCHES:
            self.batches.append(batch)

    def continues(self, rev: int, position: int) -> bool:
        """Whether what is held leads from `rev` to `position` without a hole."""
        for batch in self.batches:
            if batch.prev > rev:
                return False
            rev = max(rev, batch.rev)
        return rev >= position


class Followed:
    """One stream with followers on this node."""

    __slots__ = ("catching_up", "holds", "live", "moved", "position", "views", "wanted")

    def __init__(self) -> None:
        self.position = UNKNOWN
        self.wanted = 0
        self.catching_up = False
        self.views: dict[Follower, None] = {}
        self.live: dict[Follower, None] = {}
        self.holds: dict[Follower, Hold] = {}
        self.moved = asyncio.Event()

    def stop(self, follower: Follower) -> None:
        for followers in (self.views, self.live, self.holds):
            followers.pop(follower, None)

    @property
    def is_empty(self) -> bool:
        return not (self.views or self.live or self.holds)


class Hub:
    """Followers by stream. `tasks` owns the reading that catches up.

    `on_publish` has what else is called with each batch that this process commits, by the kind of
    its stream, such as `inbox`. The signal `took` tells of the milliseconds in which a batch was
    handed to all its followers.
    """

    def __init__(self, log: Log, tasks: Tasks) -> None:
        self.took: Signal[float] = Signal("delivery took")
        self.on_publish: dict[str, list[OnBatch]] = {}
        self._log = log
        self._tasks = tasks
        self._streams: dict[str, Followed] = {}

    def follow(self, stream: str, follower: Follower) -> None:
        """Register `follower`; its batches wait until `release`. Following twice starts anew."""
        followed = self._streams.setdefault(stream, Followed())
        followed.stop(follower)
        followed.holds[follower] = Hold()

    async def join(self, stream: str, follower: Follower) -> int:
        """Follow from the present head on, which is returned: nothing after it is missed.

        Raises DatabaseError; the batches of `follower` are held then.
        """
        self.follow(stream, follower)
        while True:
            head = await self._log.head(stream)
            if self.release(stream, follower, head):
                return head

    def release(self, stream: str, follower: Follower, rev: int, *, is_view: bool = False) -> bool:
        """Let batches through to a follower that was answered up to `rev`.

        A view (a feature's own picture of the stream, such as who is a member) gets each batch
        before the connections do. False where the batches held do not continue at `rev`: read
        again, then release again.
        """
        followed = self._streams.get(stream)
        if followed is None or follower not in followed.holds:
            return True  # It left while it was being answered.
        hold = followed.holds[follower]
        if followed.position == UNKNOWN:
            followed.position = rev
        if not hold.continues(rev, followed.position):
            followed.holds[follower] = Hold()
            return False
        del followed.holds[follower]
        (followed.views if is_view else followed.live)[follower] = None
        for batch in hold.batches:
            if batch.rev > rev:
                tell(follower, batch)
        self.seen(stream, rev)
        return True

    def unfollow(self, stream: str, follower: Follower) -> None:
        """Deliver nothing more of `stream` to `follower`."""
        followed = self._streams.get(stream)
        if followed is None:
            return
        followed.stop(follower)
        if followed.is_empty:
            del self._streams[stream]
            followed.moved.set()

    def position(self, stream: str) -> int:
        """The rev up to which `stream` was delivered here; 0 where it has no followers."""
        followed = self._streams.get(stream)
        return max(0, followed.position) if followed else 0

    def is_held(self, stream: str, follower: Follower) -> bool:
        """Whether `follower` still waits for its release."""
        followed = self._streams.get(stream)
        return followed is not None and follower in followed.holds

    def followers(self, stream: str) -> list[Follower]:
        """The followers that get live batches of `stream` now, without views and held ones."""
        followed = self._streams.get(stream)
        return list(followed.live) if followed else []

    def publish(self, batch: Batch) -> None:
        """Deliver a batch that this process has committed; where it leaves a hole, the log is read
        instead."""
        followed = self._streams.get(batch.stream)
        if followed is not None:
            if followed.position in (batch.prev, UNKNOWN):
                self._deliver(followed, batch)
            else:
                self.seen(batch.stream, batch.rev)
        for listen in self.on_publish.get(batch.stream.partition(":")[0], ()):
            listen(batch)

    def _deliver(self, followed: Followed, batch: Batch) -> None:
        began = time.perf_counter()
        followed.position = batch.rev
        for hold in followed.holds.values():
            hold.add(batch)
        for view in list(followed.views):
            tell(view, batch)
        # A view may end followings (a removal does), so it is asked before each delivery.
        for follower in list(followed.live):
            if follower in followed.live:
                tell(follower, batch)
        followed.moved.set()
        followed.moved = asyncio.Event()
        self.took.tell((time.perf_counter() - began) * 1000)

    def seen(self, stream: str, head: int) -> None:
        """Note that `stream` ends at `head` or beyond; deliver up to there if that is new."""
        followed = self._streams.get(stream)
        if followed is None or followed.position == UNKNOWN or head <= followed.position:
            return
        followed.wanted = max(followed.wanted, head)
        if not followed.catching_up:
            followed.catching_up = True
            self._tasks.spawn(self._catch_up(stream, followed), f"catch up {stream}")

    async def _catch_up(self, stream: str, followed: Followed) -> None:
        try:
            while followed.position < followed.wanted and self._streams.get(stream) is followed:
                position = followed.position
                page = await self._log.since(stream, position, CATCH_UP_ENTRIES)
                if page.rev <= position:
                    break  # Not safe yet on its own node; the next check comes soon.
                if followed.position == position:
                    self._deliver(followed, Batch(stream, position, page.rev, page.items))
        except PyMongoError as error:
            logger.warning("catching up waits", stream=stream, reason=type(error).__name__)
        finally:
            followed.catching_up = False

    async def reached(self, stream: str, rev: int) -> None:
        """Return when `stream` was delivered here up to `rev`, or has no follower here."""
        self.seen(stream, rev)
        while (followed := self._streams.get(stream)) and UNKNOWN < followed.position < rev:
            await followed.moved.wait()

    async def check_positions(self) -> None:
        """For ever: look for heads that other nodes moved. Bounds how late their batches come."""
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            try:
                await self._check()
            except PyMongoError as error:
                logger.warning("position check waits", reason=type(error).__name__)

    async def _check(self) -> None:
        positions = {s: f.position for s, f in self._streams.items() if f.position != UNKNOWN}
        for stream, head in (await self._log.moved(positions)).items():
            self.seen(stream, head)


def tell(follower: Follower, batch: Batch) -> None:
    """Deliver to one follower; its failure must not keep the batch from the others."""
    try:
        follower.deliver(batch)
    except Exception:
        logger.exception("a follower failed", stream=batch.stream, rev=batch.rev)
