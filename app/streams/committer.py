"""Group commit by optimistic append: every change of this process goes to disk through here.

While one commit is in flight the next group gathers; after it the acks are resolved and one batch
per stream goes to the hub. Features call `submit`, the composition root runs `run`.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import uniform

import structlog
from msgspec.structs import replace
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

from app.errors import Unavailable
from app.storage.mongo import Database
from app.streams.attempt import Attempt, Outcome, other_content
from app.streams.heads import Heads
from app.streams.log import Log
from app.streams.models import Batch, Change, Committed
from app.streams.unsettled import is_contention, is_unsettled

GROUP_CHANGES = 500
PAUSE_S = 0.004
PROBE_S = 0.25
RETRY_AFTER_S = 2.0

log = structlog.get_logger("committer")


class Pending:
    """One change on its way to disk; several submissions of it wait for the same result."""

    __slots__ = ("change", "result")

    def __init__(self, change: Change) -> None:
        self.change = change
        self.result: asyncio.Future[Committed] = asyncio.get_running_loop().create_future()

    def settle(self, committed: Committed) -> None:
        if not self.result.done():
            self.result.set_result(committed)

    def refuse(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)
            self.result.exception()  # Its sender may be gone; that is no unseen crash.


class Committer:
    """One queue, one group in flight. `deliver` gets each batch before its senders get their acks;
    `seen` is told of heads that others moved."""

    def __init__(
        self,
        database: Database,
        reads: Log,
        *,
        deliver: Callable[[Batch], None],
        seen: Callable[[str, int], None],
        capacity: int,
        clock: Callable[[], float],
    ) -> None:
        self._database = database
        self._heads = Heads(reads, clock)
        self._attempt = Attempt(database, reads, self._heads, seen)
        self._deliver = deliver
        self._capacity = capacity
        self._queue: deque[Pending] = deque()
        self._pending: dict[tuple[str, str, str], Pending] = {}
        self._wake = asyncio.Event()
        self._done = asyncio.Event()
        self._is_away = False
        self._is_closing = False

    @property
    def is_available(self) -> bool:
        """Whether a change submitted now would be taken."""
        return not (self._is_away or self._is_closing)

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
        waiting = self._pending.get(change.key)
        if waiting is None:
            return asyncio.shield(self._enqueue(change).result)
        if waiting.change.fingerprint != change.fingerprint:
            raise other_content()
        return self._repeat_of(waiting)

    async def _repeat_of(self, waiting: Pending) -> Committed:
        return replace(await asyncio.shield(waiting.result), is_repeat=True)

    def _enqueue(self, change: Change) -> Pending:
        if self._is_closing:
            raise unavailable("The server is stopping; your message is kept and sent again.")
        if self._is_away:
            raise unavailable("The database is away for a moment; please try again.")
        if len(self._pending) >= self._capacity:
            raise unavailable("Too much is being sent at once; please try again.")
        pending = Pending(change)
        self._pending[change.key] = pending
        self._queue.append(pending)
        self._wake.set()
        return pending

    async def run(self) -> None:
        """Commit group after group until `finish`."""
        while self._queue or not self._is_closing:
            if not self._queue:
                self._wake.clear()
                await self._wake.wait()
                continue
            await self._commit([self._queue.popleft() for _ in range(self._group_size())])
        self._done.set()

    def _group_size(self) -> int:
        return min(len(self._queue), GROUP_CHANGES)

    async def finish(self, within_s: float) -> None:
        """Take nothing new and commit what is queued; a database that is away is not waited for."""
        self._is_closing = True
        self._wake.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._done.wait(), within_s)

    async def _commit(self, group: list[Pending]) -> None:
        """Try until the fate of each of `group` is known."""
        left = [pending.change for pending in group]
        may_be_sent = False
        while left:
            try:
                outcome = await self._attempt.commit(left)
            except ServerSelectionTimeoutError:
                self._is_away = True
                if not may_be_sent:
                    self._refuse_all(left, unavailable("The database is away; please try again."))
                    left = []
                await self._until_back()
            except Exception as error:  # noqa: BLE001  # sorted out there, logged if unforeseen
                if not is_unsettled(error):
                    await self._one_by_one(left, error)
                    return
                may_be_sent = True
                await self._after_unsettled(error)
            else:
                self._resolve(outcome)
                left = outcome.left
                if outcome.must_wait:
                    await pause()

    def _resolve(self, outcome: Outcome) -> None:
        # Delivery first: after the ack of a removal nothing more may reach the removed.
        for batch in outcome.batches:
            self._deliver(batch)
        for change, committed in outcome.committed:
            self._pending.pop(change.key).settle(committed)
        for change, refusal in outcome.refused:
            self._pending.pop(change.key).refuse(refusal)

    def _refuse_all(self, changes: list[Change], error: Exception) -> None:
        for change in changes:
            self._pending.pop(change.key).refuse(error)

    async def _one_by_one(self, changes: list[Change], error: Exception) -> None:
        """A defect of one change must not take its neighbours with it."""
        if len(changes) == 1:
            log.error("change cannot be stored", stream=changes[0].stream, exc_info=error)
            self._refuse_all(changes, error)
            return
        for change in changes:
            await self._commit([self._pending[change.key]])

    async def _after_unsettled(self, error: Exception) -> None:
        """Neither ack nor failure: wait until the database answers, then submit the same again."""
        self._heads.forget()
        if is_contention(error):
            await pause()
            return
        log.warning("commit outcome unknown", reason=type(error).__name__)
        self._is_away = True
        await self._until_back()

    async def _until_back(self) -> None:
        while True:
            try:
                await self._database.client.admin.command("ping")
                break
            except PyMongoError as error:
                log.warning("database is away", reason=type(error).__name__)
                await asyncio.sleep(PROBE_S)
        self._is_away = False


async def pause() -> None:
    """A moment, of different length for two who contend."""
    await asyncio.sleep(uniform(PAUSE_S, 4 * PAUSE_S))  # noqa: S311


def unavailable(message: str) -> Unavailable:
    return Unavailable(message, retry_after=RETRY_AFTER_S)
