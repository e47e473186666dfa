"""One try at committing a group of changes, and the search for why it met a unique index.

Two ways, one result: an ordered append without a transaction for sends, a transaction for a group
that touches existing items or a feature's own documents. Called by the committer only.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from pymongo.errors import BulkWriteError, ServerSelectionTimeoutError

from app.storage.mongo import Database
from app.streams.commit_errors import clash_index, is_of_rev
from app.streams.group import Clash, Outcome, Unsettled, number, sign
from app.streams.log import Log
from app.streams.models import Change
from app.streams.store import ENTRIES
from app.streams.transaction import Transaction

FRESH_S = 30.0
CAPACITY = 10_000

Seen = Callable[[str, int], None]


class Heads:
    """A bounded cache of heads. One unused for 30 s is read again: retention may have passed it."""

    def __init__(self, log: Log, clock: Callable[[], float]) -> None:
        self._log = log
        self._clock = clock
        self._known: OrderedDict[str, tuple[int, float]] = OrderedDict()

    async def of(self, streams: set[str]) -> dict[str, int]:
        """The head of each of `streams`, from memory where that is fresh enough."""
        fresh = self.known(streams)
        missing = streams - fresh.keys()
        if not missing:
            return fresh
        for stream, head in (await self._log.heads(missing)).items():
            fresh[stream] = self.note(stream, head)
        return fresh

    def known(self, streams: set[str]) -> dict[str, int]:
        """The heads of those of `streams` whose memory is fresh enough."""
        return {s: self._known[s][0] for s in streams & self._known.keys() if self._is_fresh(s)}

    def _is_fresh(self, stream: str) -> bool:
        return self._clock() - self._known[stream][1] < FRESH_S

    def note(self, stream: str, head: int) -> int:
        """Remember that `stream` ends at `head` or beyond, and return what is known of it.

        A head never goes back: only a member that is cut off from the others reads an older one.
        """
        head = max(head, self._known.get(stream, (0, 0.0))[0])
        self._known[stream] = (head, self._clock())
        self._known.move_to_end(stream)
        while len(self._known) > CAPACITY:
            self._known.popitem(last=False)
        return head

    async def read(self, stream: str) -> int:
        """The head as the database has it now, remembered."""
        return self.note(stream, await self._log.head(stream))

    def forget(self, streams: Iterable[str]) -> None:
        """Trust nothing about `streams`: the outcome of a commit is unknown."""
        for stream in streams:
            self._known.pop(stream, None)


class Attempt:
    """Tries groups against the database. Raises the driver's errors; `unsettled` holds the changes
    whose fate they leave open."""

    def __init__(
        self,
        database: Database,
        log: Log,
        clock: Callable[[], float],
        seen: Seen,
        node: str = "",
    ) -> None:
        self.unsettled = Unsettled()
        self.heads = Heads(log, clock)
        self._entries = database.collection(ENTRIES)
        self._transaction = Transaction(database, log, self.unsettled, node)
        self._log = log
        self._seen = seen
        self._node = node

    async def commit(self, changes: Sequence[Change]) -> Outcome:
        """Try `changes` once, in their order. A clash has to be explained before the next try."""
        outcome = Outcome()
        agreed = [c for c in changes if c in self.unsettled or outcome.agrees(c)]
        if agreed:
            streams = {p.stream for c in agreed for p in c.parts}
            if any(change.needs_transaction for change in agreed):
                await self._transaction.commit(agreed, self.heads.known(streams), outcome)
            else:
                await self._append(agreed, await self.heads.of(streams), outcome)
        for batch in outcome.batches:
            self.heads.note(batch.stream, batch.rev)
        return self._settled(outcome)

    async def _append(self, changes: list[Change], heads: dict[str, int], outcome: Outcome) -> None:
        """Insert in order; the entries before a clash stand."""
        entries = number(changes, heads)
        sign(entries, self._node)
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
            self.heads.forget([clash.part.stream])
        elif clash.is_of_rev:
            head = await self.heads.read(clash.part.stream)
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
