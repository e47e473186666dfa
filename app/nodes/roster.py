"""Keeps this node's lease, and knows the nodes that are alive.

A lease is renewed every two seconds and ends after five, by the database's clock. A node that is
missing from what the database answers is dead, except after an outage of the database, in which
nobody could renew; and except where its beats arrive over the bus: then it has only lost the
database for a while, and its people are still connected to it.
"""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress

import structlog

from app.nodes.models import DrainRequest, NodeReport
from app.nodes.presence_exchange import PresenceExchange
from app.nodes.store import FORGOTTEN_AFTER_S, LEASE_S, NodeStore
from app.signals import Signal
from app.storage.background import next_news
from app.storage.errors import DatabaseError

RENEW_EVERY_S = 2.0
LOOK_EVERY_S = 1.0
# However many hints come, this often at most.
SHORTEST_S = 0.1
FORGET_EVERY_S = 30.0
ENDS_WITHIN_S = 1.0

log = structlog.get_logger("nodes")


class Roster:
    """`node_id` is this node, and `report` returns how it is; `drain` is called when somebody asked
    it to drain (True) or to stop draining (False). `beats` says whether the beats of another node
    arrive.

    `seen` tells the ids of the living nodes after each look that can tell dead ones.
    """

    def __init__(
        self,
        node_id: str,
        store: NodeStore,
        people: PresenceExchange,
        report: Callable[[], NodeReport],
        drain: Callable[[bool], None],
        monotonic: Callable[[], float],
        beats: Callable[[str], bool],
    ) -> None:
        self._node_id = node_id
        self._beats = beats
        self._store = store
        self._people = people
        self._report = report
        self._drain = drain
        self._monotonic = monotonic
        self.seen: Signal[frozenset[str]] = Signal("nodes seen")
        self._living: dict[str, NodeReport] = {}
        # Until when a node lives by its beats alone.
        self._lives_until: dict[str, float] = {}
        self._news = asyncio.Event()
        self._is_renewed = False
        self._request: DrainRequest | None = None
        self._renews_at = self._forgets_at = self._judges_at = -1.0

    def __len__(self) -> int:
        """How many nodes were alive at the last look, this one among them."""
        return len(self._living)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the nodes that were alive at the last look."""
        return frozenset(self._living)

    async def nodes(self) -> list[NodeReport]:
        """The nodes that are alive, by name; this one as it is now. Raises DatabaseError."""
        own = self._report()
        return [own if node.id == own.id else node for node in await self._store.living()]

    @property
    def server_drains(self) -> bool:
        """Whether another worker of this one's server drained at the last look."""
        own = self._living.get(self._node_id)
        if own is None or not own.server:
            return False
        others = [node for node in self._living.values() if node.id != own.id]
        return any(n.server == own.server and n.state == "draining" for n in others)

    def look(self) -> None:
        """Look at the other nodes soon: a hint says that something has changed."""
        self._news.set()

    def renew(self) -> None:
        """Renew the lease soon: others should know how this node is now."""
        self._renews_at = -1.0
        self.look()

    async def begin(self) -> None:
        """Take the lease, and read who is on the other nodes. Raises DatabaseError."""
        await self._round()

    async def run(self) -> None:
        """Renew and look, for ever."""
        while True:
            await asyncio.sleep(SHORTEST_S)
            await next_news(self._news, LOOK_EVERY_S - SHORTEST_S)
            await self.tries()

    async def end(self) -> None:
        """Renew a last time, where the lease was taken: its people get all of it to be elsewhere.

        Does not wait long for a database that is away.
        """
        if self._is_renewed:
            with suppress(DatabaseError, TimeoutError):
                async with asyncio.timeout(ENDS_WITHIN_S):
                    await self._renew()

    async def tries(self) -> bool:
        """Renew where that is due, and look. False where the database is away."""
        try:
            await self._round()
        except DatabaseError as error:
            log.warning("lease waits", reason=type(error).__name__)
            # Others can't renew either; they get the time for it.
            self._judges_at = self._monotonic() + LEASE_S
            self._renews_at = -1.0
            return False
        return True

    async def _round(self) -> None:
        if self._monotonic() >= self._renews_at:
            await self._renew()
        await self._look()
        if self._monotonic() >= self._forgets_at:
            await self._store.forget_dead()
            self._forgets_at = self._monotonic() + FORGET_EVERY_S

    async def _renew(self) -> None:
        due = self._monotonic() + RENEW_EVERY_S
        renewal = await self._store.renew(self._report())
        self._renews_at = due
        if self._is_renewed and not renewal.was_there:
            # It was away for so long that others have deleted it, with its people.
            self._people.rewrite_all()
        self._is_renewed = True
        if renewal.request is not None and renewal.request != self._request:
            self._drain(renewal.request.drains)
        self._request = renewal.request

    async def _look(self) -> None:
        found = {node.id: node for node in await self._store.living()}
        judges = self._monotonic() >= self._judges_at
        held = self._without_lease(found.keys()) if judges else self._living
        found = {**held, **found}
        if found.keys() != self._living.keys():
            log.info("nodes alive", names=[node.name for node in found.values()])
        self._living = found
        if judges:
            self.seen.tell(self.ids)
        self._people.set_has_peers(has_peers=bool(found.keys() - {self._node_id}))
        await self._people.catch_up(found.values())

    def _without_lease(self, leased: Collection[str]) -> dict[str, NodeReport]:
        """The nodes that have lost their lease and still beat. They hold on for as long as others
        keep what they wrote."""
        now = self._monotonic()
        until = {n: self._lives_until.get(n, now + FORGOTTEN_AFTER_S) for n in self._living}
        self._lives_until = {node: at for node, at in until.items() if node not in leased}
        return {
            node: self._living[node]
            for node, at in self._lives_until.items()
            if now < at and self._beats(node)
        }
