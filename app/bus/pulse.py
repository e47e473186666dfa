"""Beats of the nodes: whether this one hears, how late, and whether there are others. No I/O."""

from collections.abc import Callable, Collection

from msgspec import Struct

BEAT = "beat"
# A node that ended without a goodbye is missed for so long at most, where nothing tells that it is
# dead (see `living`); it may only have lost the bus.
MISSED_FOR_S = 3600.0


class Beat(Struct, frozen=True, kw_only=True):
    """`at` is the sender's own monotonic clock in seconds; a node that `leaves` says goodbye."""

    at: float
    leaves: bool = False


class Pulse:
    """Keeps the beats that come back to this node, and those of others.

    A beat comes every `every_s` seconds. With `misses_others` this node does not count as hearing
    while the beats of one that was there are missing: it may be cut off from the bus, and commit.
    """

    def __init__(
        self,
        node_id: str,
        clock: Callable[[], float],
        *,
        every_s: float,
        misses_others: bool,
    ) -> None:
        self.every_s = every_s
        self.lag_s = 0.0
        self._node_id = node_id
        self._clock = clock
        self._misses_others = misses_others
        self._since: float | None = None
        self._others: dict[str, float] = {}
        self._forgotten: dict[str, float] = {}
        self._left: set[str] = set()

    @property
    def patience_s(self) -> float:
        """Two beats may be missing for so long."""
        return 2.5 * self.every_s

    def begin(self) -> None:
        """Note that this node hears from now on."""
        if self._since is None:
            self._since = self._clock()
            # A beat that was missed while this node could not hear says nothing of its sender.
            self._others = dict.fromkeys(self._others, self._since)

    def end(self) -> None:
        """Note that this node does not hear any more."""
        self._since = None

    def beat(self, *, leaves: bool = False) -> Beat:
        """The beat to send now."""
        return Beat(at=self._clock(), leaves=leaves)

    def knows(self, node: str) -> bool:
        """Whether this is the node itself, or another whose beats came."""
        return node == self._node_id or node in self._others

    def hears(self, node: str) -> bool:
        """Whether another node's last beat came within `patience_s`."""
        at = self._others.get(node)
        return at is not None and self._clock() - at < self.patience_s

    def heard(self, sender: str, beat: Beat) -> bool:
        """Take in a beat; returns whether it was this node's own."""
        if sender == self._node_id:
            self.lag_s = max(0.0, self._clock() - beat.at)
            self._forget_silent()
            return True
        self._forgotten.pop(sender, None)
        if beat.leaves:
            self._others.pop(sender, None)
            self._left.add(sender)
        else:
            self._others[sender] = self._clock()
        return False

    def living(self, nodes: Collection[str]) -> None:
        """Miss silent nodes no longer that are not among `nodes`, until they are again.

        One that comes back without a beat may have lost the bus alone, and commit. So may one that
        never beats: it was started with another Redis, or without one.
        """
        now = self._clock()
        self._left.intersection_update(nodes)
        for node in set(nodes) - self._others.keys() - self._left - {self._node_id}:
            self._forgotten.pop(node, None)
            self._others[node] = now
        silent = [node for node, at in self._others.items() if now - at >= self.patience_s]
        for node in silent:
            if node not in nodes:
                del self._others[node]
                self._forgotten[node] = now

    def _forget_silent(self) -> None:
        kept_s = MISSED_FOR_S if self._misses_others else 2 * self.patience_s
        before = self._clock() - kept_s
        self._others = {node: at for node, at in self._others.items() if at > before}
        if self._forgotten:
            self._forgotten = {node: at for node, at in self._forgotten.items() if at > before}

    @property
    def others(self) -> int:
        """How many other nodes there are, with those that are missed."""
        return len(self._others)

    @property
    def is_hearing(self) -> bool:
        """Whether what others publish certainly arrives here."""
        if self._since is None:
            return False
        if not self._misses_others:
            return True
        now = self._clock()
        if now - self._since < self.patience_s:
            # Another may think that it is alone until it has heard a beat of this one.
            return False
        return all(now - at < self.patience_s for at in self._others.values())

    @property
    def is_alone(self) -> bool:
        """Whether this node has heard long enough to know that there is no other."""
        return (
            not self._others
            and self._since is not None
            and self._clock() - self._since > self.patience_s
        )
