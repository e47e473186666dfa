"""Stops webhooks whose makers lose their rights, in the transaction that takes the rights away.

A review at the start of the server, and each use of a hook, find losses that were missed because
an older version of Parley ran then.
"""

from collections.abc import Iterator

import structlog

from app.accounts.account_changes import Loss
from app.accounts.models import User
from app.chat.models import Room
from app.errors import ParleyError
from app.hooks.models import Hook, IncomingHook, StopReason
from app.hooks.rights import Rights, stopped
from app.hooks.store import IncomingStore, OutgoingStore
from app.storage.errors import DatabaseError
from app.storage.mongo import Transaction
from app.streams.models import Write
from app.times import Clock

logger = structlog.get_logger("hooks")


class EndedRights:
    """Accounts call `lose` and chat calls `leave` within their transactions."""

    def __init__(
        self,
        incoming: IncomingStore,
        outgoing: OutgoingStore,
        rights: Rights,
        clock: Clock,
    ) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._rights = rights
        self._clock = clock

    async def lose(self, user_id: str, loss: Loss, within: Transaction) -> None:
        """Stop all hooks of a person who is demoted, disabled or deleted."""
        for store in (self._incoming, self._outgoing):
            await store.stop_all_of(user_id, loss, self._clock(), within)

    def leave(self, room: Room, user_id: str) -> Iterator[Write]:
        """The writes that stop the hooks that a person made in a room when they leave it.

        Outgoing hooks of an open room go on, since its maker can still read it.
        """
        yield self._incoming.stopping_in(room.id, user_id, self._clock())
        if room.kind != "open":
            yield self._outgoing.stopping_in(room.id, user_id, self._clock())

    async def review(self) -> None:
        """Stop all hooks whose makers lack a right at this moment."""
        try:
            hooks: list[Hook] = [*await self._incoming.all(), *await self._outgoing.all()]
            for hook in hooks:
                if hook.stopped is None:
                    await self.maker_of(hook)
        except (DatabaseError, ParleyError) as error:
            # Each use of a hook asks again; until then only the page does not show the reason.
            logger.warning("rights of hooks not reviewed", reason=type(error).__name__)

    async def maker_of(self, hook: Hook) -> User | StopReason:
        """The person as whom `hook` acts, or the reason why they may not; then the hook stops."""
        maker = await self._rights.maker_of(hook)
        if not isinstance(maker, User):
            logger.warning("a hook has stopped", hook=hook.id, reason=maker)
            if isinstance(hook, IncomingHook):
                await self._incoming.stop(hook, maker, self._clock())
            else:
                await self._outgoing.stop(hook, maker, self._clock())
        return maker

    async def acting_for(self, hook: Hook) -> User:
        """The person as whom `hook` acts. Raises Forbidden where they may not; the hook stops."""
        maker = await self.maker_of(hook)
        if isinstance(maker, User):
            return maker
        raise stopped(maker)
