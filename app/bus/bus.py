"""The bus: quick hints from each node of a site to the others. No I/O.

The log in MongoDB stays the only truth. A hint can be lost, and may come twice; a feature must stay
right without it, only later. `app/bus/` has two ways to carry hints, Redis and MongoDB; this base
class is the third, a node that is alone.

    bus.listen("typing", TypingHint, self._hear)     # once, in the constructor
    bus.follow(room.stream)                          # hear what is published on this topic
    bus.publish(room.stream, "typing", TypingHint(user="…"))
    bus.publish(EVERY_NODE, "renamed", Renamed(user="…"))    # all nodes follow EVERY_NODE

A listener gets only what OTHER nodes published, decoded and checked; it must not block.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Generic, TypeVar

import structlog
from msgspec import DecodeError, Struct, json

from app.ids import new_id
from app.signals import Signal

T = TypeVar("T")

EVERY_NODE = "nodes"
"""The topic that all nodes follow."""

# One that is longer is not sent: the others learn of it as they do without a bus.
HINT_BYTES = 256 * 1024

log = structlog.get_logger("bus")

_encode = json.Encoder().encode


class Listener(Generic[T]):
    """A function for the hints of one kind, and their shape, which msgspec decodes."""

    def __init__(self, shape: type[T], callback: Callable[[str, T], None]) -> None:
        self._decode = json.Decoder(shape).decode
        self._callback = callback

    def hear(self, topic: str, data: bytes) -> None:
        """Decode `data` and call the function. Raises what either raises."""
        self._callback(topic, self._decode(data))


class Hint(Struct, frozen=True):
    """A hint on its way: `data` is JSON, `sender` a node's id."""

    topic: str
    kind: str
    data: bytes
    sender: str


class StreamAdvanced(Struct, frozen=True):
    """Another node has committed: `stream` ends at `rev` or beyond.

    `entries` are the documents of a run of its entries up to `rev`, without a gap; None where some
    are too long to be brought along.
    """

    stream: str
    rev: int
    entries: Sequence[Mapping[str, Any]] | None = None


class Bus:
    """A node's end of the bus. This base class sends nothing and hears nothing.

    `subscribed` tells the topics that are heard from this moment on, after `follow` and after each
    time in which this node could not hear: look at the truth for what was missed before. `advanced`
    tells of commits of other nodes that no batch comes for.
    """

    way = "alone"
    # Whether committed batches have to be published. MongoDB shows commits by itself.
    carries_batches = False

    def __init__(self, node_id: str | None = None) -> None:
        self.node_id = node_id or new_id()
        self.subscribed: Signal[Collection[str]] = Signal("bus subscribed")
        self.advanced: Signal[StreamAdvanced] = Signal("stream advanced")
        self._listeners: dict[str, Listener[Any]] = {}
        self._topics: dict[str, int] = {EVERY_NODE: 1}

    @property
    def is_hearing(self) -> bool:
        """Whether hints of others arrive now; else everything has to be asked of the database."""
        return False

    @property
    def lag_s(self) -> float:
        """The seconds that this node's last beat took to come back to it."""
        return 0.0

    @property
    def is_alone(self) -> bool:
        """Whether certainly no other node listens, so that nothing needs to be published."""
        return True

    @property
    def others(self) -> int:
        """How many other nodes are known."""
        return 0

    def hears_beats_of(self, node: str) -> bool:  # noqa: ARG002  # a way may know
        """Whether the node with this id lives, as far as the bus knows without the database: its
        beats arrive, and two that are missing end that."""
        return False

    def listen(self, kind: str, shape: type[T], callback: Callable[[str, T], None]) -> None:
        """Call `callback(topic, hint)` with each hint of `kind` on a topic that is followed.

        Each kind has one listener. Raises ValueError for a second one, and for a kind with a space.
        """
        if " " in kind:
            raise ValueError(f"A kind of hints has no space: {kind}.")
        if kind in self._listeners:
            raise ValueError(f"Hints of the kind {kind} have a listener already.")
        self._listeners[kind] = Listener(shape, callback)

    def follow(self, topic: str) -> None:
        """Hear `topic` from soon on (see `subscribed`), until as many calls of `unfollow`."""
        count = self._topics[topic] = self._topics.get(topic, 0) + 1
        if count == 1:
            self._follow(topic)

    def unfollow(self, topic: str) -> None:
        """Take back one `follow`; does nothing where the topic was not followed."""
        count = self._topics.get(topic, 0)
        if count > 1:
            self._topics[topic] = count - 1
        elif count == 1:
            del self._topics[topic]
            self._unfollow(topic)

    def follows(self, topic: str) -> bool:
        """Whether hints of `topic` are heard here."""
        return topic in self._topics

    def living(self, nodes: Collection[str]) -> None:
        """Note the ids of all nodes that are alive, as the database knows it at this moment.

        Others that are silent are not waited for.
        """

    def publish(self, topic: str, kind: str, hint: object) -> None:
        """Send a hint, which msgspec can encode as JSON, to the nodes that follow `topic`.

        Returns at once and never fails. Hints of one node on one topic keep their order.
        """
        if self.is_alone:
            return
        data = _encode(hint)
        if len(data) <= HINT_BYTES:
            self._send(Hint(topic, kind, data, self.node_id))
        else:
            log.warning("hint is too long", kind=kind, bytes=len(data))

    async def start(self) -> None:
        """Begin to send and hear. Does not wait for a server that is away."""

    async def stop(self) -> None:
        """Send what waits, if that works at once, and end."""

    # For the ways.

    def _follow(self, topic: str) -> None:
        """Begin to hear `topic`."""

    def _unfollow(self, topic: str) -> None:
        """End to hear `topic`."""

    def _send(self, hint: Hint) -> None:
        """Send `hint`, or drop it where that can't be done."""

    def _hear(self, hint: Hint) -> None:
        """Pass on a hint of another node, where its topic is followed."""
        listener = self._listeners.get(hint.kind)
        if listener is None or hint.topic not in self._topics:
            return  # A newer version's kind, or the topic was left meanwhile.
        try:
            listener.hear(hint.topic, hint.data)
        except DecodeError:
            log.warning("a hint is of another version", kind=hint.kind, topic=hint.topic)
            self._missed(hint)
        except Exception:
            # A defect in one listener must not end the hearing.
            log.exception("a hint failed", kind=hint.kind, topic=hint.topic)
            self._missed(hint)

    def _missed(self, hint: Hint) -> None:
        """Have the truth about the topic looked at, as after a time without hearing."""
        if hint.topic != EVERY_NODE:
            self.subscribed.tell([hint.topic])
