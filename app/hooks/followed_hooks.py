"""The outgoing webhooks that are on, as this process follows them: which have something to post."""

import asyncio
from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from app.hooks.models import OutgoingHook
from app.hooks.store import OutgoingStore
from app.streams.hub import Hub
from app.streams.models import Batch

# For hooks that other processes made or changed, or held when they died.
REFRESH_EVERY_S = 1.0


class FollowedHook:
    """A follower of the hook's stream, for the hub.

    The stream has come to the rev `head`; up to `done` there is nothing for this process to do.
    """

    def __init__(self, hook: OutgoingHook, wake: Callable[[], None]) -> None:
        self.id = hook.id
        self.stream = hook.place.stream
        self.head = 0
        self.done = 0
        self.retry_at: datetime | None = None
        self._wake = wake

    def deliver(self, batch: Batch) -> None:
        """The stream has new entries."""
        self.head = max(self.head, batch.rev)
        self._wake()

    def due_in_s(self, now: datetime) -> float | None:
        """In how many seconds there is something to post; None if there is nothing."""
        if self.head <= self.done:
            return None
        return (self.retry_at - now).total_seconds() if self.retry_at else 0.0


class FollowedHooks:
    """`me` is the id of this process as a holder of hooks; `wake` is called at new entries."""

    def __init__(self, me: str, store: OutgoingStore, hub: Hub, wake: Callable[[], None]) -> None:
        self._me = me
        self._store = store
        self._hub = hub
        self._wake = wake
        self._hooks: dict[str, FollowedHook] = {}
        self._refresh_at_s = 0.0

    def changed(self) -> None:
        """Hooks may have been made, deleted, or turned off or on."""
        self._refresh_at_s = 0.0
        self._wake()

    async def refresh(self, now: datetime) -> None:
        """Read which hooks are on, at most once a second. Raises DatabaseError."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._refresh_at_s:
            return
        self._refresh_at_s = loop.time() + REFRESH_EVERY_S
        hooks = {hook.id: hook for hook in await self._store.all_on()}
        for hook_id in self._hooks.keys() - hooks.keys():
            gone = self._hooks.pop(hook_id)
            self._hub.unfollow(gone.stream, gone)
        for hook in hooks.values():
            await self._update(hook, now)

    async def _update(self, hook: OutgoingHook, now: datetime) -> None:
        followed = self._hooks.get(hook.id) or await self._follow(hook)
        followed.retry_at = hook.retry_at
        followed.done = hook.cursor
        held = hook.held
        if held is None or held.by == self._me or held.until <= now or followed.head <= hook.cursor:
            return
        if await self._store.is_connected(held.process):
            followed.done = followed.head  # the process that holds it delivers these
        else:
            await self._store.free(hook.id, held.by)

    async def _follow(self, hook: OutgoingHook) -> FollowedHook:
        followed = FollowedHook(hook, self._wake)
        try:
            head = await self._hub.join(followed.stream, followed)
        except BaseException:
            self._hub.unfollow(followed.stream, followed)
            raise
        # Batches may have been delivered while it joined.
        followed.head = max(followed.head, head)
        self._hooks[hook.id] = followed
        return followed

    def due(self, now: datetime, busy: Collection[str]) -> Iterator[FollowedHook]:
        """Those with something to post now, without the `busy` ones; the one that was claimed
        longest ago first."""
        for followed in list(self._hooks.values()):
            due_in_s = followed.due_in_s(now)
            if followed.id not in busy and due_in_s is not None and due_in_s <= 0:
                yield followed

    def claimed(self, followed: FollowedHook) -> None:
        """Let the others come first next time."""
        self._hooks[followed.id] = self._hooks.pop(followed.id)

    def settled(
        self, hook_id: str, done: int | None = None, retry_at: datetime | None = None
    ) -> None:
        """Nothing to do up to the rev `done` (or the head), nor before `retry_at`, until a refresh
        or new entries say otherwise."""
        followed = self._hooks.get(hook_id)
        if followed is not None:
            followed.done = followed.head if done is None else done
            followed.retry_at = retry_at

    def idle_s(self, now: datetime) -> float:
        """Seconds until the next retry or refresh, whichever comes first."""
        waits = (followed.due_in_s(now) for followed in self._hooks.values())
        return min((w for w in waits if w is not None and w > 0), default=REFRESH_EVERY_S)
