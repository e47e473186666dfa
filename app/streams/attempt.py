"""One try at committing a group of changes, and the search for why it met a unique index.

Two ways, one result: an ordered append without a transaction for sends, a transaction for a group
that touches existing items or a feature's own documents. Called by the committer only.
"""

from collections.abc import Callable, Sequence

from pymongo.errors import BulkWriteError, ServerSelectionTimeoutError

from app.storage.mongo import Database
from app.streams.heads import Heads
from app.streams.log import Log
from app.streams.models import Change
from app.streams.outcome import Clash, Outcome
from app.streams.plan import number
from app.streams.store import ENTRIES
from app.streams.transaction import Transaction
from app.streams.uncertain_commits import Unsettled, clash_index, is_of_rev

Seen = Callable[[str, int], None]


class Attempt:
    """Tries groups against the database. Raises the driver's errors; `unsettled` holds the changes
    whose fate they leave open."""

    def __init__(self, database: Database, log: Log, heads: Heads, seen: Seen) -> None:
        self.unsettled = Unsettled()
        self._entries = database.collection(ENTRIES)
        self._transaction = Transaction(database, log, self.unsettled)
        self._log = log
        self._heads = heads
        self._seen = seen

    async def commit(self, changes: Sequence[Change]) -> Outcome:
        """Try `changes` once, in their order. A clash has to be explained before the next try."""
        outcome = Outcome()
        agreed = [c for c in changes if c in self.unsettled or outcome.agrees(c)]
        if agreed:
            streams = {p.stream for c in agreed for p in c.parts}
            if any(change.needs_transaction for change in agreed):
                await self._transaction.commit(agreed, self._heads.known(streams), outcome)
            else:
                await self._append(agreed, await self._heads.of(streams), outcome)
        for batch in outcome.batches:
            self._heads.note(batch.stream, batch.rev)
        return self._settled(outcome)

    async def _append(self, changes: list[Change], heads: dict[str, int], outcome: Outcome) -> None:
        """Insert in order; the entries before a clash stand."""
        entries = number(changes, heads)
        handed = self.unsettled.note(changes)
        try:
            await self._entries.insert_many(entries, ordered=True)
            stands = len(entries)
        except ServerSelectionTimeoutError:
            self.unsettled.take_back(handed)  # Nothing was sent.
            raise
        except BulkWriteError as error:
            stands = clash_index(error)
            clashed, rev = changes[stands], entries[stands]["rev"]
            outcome.clash = Clash(clashed, clashed, rev, is_of_rev(error))
            self.unsettled.take_back(handed)
        outcome.stand(changes[:stands], entries[:stands])

    async def explain(self, clash: Clash, changes: Sequence[Change]) -> Outcome:
        """Find out why `clash` came, so that the next try of `changes` differs from this one."""
        outcome = Outcome()
        if clash.is_of_rev and any(change.needs_transaction for change in changes):
            # The next try reads the head within its transaction, nearer to its claim.
            self._heads.forget([clash.part.stream])
        elif clash.is_of_rev:
            head = await self._heads.read(clash.part.stream)
            self._seen(clash.part.stream, head)
            # The other commit is not safe yet: its rev is neither free nor explained.
            outcome.must_wait = head < clash.rev
        else:
            await self._recognise(clash, changes, outcome)
        return self._settled(outcome)

    async def _recognise(self, clash: Clash, changes: Sequence[Change], outcome: Outcome) -> None:
        """Give the repeats among `changes` their first result."""
        repeat = clash.part
        found = await self._log.repeats([repeat.key, *(c.key for c in changes)])
        for change in changes:
            if change.key in found:
                outcome.repeat(change, *found[change.key])
        if clash.change.key in found:
            return
        if repeat.key in found:
            self._transaction.leave_out(repeat)
            return
        # The repeated entry is not safe yet; unless its id belongs to another entry for good.
        if await self._log.key_of(repeat.id) in (None, repeat.key):
            outcome.must_wait = True
        else:
            outcome.refused.append((clash.change, RuntimeError(f"the id {repeat.id} is taken")))

    def _settled(self, outcome: Outcome) -> Outcome:
        self.unsettled.settle(c for c, _ in (*outcome.committed, *outcome.refused))
        for change, done in outcome.committed:
            if done.is_repeat:
                self._seen(change.stream, done.rev)
        return outcome
