"""Tells the other nodes who is connected to this one, and reads who is connected to them.

The changes of some 100 ms are written together, and go over the bus as a hint. A node that missed a
hint sees a higher `rev` in the other's lease and reads what has changed. While there is no other
node nothing is written.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

import structlog
from msgspec import Struct

from app.nodes.models import NodeReport, PresenceVersion
from app.nodes.remote_presence import RemotePresence
from app.nodes.store import NodeStore
from app.storage.errors import DatabaseError

FLUSH_S = 0.1
RETRY_S = 1.0
# People who have left are kept for others to read of it, but not for ever. A node that was away
# for half of that time reads all people anew.
GONE_KEPT_S = 60.0
TRUSTED_S = GONE_KEPT_S / 2
# A hint with more changes only says where to read them.
CHANGES_IN_A_HINT = 100

log = structlog.get_logger("nodes")


class PresenceHint(Struct, kw_only=True):
    """The changes of a node from `prev` to `rev`; None where they have to be read."""

    node: str
    epoch: int
    prev: int
    rev: int
    changes: dict[str, str | None] | None = None


class KnownPresence(Struct):
    """How far the people of another node are known, and when that was last so."""

    version: PresenceVersion
    at: float


class PresenceExchange:
    """`publish` sends a hint to the other nodes; `on_missed` is called when hints were missed.

    `version` is how far this node's people are written, and `others` holds those of other nodes.
    """

    def __init__(
        self,
        node_id: str,
        store: NodeStore,
        publish: Callable[[PresenceHint], None],
        on_missed: Callable[[], None],
        monotonic: Callable[[], float],
    ) -> None:
        self.version = PresenceVersion()
        self.others = RemotePresence()
        self._node_id = node_id
        self._store = store
        self._publish = publish
        self._on_missed = on_missed
        self._monotonic = monotonic
        self._own: dict[str, str] = {}
        self._changed: set[str] = set()
        self._news = asyncio.Event()
        self._has_peers = False
        self._rewrites_all = True
        self._is_frozen = False
        self._gone: deque[tuple[float, int]] = deque()
        self._known: dict[str, KnownPresence] = {}
        self._announced: dict[str, PresenceVersion] = {}

    def __len__(self) -> int:
        """How many people are connected to this node."""
        return len(self._own)

    # This node's people.

    def note(self, user_id: str, value: str | None) -> None:
        """The presence of a person on this node has changed; None when they have left."""
        if value is None:
            self._own.pop(user_id, None)
        else:
            self._own[user_id] = value
        if self._has_peers and not self._is_frozen:
            self._changed.add(user_id)
            self._news.set()

    def freeze(self) -> None:
        """Tell nothing more: this node stops, and its clients go to others. Its people stay until
        its lease ends, so that nobody is away meanwhile."""
        self._is_frozen = True
        self._changed.clear()

    def set_has_peers(self, *, has_peers: bool) -> None:
        """Note whether there are other nodes. With the first one all people are written."""
        if has_peers and not self._has_peers:
            self.rewrite_all()
        self._has_peers = has_peers

    def rewrite_all(self) -> None:
        """Write all people again: nobody can rely on what is in the store."""
        self._rewrites_all = True
        self._news.set()

    async def run(self) -> None:
        """Write what has changed, for ever."""
        while True:
            await self._news.wait()
            await asyncio.sleep(FLUSH_S)
            self._news.clear()
            if not self._has_peers or self._is_frozen:
                continue
            try:
                await self.flush()
                await self._forget_gone()
            except DatabaseError as error:
                log.warning("presence waits", reason=type(error).__name__)
                self._news.set()
                await asyncio.sleep(RETRY_S)

    async def flush(self) -> None:
        """Write what has changed now. Raises DatabaseError; what was not written stays changed."""
        rewrites_all, changed = self._rewrites_all, self._changed
        self._rewrites_all, self._changed = False, set()
        epoch = self.version.epoch + rewrites_all
        prev, rev = self.version.rev, self.version.rev + 1
        try:
            if rewrites_all:
                await self._store.forget_people(self._node_id)
                changed = set(self._own)
            changes = {user_id: self._own.get(user_id) for user_id in changed}
            await self._store.write_people(self._node_id, rev, changes)
        except DatabaseError:
            self._rewrites_all |= rewrites_all
            self._changed |= changed
            raise
        self.version = PresenceVersion(epoch=epoch, rev=rev)
        if None in changes.values():
            self._gone.append((self._monotonic() + GONE_KEPT_S, rev))
        is_short = not rewrites_all and len(changes) <= CHANGES_IN_A_HINT
        shown = changes if is_short else None
        self._publish(
            PresenceHint(node=self._node_id, epoch=epoch, prev=prev, rev=rev, changes=shown)
        )

    async def _forget_gone(self) -> None:
        rev, now = 0, self._monotonic()
        while self._gone and self._gone[0][0] <= now:
            _, rev = self._gone.popleft()
        if rev:
            await self._store.forget_gone(self._node_id, rev)

    # The people of other nodes.

    def receive(self, hint: PresenceHint) -> None:
        """Take a hint of another node, or note that something before it is missing."""
        known = self._known.get(hint.node)
        if hint.node == self._node_id or known is None or known.version.epoch > hint.epoch:
            return
        is_next = known.version.epoch == hint.epoch and known.version.rev == hint.prev
        if is_next and hint.changes is not None:
            known.version = PresenceVersion(epoch=hint.epoch, rev=hint.rev)
            known.at = self._monotonic()
            self.others.update(hint.node, hint.changes)
        elif (hint.epoch, hint.rev) > (known.version.epoch, known.version.rev):
            self._announced[hint.node] = PresenceVersion(epoch=hint.epoch, rev=hint.rev)
            self._on_missed()

    async def catch_up(self, living: Iterable[NodeReport]) -> None:
        """Read what is missing of the living nodes' people, then forget those of all others.

        Raises DatabaseError.
        """
        present = [report for report in living if report.id != self._node_id]
        for report in present:
            announced = self._announced.pop(report.id, report.people)
            await self._read(report.id, max(announced, report.people, key=_order))
        ids = {report.id for report in present}
        self._known = {node: known for node, known in self._known.items() if node in ids}
        self._announced = {
            node: version for node, version in self._announced.items() if node in ids
        }
        self.others.keep_only(ids)

    async def _read(self, node_id: str, target: PresenceVersion) -> None:
        while True:
            known = self._known.get(node_id)
            now = self._monotonic()
            if known is not None and _order(known.version) >= _order(target):
                known.at = now
                return
            version = known.version if known is not None else None
            is_recent = known is not None and now - known.at <= TRUSTED_S
            changes: dict[str, str | None] | None = None
            if version is not None and version.epoch == target.epoch and is_recent:
                changes = await self._store.people_since(node_id, version.rev)
            else:
                people = await self._store.people(node_id)
            if known is not None and known.version is not version:
                continue  # A hint was quicker: what was read may be older than it.
            self._known[node_id] = KnownPresence(target, self._monotonic())
            if changes is not None:
                self.others.update(node_id, changes)
            else:
                self.others.replace(node_id, people)
            return


def _order(version: PresenceVersion) -> tuple[int, int]:
    return version.epoch, version.rev
