"""One try at committing a group of changes, and what became of each.

Two ways, one result: an ordered append without a transaction for sends, a transaction for a group
that touches existing items or a feature's own documents. Called by the committer only.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from app.errors import Conflict, NotFound, ParleyError
from app.storage.mongo import DURABLE, Database
from app.streams.heads import Heads
from app.streams.log import Log
from app.streams.models import (
    ITEM,
    Batch,
    Change,
    Committed,
    Document,
    Item,
    entry_of,
    item_from,
)
from app.streams.store import ENTRIES

DUPLICATE_KEY = 11000
SNAPSHOT = ReadConcern("snapshot")
Seen = Callable[[str, int], None]


class Outcome(Struct, kw_only=True):
    """What one try achieved. `left` is tried again, after a pause where `must_wait`."""

    committed: list[tuple[Change, Committed]] = field(default_factory=list)
    refused: list[tuple[Change, ParleyError]] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    left: list[Change] = field(default_factory=list)
    must_wait: bool = False


def number(changes: Sequence[Change], heads: Mapping[str, int]) -> list[Document]:
    """The entries of a group, each stream continuing at its head without a gap."""
    following = dict(heads)
    entries = []
    for change in changes:
        following[change.stream] += 1
        entries.append(entry_of(change, following[change.stream]))
    return entries


def batches_of(entries: Sequence[Document], items: Mapping[str, Item]) -> list[Batch]:
    """One batch per stream of what was committed together; `items` by id, as they are now."""
    streams: dict[str, list[Document]] = {}
    for entry in entries:
        streams.setdefault(entry["stream"], []).append(entry)
    return [
        Batch(
            stream,
            claimed[0]["rev"] - 1,
            claimed[-1]["rev"],
            sorted(
                {i: items[i] for e in claimed if (i := touched_by(e)) in items}.values(),
                key=lambda item: item.rev,
            ),
        )
        for stream, claimed in streams.items()
    ]


def touched_by(entry: Document) -> str:
    """The id of the item that an entry appends or changes."""
    return str(entry.get("of") or entry["_id"])


def guarded(changes: Sequence[Change], outcome: Outcome) -> list[Change]:
    """Those whose guard still agrees; the others are refused in `outcome`."""
    agreed = []
    for change in changes:
        try:
            if change.guard is not None:
                change.guard()
            agreed.append(change)
        except ParleyError as refusal:
            outcome.refused.append((change, refusal))
    return agreed


class Attempt:
    """Tries groups against the database. Raises PyMongo's errors; the outcome is unknown then."""

    def __init__(self, database: Database, log: Log, heads: Heads, seen: Seen) -> None:
        self._client = database.client
        self._collection = database.collection
        self._entries = database.collection(ENTRIES)
        self._log = log
        self._heads = heads
        self._seen = seen

    async def commit(self, changes: Sequence[Change]) -> Outcome:
        """Try `changes` once, in their order."""
        outcome = Outcome()
        agreed = guarded(changes, outcome)
        if not agreed:
            return outcome
        if any(change.needs_transaction for change in agreed):
            await self._transact(agreed, outcome)
        else:
            await self._append(agreed, outcome)
        return outcome

    async def _append(self, changes: list[Change], outcome: Outcome) -> None:
        entries = number(changes, await self._heads.of(c.stream for c in changes))
        try:
            await self._entries.insert_many(entries, ordered=True)
            stands = len(entries)
        except BulkWriteError as error:
            stands = clash_index(error)
            outcome.left = changes[stands:]
            await self._explain(error, changes[stands], entries[stands], outcome)
        self._settle(changes[:stands], entries[:stands], {}, outcome)

    def _settle(
        self,
        changes: Sequence[Change],
        entries: Sequence[Document],
        amended: Mapping[str, Item],
        outcome: Outcome,
    ) -> None:
        items = {e["_id"]: item_from(e) for e in entries if "of" not in e} | dict(amended)
        outcome.batches += batches_of(entries, items)
        for batch in outcome.batches:
            self._heads.note(batch.stream, batch.rev)
        for change, entry in zip(changes, entries, strict=True):
            done = Committed(id=change.of or change.id, seq=entry["rev"], rev=entry["rev"])
            outcome.committed.append((change, done))

    async def _explain(
        self, error: BulkWriteError, change: Change, entry: Document, outcome: Outcome
    ) -> None:
        """Find out why `entry` met a unique index, so that the next try of what is left differs."""
        if "rev" in error.details["writeErrors"][0]["keyPattern"]:
            head = await self._heads.read(entry["stream"])
            self._seen(entry["stream"], head)
            # The other's commit is not safe yet: its rev is neither free nor explained.
            outcome.must_wait = head < entry["rev"]
        else:
            await self._recognise(outcome)
            outcome.must_wait = change in outcome.left

    async def _recognise(self, outcome: Outcome) -> None:
        """Give the repeats in what is left their first result."""
        changes = outcome.left
        found = await self._log.repeats([c.key for c in changes])
        outcome.left = [c for c in changes if c.key not in found]
        for change in changes:
            if change.key not in found:
                continue
            first, fingerprint = found[change.key]
            self._seen(change.stream, first.rev)
            if fingerprint == change.fingerprint:
                outcome.committed.append((change, first))
            else:
                outcome.refused.append((change, other_content()))

    async def _transact(self, changes: list[Change], outcome: Outcome) -> None:
        plan = Plan(await self._heads.of(c.stream for c in changes))
        async with (
            await self._client.start_session() as session,
            session.start_transaction(SNAPSHOT, DURABLE),
        ):
            items = await self._touched(changes, session)
            for change in changes:
                plan.take(change, items, outcome)
            if not await self._write(plan, session, outcome):
                await session.abort_transaction()
                return
            await session.commit_transaction()
        outcome.committed += plan.unchanged
        self._settle(plan.taken, plan.entries, plan.amended, outcome)

    async def _touched(self, changes: Sequence[Change], session: Any) -> dict[str, Item]:
        ids = [c.of for c in changes if c.of is not None]
        if not ids:
            return {}
        found = await self._entries.find({"_id": {"$in": ids}}, session=session).to_list(None)
        return {e["_id"]: item_from(e) for e in found if e["kind"] == ITEM}

    async def _write(self, plan: "Plan", session: Any, outcome: Outcome) -> bool:
        """All inserts, then all updates; False where it can't be, with what is left."""
        try:
            if plan.entries:
                await self._entries.insert_many(plan.entries, ordered=True, session=session)
            if plan.updates:
                await self._entries.bulk_write(plan.updates, session=session)
        except BulkWriteError as error:
            at = clash_index(error)
            await session.abort_transaction()
            outcome.left = plan.agreed
            await self._explain(error, plan.taken[at], plan.entries[at], outcome)
            return False
        for change in plan.taken:
            if not await self._write_own(change, session):
                refusal = change.writes[0].conflict or "Someone else changed this just now."
                outcome.refused.append((change, Conflict(refusal, field="name")))
                outcome.left = [c for c in plan.agreed if c is not change]
                return False
        return True

    async def _write_own(self, change: Change, session: Any) -> bool:
        """The feature's documents of one change; False where one meets a unique index."""
        try:
            for write in change.writes:
                await self._collection(write.collection).bulk_write(
                    [write.operation], session=session
                )
        except BulkWriteError as error:
            clash_index(error)
            return False
        return True


class Plan:
    """What a transaction will write: pure bookkeeping over the group, in its order."""

    def __init__(self, heads: Mapping[str, int]) -> None:
        self._following = dict(heads)
        self.entries: list[Document] = []
        self.taken: list[Change] = []
        self.amended: dict[str, Item] = {}
        self.unchanged: list[tuple[Change, Committed]] = []

    @property
    def agreed(self) -> list[Change]:
        """All that were not refused."""
        return [*self.taken, *(change for change, _ in self.unchanged)]

    @property
    def updates(self) -> list[UpdateOne]:
        """Each amended item's update, guarded so that an older one never overwrites a newer."""
        return [
            UpdateOne(
                {"_id": item.id, "latest": {"$lt": item.rev}},
                {"$set": {"latest": item.rev, "body": item.body, "deleted": item.deleted}},
            )
            for item in self.amended.values()
        ]

    def take(self, change: Change, items: dict[str, Item], outcome: Outcome) -> None:
        """Number `change` and amend its item in `items`, or note its refusal in `outcome`."""
        try:
            after = apply(change, items)
        except ParleyError as refusal:
            outcome.refused.append((change, refusal))
            return
        if after is not None and after is items[after.id]:
            done = Committed(id=after.id, seq=after.rev, rev=after.rev, is_repeat=True)
            self.unchanged.append((change, done))
            return
        rev = self._following[change.stream] = self._following[change.stream] + 1
        self.taken.append(change)
        self.entries.append(entry_of(change, rev))
        if after is not None:
            items[after.id] = self.amended[after.id] = replace(after, rev=rev)


def apply(change: Change, items: Mapping[str, Item]) -> Item | None:
    """The item after `change`, or None for one that appends."""
    if change.of is None or change.amend is None:
        return None
    before = items.get(change.of)
    if before is None or before.stream != change.stream:
        raise NotFound("There is no such item; it may have been removed.")
    return change.amend(before)


def clash_index(error: BulkWriteError) -> int:
    """Where an ordered write met a unique index; raises again what is anything else."""
    details = error.details
    errors = details.get("writeErrors", [])
    if details.get("writeConcernErrors") or not errors or errors[0]["code"] != DUPLICATE_KEY:
        raise error
    index: int = errors[0]["index"]
    return index


def other_content() -> Conflict:
    return Conflict(
        "This client_id was used before with other content; send again with a new one.",
        field="client_id",
    )
