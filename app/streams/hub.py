"""Live delivery: which local followers read which stream, and how far each stream was delivered.

A batch that continues at a stream's position goes to every follower. Anything that shows a higher
head makes the hub read the log from its position: nothing acknowledged stays unseen because a
process died between commit and delivery, or because another node committed it.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Protocol

import structlog
from pymongo.errors import PyMongoError

from app.bus.bus import Bus
from app.signals import Signal
from app.streams.log import Log
from app.streams.models import Batch
from app.streams.shared_batches import BATCH, shared
from app.telemetry.tasks import Tasks

HELD_BATCHES = 256
CATCH_UP_ENTRIES = 500
# Publications of two nodes may cross: the earlier one is awaited for so long.
CROSSING_S = 0.005
EARLY_BATCHES = 64
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

    __slots__ = ("catching_up", "early", "holds", "live", "moved", "position", "views", "wanted")

    def __init__(self) -> None:
        self.position = UNKNOWN
        self.wanted = 0
        self.catching_up = False
        self.views: dict[Follower, None] = {}
        self.live: dict[Follower, None] = {}
        self.holds: dict[Follower, Hold] = {}
        # Where somebody waits for a position.
        self.moved: asyncio.Event | None = None
        # Batches of other nodes that came before those that lead to them, by their `prev`.
        self.early: dict[int, Batch] = {}

    def wake(self) -> None:
        """Let those look again who wait for a position."""
        if self.moved is not None:
            self.moved.set()
            self.moved = None

    def stop(self, follower: Follower) -> None:
        for followers in (self.views, self.live, self.holds):
            followers.pop(follower, None)

    @property
    def is_empty(self) -> bool:
        return not (self.views or self.live or self.holds)


class Hub:
    """Followers by stream. `tasks` owns the reading that catches up; `bus` brings what other nodes
    commit, and takes them what this one does.

    `on_publish` has what else is called with each batch that this process commits, by the kind of
    its stream, such as `inbox`. The signal `took` tells of the milliseconds in which a batch was
    handed to all its followers, `begun` of each stream whose position is known from then on.
    """

    def __init__(self, log: Log, tasks: Tasks, bus: Bus | None = None) -> None:
        self.took: Signal[float] = Signal("delivery took")
        self.begun: Signal[str] = Signal("stream begun")
        self.on_publish: dict[str, list[OnBatch]] = {}
        self._log = log
        self._tasks = tasks
        self._streams: dict[str, Followed] = {}
        self._behind: set[str] = set()
        self._bus = bus or Bus()

    def follow(self, stream: str, follower: Follower) -> None:
        """Register `follower`; its batches wait until `release`. Following twice starts anew."""
        followed = self._streams.get(stream)
        if followed is None:
            followed = self._streams[stream] = Followed()
            self._bus.follow(stream)
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
            self.begun.tell(stream)
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
            self._bus.unfollow(stream)
            followed.wake()

    def position(self, stream: str) -> int:
        """The rev up to which `stream` was delivered here; 0 where it has no followers."""
        followed = self._streams.get(stream)
        return max(0, followed.position) if followed else 0

    def follows(self, stream: str) -> bool:
        """Whether `stream` has followers here."""
        return stream in self._streams

    def positions(self, streams: Iterable[str] | None = None) -> dict[str, int]:
        """The known positions of those of `streams`, or of all, that have followers here."""
        asked = list(self._streams) if streams is None else streams
        found = ((stream, self._streams.get(stream)) for stream in asked)
        return {s: f.position for s, f in found if f is not None and f.position != UNKNOWN}

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
        if self._bus.carries_batches and not self._bus.is_alone:
            self._bus.publish(batch.stream, BATCH, shared(batch))

    def receive(self, batch: Batch) -> None:
        """Deliver a batch that another node has committed. One that comes before those that lead to
        it waits for them for a moment; then the log is read."""
        followed = self._streams.get(batch.stream)
        if followed is None or batch.rev <= followed.position:
            return
        if followed.position in (batch.prev, UNKNOWN):
            self._deliver(followed, batch)
            return
        if batch.prev > followed.position and len(followed.early) < EARLY_BATCHES:
            followed.early[batch.prev] = batch
        self.seen(batch.stream, batch.rev, wait_s=CROSSING_S)

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
        followed.wake()
        self.took.tell((time.perf_counter() - began) * 1000)
        if followed.early:
            self._deliver_early(followed)

    def _deliver_early(self, followed: Followed) -> None:
        batch = followed.early.pop(followed.position, None)
        position = followed.position
        followed.early = {prev: b for prev, b in followed.early.items() if prev > position}
        if batch is not None:
            self._deliver(followed, batch)

    def seen(self, stream: str, head: int, wait_s: float = 0.0) -> None:
        """Note that `stream` ends at `head` or beyond; deliver up to there if that is new, after
        `wait_s` seconds in which it may come by itself."""
        followed = self._streams.get(stream)
        if followed is None or followed.position == UNKNOWN or head <= followed.position:
            return
        followed.wanted = max(followed.wanted, head)
        if not followed.catching_up:
            followed.catching_up = True
            self._tasks.spawn(self._catch_up(stream, followed, wait_s), f"catch up {stream}")

    async def _catch_up(self, stream: str, followed: Followed, wait_s: float) -> None:
        try:
            if wait_s:
                await asyncio.sleep(wait_s)
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
            if followed.position < followed.wanted:
                self._behind.add(stream)

    def catch_up_again(self) -> None:
        """Try again to read the streams whose reading has failed, or found nothing safe yet."""
        behind, self._behind = self._behind, set()
        for stream in behind:
            if followed := self._streams.get(stream):
                self.seen(stream, followed.wanted)

    async def reached(self, stream: str, rev: int) -> None:
        """Return when `stream` was delivered here up to `rev`, or has no follower here."""
        self.seen(stream, rev)
        while (followed := self._streams.get(stream)) and UNKNOWN < followed.position < rev:
            if followed.moved is None:
                followed.moved = asyncio.Event()
            await followed.moved.wait()


def tell(follower: Follower, batch: Batch) -> None:
    """Deliver to one follower; its failure must not keep the batch from the others."""
    try:
        follower.deliver(batch)
    except Exception:
        logger.exception("a follower failed", stream=batch.stream, rev=batch.rev)
