"""Writes one flush: a tally into the database, exactly once, also where an answer is lost."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from msgspec import Struct

from app.analytics import rollups
from app.analytics.active_visitors import milliseconds, packed, paired
from app.analytics.counted_names import CountedNames
from app.analytics.models import Accepted
from app.analytics.store.figures import GAUGE_IS_FRESH_S
from app.analytics.store.flushes import (
    RAW_AT_ONCE,
    ArrivalStore,
    FlushStore,
    RawStore,
    RollupStore,
    RollupUpdate,
    change,
)
from app.analytics.tally import Tally
from app.analytics.time_buckets import Key
from app.analytics.write_retry import Retry
from app.storage.errors import DatabaseError
from app.storage.mongo import DURABLE, SNAPSHOT, Database
from app.storage.uncancelled import uncancelled

FRESH = timedelta(seconds=GAUGE_IS_FRESH_S)
# How many parts of the raw events are written at the same time.
RAW_BESIDE = 4

log = structlog.get_logger("analytics")


class Flush(Struct, frozen=True, kw_only=True):
    """The content of one flush. `arrivals` is visitor hash → last arrival in ms; `signed_in` the
    same for anonymous visitors who turned out to be users."""

    seq: int
    at: datetime
    tally: Tally
    arrivals: Mapping[int, int]
    signed_in: Mapping[int, int]
    gauges: Mapping[str, int]


class Flusher:
    """Writes flushes of one node, one at a time and in order."""

    def __init__(self, database: Database, node: str, names: CountedNames) -> None:
        self._client = database.client
        self._node = node
        self._names = names
        self._flushes = FlushStore(database, node)
        self._arrivals = ArrivalStore(database)
        self._rollups = RollupStore(database)
        self._raw = RawStore(database)

    async def write(self, flush: Flush) -> None:
        """Write all of it, also if the database has to come back first; logs what it gives up."""
        await asyncio.gather(self._figures(flush), self._events(flush.tally.raw))

    async def _figures(self, flush: Flush) -> None:
        # In a thread: with many visitors this takes longer than the event loop may be held up.
        sketches = await asyncio.to_thread(rollups.Sketches, flush.tally)
        retry = Retry()
        while True:
            try:
                return await uncancelled(self._try(flush, sketches))
            except Exception as error:
                if not await retry.is_worthwhile_after(error):
                    log.exception("figures lost", events=len(flush.tally.raw))
                    return None

    async def _try(self, flush: Flush, sketches: rollups.Sketches) -> None:
        async with (
            await self._client.start_session() as session,
            session.start_transaction(SNAPSHOT, DURABLE),
        ):
            fields = {"at": flush.at, "gauges": dict(flush.gauges)}
            if not await self._flushes.claim(flush.seq, fields, session):
                await session.abort_transaction()
                return
            admission = await self._names.admit(
                flush.tally.vouched, flush.tally.proposed, flush.at, session
            )
            await self._roll(flush, sketches, admission.names, session)
            await self._arrive(flush, session)
            await session.commit_transaction()
        self._names.keep(admission)

    async def _roll(
        self, flush: Flush, sketches: rollups.Sketches, admitted: rollups.Admitted, session: Any
    ) -> None:
        tally = flush.tally
        elsewhere = await self._flushes.shown_elsewhere(flush.at - FRESH, session)
        stored = await self._rollups.sketches(sketches.keys, session)
        days = await self._rollups.days(sketches.days, session)
        changes = await asyncio.to_thread(_sketched, sketches, stored)
        changes += [
            *(change(k, {"$inc": {"n": n}}) for k, n in rollups.counts(tally, admitted).items()),
            *(change(k, {"$max": {"peak": n}}) for k, n in rollups.shown(tally, elsewhere).items()),
        ]
        merged_days = await asyncio.to_thread(sketches.merged_days, days)
        await self._rollups.write(changes, merged_days, session)

    async def _arrive(self, flush: Flush, session: Any) -> None:
        if not flush.arrivals:
            return
        at_ms = milliseconds(flush.at)
        arrivals, sketch = packed(flush.arrivals, at_ms)
        document: dict[str, Any] = {"node": self._node, "seq": flush.seq, "at": flush.at}
        document |= {"arrivals": arrivals} if sketch is None else {"hll": sketch}
        if flush.signed_in:
            document["signed_in"] = paired(flush.signed_in, at_ms)
        await self._arrivals.add(document, session)

    async def _events(self, events: Sequence[Accepted]) -> None:
        parts = [events[n : n + RAW_AT_ONCE] for n in range(0, len(events), RAW_AT_ONCE)]
        for first in range(0, len(parts), RAW_BESIDE):
            some = parts[first : first + RAW_BESIDE]
            await asyncio.gather(*(self._insert(part) for part in some))

    async def _insert(self, events: Sequence[Accepted]) -> None:
        """Insert raw events; before another try, leave out those that are stored already."""
        retry, is_known = Retry(), True
        while events:
            try:
                if not is_known:
                    events = await self._raw.missing(events)
                is_known = False
                return await self._raw.insert(events)
            except Exception as error:  # noqa: BLE001  # sorted out there, told where hopeless
                if not await retry.is_worthwhile_after(error):
                    return await self._part(events, error)
        return None

    async def _part(self, events: Sequence[Accepted], error: Exception) -> None:
        """Give up what the database refused; halve what can't be encoded to save the rest."""
        if len(events) == 1 or isinstance(error, DatabaseError):
            # An unordered insert has stored those that it could.
            log.error("events lost", count=len(events), exc_info=error)
            return
        middle = len(events) // 2
        for half in (events[:middle], events[middle:]):
            await self._insert(half)


def _sketched(
    sketches: rollups.Sketches, stored: Mapping[Key, Mapping[str, Any]]
) -> list[RollupUpdate]:
    return [change(k, {"$set": {field: s}}) for k, field, s in sketches.merged(stored)]
