"""Commits a group that touches existing items or a feature's own documents: all of it or none.

Called by the attempt only.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.errors import BulkWriteError, PyMongoError
from pymongo.read_concern import ReadConcern

from app.errors import Conflict
from app.storage.mongo import DURABLE, Database
from app.storage.unbroken import unbroken
from app.streams.log import Log
from app.streams.models import ITEM, Change, Item, Write, item_from
from app.streams.outcome import Clash, Outcome
from app.streams.plan import Plan
from app.streams.store import ENTRIES
from app.streams.unsettled import Unsettled, clash_index, is_contention, is_of_rev

SNAPSHOT = ReadConcern("snapshot")


class Abandoned(Exception):
    """Leaves a transaction that can't be; nothing of it is stored."""


class Transaction:
    """Writes one group a transaction. Every change that may be stored is noted in `unsettled`."""

    def __init__(self, database: Database, log: Log, unsettled: Unsettled) -> None:
        self._client = database.client
        self._collection = database.collection
        self._entries = database.collection(ENTRIES)
        self._log = log
        self._unsettled = unsettled

    async def commit(
        self, changes: Sequence[Change], heads: Mapping[str, int], outcome: Outcome
    ) -> None:
        """Try once; what can't be, and why, is noted in `outcome`."""
        await unbroken(self._commit(changes, heads, outcome))

    async def _commit(
        self, changes: Sequence[Change], heads: Mapping[str, int], outcome: Outcome
    ) -> None:
        try:
            async with (
                await self._client.start_session() as session,
                session.start_transaction(SNAPSHOT, DURABLE),
            ):
                plan = await self._plan(changes, heads, session, outcome)
                await self._write(plan, session, outcome)
                await self._finish(changes, session)
        except Abandoned:
            return
        outcome.committed += plan.unchanged
        outcome.refused += plan.refused
        outcome.stand(plan.taken, plan.entries, plan.amended)

    async def _finish(self, changes: Sequence[Change], session: Any) -> None:
        handed = self._unsettled.note(changes)
        try:
            await session.commit_transaction()
        except PyMongoError as error:
            if is_contention(error):
                self._unsettled.take_back(handed)
            raise

    async def _plan(
        self, changes: Sequence[Change], heads: Mapping[str, int], session: Any, outcome: Outcome
    ) -> Plan:
        items = await self._touched(changes, session)
        # Read here, a head is as new as the claim that follows: beside a node that appends without
        # a pause, one read before the transaction would always be old. It may not be safe yet, but
        # then this transaction's own commit waits for it, or fails with it.
        missing = {c.stream for c in changes} - heads.keys()
        heads = {**heads, **await self._log.heads(missing, session)}
        plan = planned(changes, heads, items)
        if not plan.idle:
            return plan
        # What would be refused or change nothing may be a repeat, its item changed since.
        found = await self._log.repeats([c.key for c in plan.idle], session)
        if not found:
            return plan
        for change in changes:
            if change.key in found:
                outcome.repeat(change, *found[change.key])
        return planned([c for c in changes if c.key not in found], heads, items)

    async def _touched(self, changes: Sequence[Change], session: Any) -> dict[str, Item]:
        ids = list({c.of for c in changes if c.of is not None})
        if not ids:
            return {}
        found = await self._entries.find({"_id": {"$in": ids}}, session=session).to_list(None)
        return {e["_id"]: item_from(e) for e in found if e["kind"] == ITEM}

    async def _write(self, plan: Plan, session: Any, outcome: Outcome) -> None:
        if not plan.taken:
            return
        try:
            done = await self._entries.bulk_write(plan.operations, session=session)
        except BulkWriteError as error:
            at = clash_index(error)
            entry = plan.entries[at]
            outcome.clash = Clash(plan.taken[at], entry["rev"], is_of_rev(error))
            raise Abandoned from error
        if done.matched_count != len(plan.amended):
            raise RuntimeError("an item is newer than its stream's head; the log is damaged")
        for change in plan.taken:
            for write in change.writes:
                await self._write_own(change, write, session, outcome)

    async def _write_own(
        self, change: Change, write: Write, session: Any, outcome: Outcome
    ) -> None:
        """A feature's document; one that meets a unique index refuses its change."""
        try:
            await self._collection(write.collection).bulk_write([write.operation], session=session)
        except BulkWriteError as error:
            clash_index(error)
            said = write.conflict or "Someone else changed this just now; look again."
            outcome.refused.append((change, Conflict(said, field=write.field)))
            raise Abandoned from error


def planned(changes: Sequence[Change], heads: Mapping[str, int], items: Mapping[str, Item]) -> Plan:
    """The plan of a whole group."""
    plan = Plan(heads, items)
    for change in changes:
        plan.take(change)
    return plan
