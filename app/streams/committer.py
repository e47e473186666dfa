"""Group commit by optimistic append: every change of this process goes to disk through here.

While one commit is in flight the next group gathers; after it one batch per stream goes to the hub
and the acks are resolved, while the next group is on its way to disk already. Features call
`submit`, the composition root runs `run`.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from random import uniform

import structlog
from msgspec import Struct
from msgspec.structs import replace

from app.errors import ParleyError, Unavailable
from app.signals import Signal
from app.storage.mongo import Database
from app.streams.attempt import Attempt
from app.streams.commit_errors import is_contention, is_unsettled
from app.streams.group import Outcome, needs_telling_first, other_content
from app.streams.log import Log
from app.streams.models import Batch, Change, Committed, Key
from app.streams.outage import Outage
from app.streams.pending import Pending

GROUP_CHANGES = 500
PAUSE_S = 0.004
CONTENDED_AT_MOST = 4
RETRY_AFTER_S = 2.0
# Followers are told for this long without a pause; then heartbeats and others get a turn.
TELLS_AT_ONCE_S = 0.005

logger = structlog.get_logger("committer")


class Group(Struct, frozen=True, eq=False):
    """Changes that go to disk together, and the first try at it, which runs."""

    changes: list[Change]
    attempt: asyncio.Task[Outcome]


class Committer:
    """One queue, one group in flight. `deliver` gets each batch before its senders get their acks;
    `seen` is called with heads that other nodes moved. `node` is this node's id in its entries.

    The signal `committed` tells once of the changes of each group that this process committed,
    `took` of the milliseconds of each try at a group.
    """

    def __init__(
        self,
        database: Database,
        log: Log,
        *,
        deliver: Callable[[Batch], None],
        seen: Callable[[str, int], None],
        capacity: int,
        clock: Callable[[], float],
        node: str = "",
    ) -> None:
        self.committed: Signal[Sequence[Change]] = Signal("committed")
        self.took: Signal[float] = Signal("commit took")
        self._outage = Outage(database)
        self._attempt = Attempt(database, log, clock, seen, node)
        self._deliver = deliver
        self._capacity = capacity
        self._queue: deque[Pending] = deque()
        self._pending: dict[Key, Pending] = {}
        self._ahead: Group | None = None
        self._wake = asyncio.Event()
        self._done = asyncio.Event()
        self._is_closing = False
        self._ends_at = 0.0

    @property
    def waiting(self) -> int:
        """How many changes are not on disk yet."""
        return len(self._pending)

    async def submit(self, change: Change) -> Committed:
        """Commit `change` and return its claim. A cancelled caller does not take the change back.

        Raises Unavailable when the queue is full, the database away or the server stopping,
        Conflict for a known `client_id` with other content, and what the change's rules raise.
        """
        return await self.take(change)

    def take(self, change: Change) -> Awaitable[Committed]:
        """Like `submit`, with the change in its place in the queue when this returns."""
        waiting = self._pending.get(key := change.key)
        if waiting is None:
            return self._enqueue(change, key).result()
        if waiting.change.fingerprint != change.fingerprint:
            raise other_content()
        return self._repeat_of(waiting)

    async def _repeat_of(self, waiting: Pending) -> Committed:
        return replace(await waiting.result(), is_repeat=True)

    def _enqueue(self, change: Change, key: Key) -> Pending:
        if self._is_closing:
            raise unavailable("The server is stopping; your message is kept and sent again.")
        if self._outage.lasts:
            raise unavailable("The database is away for a moment; please try again.")
        if len(self._pending) >= self._capacity:
            raise unavailable("Too much is being sent at once; please try again.")
        pending = self._pending[key] = Pending(change)
        self._queue.append(pending)
        self._wake.set()
        return pending

    async def run(self) -> None:
        """Commit group after group until `finish`."""
        try:
            while (group := self._next_group()) or not self._is_closing:
                if group is None:
                    self._wake.clear()
                    await self._wake.wait()
                else:
                    await self._commit(group.changes, group.attempt)
        finally:
            # However this ends, no change may wait for a commit that never comes.
            self._is_closing = True
            self._refuse_waiting(unavailable("The server is stopping; please send it again."))
            self._done.set()
            if self._ahead is not None:
                self._ahead.attempt.cancel()
                await asyncio.gather(self._ahead.attempt, return_exceptions=True)

    def _next_group(self) -> Group | None:
        group, self._ahead = self._ahead or self._begun(), None
        return group

    def _begun(self) -> Group | None:
        """The waiting changes as a group whose first try has begun; None where none wait."""
        size = min(len(self._queue), GROUP_CHANGES)
        changes = [self._queue.popleft().change for _ in range(size)]
        return Group(changes, asyncio.create_task(self._timed(changes))) if changes else None

    async def _timed(self, changes: Sequence[Change]) -> Outcome:
        began = time.perf_counter()
        try:
            return await self._attempt.commit(changes)
        finally:
            self.took.tell((time.perf_counter() - began) * 1000)

    async def finish(self, within_s: float) -> None:
        """Take nothing new and commit what is queued; a database that is away is not waited for.

        Called again, it does not wait longer than the first call would have.
        """
        now = asyncio.get_running_loop().time()
        if not self._is_closing:
            self._is_closing = True
            self._ends_at = now + within_s
        self._wake.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._done.wait(), max(0.0, self._ends_at - now))

    async def _commit(
        self, changes: Sequence[Change], first: Awaitable[Outcome] | None = None
    ) -> None:
        """Try until the fate of each of `changes` is known; the `first` try may run already."""
        contended = 0
        while (changes := self._unresolved(changes)) and not self._is_abandoned:
            attempt, first = first, None
            try:
                await self._try(changes, attempt)
            except Exception as error:  # noqa: BLE001  # sorted out here, logged if unforeseen
                changes = self._unresolved(changes)
                self._attempt.heads.forget(change.stream for change in changes)
                if not is_contention(error):
                    await self._after(error, changes)
                    continue
                contended += 1
                if contended % CONTENDED_AT_MOST == 0:
                    await self._halve(changes)
                await pause()

    def _unresolved(self, changes: Sequence[Change]) -> list[Change]:
        return [c for c in changes if (p := self._pending.get(c.key)) and p.change is c]

    @property
    def _is_abandoned(self) -> bool:
        """Stopping, with a database that is away: what is open is for its senders to send again."""
        return self._is_closing and self._outage.lasts

    async def _try(self, changes: Sequence[Change], begun: Awaitable[Outcome] | None) -> None:
        outcome = await (begun or self._timed(changes))
        if begun is not None and outcome.clash is None and not needs_telling_first(changes):
            await self._go_ahead()
        # Entries that stand are told before the search for a clash's cause, which may fail.
        await self._resolve(outcome)
        if outcome.clash is not None:
            left = self._unresolved(changes)
            outcome = await self._attempt.explain(outcome.clash, left)
            await self._resolve(outcome)
        if outcome.must_wait:
            await pause()

    async def _go_ahead(self) -> None:
        """Begin the next group's commit while this group, which is done, is delivered: delivery
        takes about as long as a commit."""
        self._ahead = self._begun()
        if self._ahead is not None:
            await asyncio.sleep(0)  # Let the task begin.

    async def _after(self, error: Exception, changes: list[Change]) -> None:
        if is_unsettled(error):
            await self._survive(error, changes)
        elif len(changes) > 1:
            await self._halve(changes)
        else:
            logger.error("change cannot be stored", stream=changes[0].stream, exc_info=error)
            self._refuse(changes, error)

    async def _halve(self, changes: list[Change]) -> None:
        """Commit both halves one after the other: one change's defect must not fail its neighbours,
        and a group that is too large to win a contention must come through."""
        if len(changes) > 1:
            middle = len(changes) // 2
            await self._commit(changes[:middle])
            await self._commit(changes[middle:])

    async def _resolve(self, outcome: Outcome) -> None:
        # Delivery first: after the ack of a removal nothing more may reach the removed.
        paused_at = time.perf_counter()
        for batch in outcome.batches:
            if time.perf_counter() - paused_at > TELLS_AT_ONCE_S:
                await asyncio.sleep(0)
                paused_at = time.perf_counter()
            self._tell(batch)
        for change, committed in outcome.committed:
            self._pending.pop(change.key).settle(committed)
        # A repeat was told when it was first committed; unless that was this very change, whose
        # outcome was unknown for a while.
        news = [c for c, done in outcome.committed if not done.is_repeat or done.id == c.id]
        if news:
            self.committed.tell(news)
        for change, refusal in outcome.refused:
            if not isinstance(refusal, ParleyError):
                logger.error("change refused", stream=change.stream, exc_info=refusal)
            self._pending.pop(change.key).refuse(refusal)

    def _tell(self, batch: Batch) -> None:
        try:
            self._deliver(batch)
        except Exception:
            # It is on disk and is acknowledged; followers see the gap with the next batch.
            logger.exception("delivery failed", stream=batch.stream)

    def _refuse(self, changes: Sequence[Change], error: Exception) -> None:
        self._attempt.unsettled.settle(changes)
        for change in changes:
            self._pending.pop(change.key).refuse(error)

    def _refuse_waiting(self, error: Exception) -> None:
        self._refuse([pending.change for pending in self._queue], error)
        self._queue.clear()

    async def _survive(self, error: Exception, changes: Sequence[Change]) -> None:
        """Wait until a failed database answers. Changes that may be on disk are neither
        acknowledged nor refused before; those that certainly are not are refused at once."""
        logger.warning("commit failed", reason=type(error).__name__)
        if await self._outage.has_begun(error):
            away = unavailable("The database is away; please try again.")
            self._refuse([c for c in changes if c not in self._attempt.unsettled], away)
            self._refuse_waiting(away)
            await self._outage.is_over(or_else=lambda: self._is_closing)
        await pause()


async def pause() -> None:
    """Sleep for a moment of random length, so that two nodes do not contend again."""
    await asyncio.sleep(uniform(PAUSE_S, 4 * PAUSE_S))  # noqa: S311


def unavailable(message: str) -> Unavailable:
    return Unavailable(message, retry_after=RETRY_AFTER_S)
