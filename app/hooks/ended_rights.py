"""Stops webhooks with the rights of the people who made them: on disk, in the same transaction.

A loss that was missed, because an older Parley ran then, is found by a review when the server
starts and by each use.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

import structlog

from app.accounts.lost_rights import Loss
from app.accounts.models import User
from app.chat.models import Room
from app.errors import ParleyError
from app.hooks.models import Hook, IncomingHook
from app.hooks.rights import Rights
from app.hooks.store import IncomingStore, OutgoingStore
from app.storage.errors import DatabaseError
from app.storage.mongo import Transaction
from app.streams.models import Write

logger = structlog.get_logger("hooks")


class EndedRights:
    """`lose` and `leave` are called by accounts and chat, within their transactions."""

    def __init__(
        self,
        incoming: IncomingStore,
        outgoing: OutgoingStore,
        rights: Rights,
        clock: Callable[[], datetime],
    ) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._rights = rights
        self._clock = clock

    async def lose(self, user_id: str, loss: Loss, within: Transaction) -> None:
        """This person is demoted, disabled or deleted: all that they made stops."""
        for store in (self._incoming, self._outgoing):
            await store.stop_all_of(user_id, loss, self._clock(), within)

    def leave(self, room: Room, user_id: str) -> Iterator[Write]:
        """This person is no longer in a room: what they made there stops. An open room can still
        be read by them, so that what is delivered from it goes on."""
        yield self._incoming.stopping_in(room.id, user_id, self._clock())
        if room.kind != "open":
            yield self._outgoing.stopping_in(room.id, user_id, self._clock())

    async def review(self) -> None:
        """Stop the hooks that act without a right, once."""
        try:
            hooks: list[Hook] = [*await self._incoming.all(), *await self._outgoing.all()]
            for hook in hooks:
                if hook.stopped is None:
                    await self._look_at(hook)
        except (DatabaseError, ParleyError) as error:
            # Each use asks again, so that nothing is lost but the reason on the page.
            logger.warning("rights of hooks not reviewed", reason=type(error).__name__)

    async def _look_at(self, hook: Hook) -> None:
        maker = await self._rights.maker_of(hook)
        if isinstance(maker, User):
            return
        logger.warning("a hook has stopped", hook=hook.id, reason=maker)
        if isinstance(hook, IncomingHook):
            await self._incoming.stop(hook, maker, self._clock())
        else:
            await self._outgoing.stop(hook, maker, self._clock())
