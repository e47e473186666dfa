"""Commits a group that touches existing items or a feature's own documents: all of it or none.

Called by the attempt only.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from pymongo.errors import BulkWriteError, PyMongoError

from app.errors import Conflict
from app.storage.mongo import DURABLE, SNAPSHOT, Database
from app.storage.uncancelled import uncancelled
from app.streams.commit_errors import clash_index, is_contention, is_of_rev
from app.streams.group import Clash, Outcome, Plan, Unsettled, sign
from app.streams.log import Log
from app.streams.models import ITEM, Change, Item, Write, item_from
from app.streams.store import ENTRIES


class Abandoned(Exception):
    """Leaves a transaction that can't be committed; nothing of it is stored."""


class Transaction:
    """Writes one group a transaction. Every change that may be stored is noted in `unsettled`."""

    def __init__(self, database: Database, log: Log, unsettled: Unsettled, node: str = "") -> None:
        self._client = database.client
        self._collection = database.collection
        self._entries = database.collection(ENTRIES)
        self._log = log
        self._node = node
        self._unsettled = unsettled
        # Ids of changes along that are stored already, while their owner is not.
        self._known: set[str] = set()

    async def commit(
        self, changes: Sequence[Change], heads: Mapping[str, int], outcome: Outcome
    ) -> None:
        """Try once; refusals and clashes are noted in `outcome`."""
        await uncancelled(self._commit(changes, heads, outcome))

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
        outcome.stand(plan.taken, plan.entries, plan.amended, plan.along_entries)
        self.forget(changes)

    def leave_out(self, part: Change) -> None:
        """Commit the owner of `part` without it: it is stored already."""
        self._known.add(part.id)

    def forget(self, changes: Iterable[Change]) -> None:
        """Forget what was noted for changes whose fate is known."""
        self._known.difference_update(part.id for change in changes for part in change.along)

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
        # Read within the transaction: beside a node that appends without a pause, a head read
        # before it would always be outdated. The head may not be safe yet, but then this
        # transaction's own commit waits for it, or fails with it.
        missing = {p.stream for c in changes for p in c.parts} - heads.keys()
        heads = {**heads, **await self._log.heads(missing, session)}
        plan = planned(changes, heads, items, self._known)
        if not plan.idle:
            return plan
        # A change that is refused or has no effect may be a repeat whose item was changed since.
        found = await self._log.repeats([c.key for c in plan.idle], session)
        if not found:
            return plan
        for change in changes:
            if change.key in found:
                outcome.repeat(change, *found[change.key])
        return planned([c for c in changes if c.key not in found], heads, items, self._known)

    async def _touched(self, changes: Sequence[Change], session: Any) -> dict[str, Item]:
        ids = list({p.of for c in changes for p in c.parts if p.of is not None})
        if not ids:
            return {}
        found = await self._entries.find({"_id": {"$in": ids}}, session=session).to_list(None)
        return {e["_id"]: item_from(e) for e in found if e["kind"] == ITEM}

    async def _write(self, plan: Plan, session: Any, outcome: Outcome) -> None:
        if not plan.taken:
            return
        sign(plan.entries, self._node)
        sign(plan.along_entries, self._node)
        try:
            done = await self._entries.bulk_write(plan.operations, session=session)
        except BulkWriteError as error:
            change, part, entry = plan.inserted(clash_index(error))
            outcome.clash = Clash(change, part, entry["rev"], is_of_rev(error))
            raise Abandoned from error
        if done.matched_count != len(plan.amended):
            raise RuntimeError("an item is newer than its stream's head; the log is damaged")
        for change in plan.taken:
            for write in change.writes:
                await self._write_own(change, write, session, outcome)

    async def _write_own(
        self, change: Change, write: Write, session: Any, outcome: Outcome
    ) -> None:
        """Write a feature's document; where it meets a unique index, its change is refused."""
        try:
            await self._collection(write.collection).bulk_write([write.operation], session=session)
        except BulkWriteError as error:
            clash_index(error)
            said = write.conflict or "Someone else changed this just now; look again."
            outcome.refused.append((change, Conflict(said, field=write.field)))
            raise Abandoned from error


def planned(
    changes: Sequence[Change],
    heads: Mapping[str, int],
    items: Mapping[str, Item],
    known: Container[str],
) -> Plan:
    """The plan of a whole group."""
    plan = Plan(heads, items, known)
    for change in changes:
        plan.take(change)
    return plan
