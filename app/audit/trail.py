"""The audit trail: who did what, to whom, from where, and whether it was allowed.

A service runs each audited action within `AuditTrail.action`, so that it leaves the same entry
over every transport. Passwords, tokens, codes, the secrets of webhooks and texts are never stored.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from msgspec import Struct

from app import times
from app.audit.actor import COMMAND_LINE, Actor, HasActor
from app.audit.refusals import Refusals
from app.audit.store import AuditStore, Fields
from app.errors import ParleyError, RateLimited
from app.ids import new_id
from app.storage.errors import DatabaseError
from app.storage.mongo import Database
from app.times import Clock

ABOUT_CHARACTERS = 64

log = structlog.get_logger("security")


class Action(Struct):
    """An action that is under way. `about` names the account or thing that it is done to."""

    kind: str
    actor: Actor
    about: str | None = None


class AuditTrail:
    """Writes the entries, during a restore those of the collections named `prefix + name`."""

    def __init__(
        self,
        database: Database,
        prefix: str = "",
        *,
        new_id: Callable[[], str] = new_id,
        clock: Clock = times.now,
    ) -> None:
        self._store = AuditStore(database, prefix)
        self._new_id = new_id
        self._clock = clock
        self._refusals = Refusals()

    @asynccontextmanager
    async def action(
        self, kind: str, by: HasActor | None, about: str | None = None
    ) -> AsyncIterator[Action]:
        """Write one entry when the body is done, or count a refusal when it raises a ParleyError.

        `by` is None for the command line. The body can set `about` of what this yields.
        """
        async with self.refusals(kind, by, about) as action:
            yield action
        await self._write(action, allowed=True)

    @asynccontextmanager
    async def refusals(
        self, kind: str, by: HasActor | None, about: str | None = None
    ) -> AsyncIterator[Action]:
        """Count a refusal when the body raises a ParleyError other than RateLimited."""
        action = Action(kind, by.actor if by is not None else COMMAND_LINE, about)
        try:
            yield action
        except RateLimited:
            raise
        except ParleyError:
            await self._write(action, allowed=False)
            raise

    async def done(self, kind: str, by: HasActor | None, about: str | None = None) -> None:
        """Write the entry of an action that was done."""
        async with self.action(kind, by, about):
            pass

    async def _write(self, action: Action, *, allowed: bool) -> None:
        """Store or count the action. A failing database is logged; the action stays done."""
        entry_id, at, actor = self._new_id(), self._clock(), action.actor
        fields: Fields = {
            "kind": action.kind,
            "user": actor.user,
            "name": actor.name,
            "about": action.about and action.about[:ABOUT_CHARACTERS],
            "address": actor.address,
            "allowed": allowed,
        }
        try:
            if allowed:
                await self._store.add(entry_id, at, fields)
            else:
                key = self._refusals.key(action.kind, actor.user, actor.address, at)
                await self._store.count(key, entry_id, at, fields)
        except DatabaseError as error:
            log.error("audit entry lost", reason=type(error).__name__, **fields)  # noqa: TRY400
