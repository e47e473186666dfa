"""The words of the core: entries claim revs, people see items, batches are delivered.

No I/O and no feature in here.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct

T = TypeVar("T")

Body = dict[str, Any]
Document = dict[str, Any]

ITEM, CHANGE, MARK = "item", "change", "mark"


class Item(Struct, frozen=True, kw_only=True):
    """The present state of one item. `seq` is its first entry's rev, `rev` that of its latest."""

    id: str
    stream: str
    seq: int
    rev: int
    sender: str
    client_id: str
    at: datetime
    body: Body
    deleted: bool = False


class Batch:
    """Committed changes of one stream: from `prev` to `rev`, items in the order of their rev.

    Each encoding is made once, when it is first asked for, and shared by all connections.
    """

    __slots__ = ("_encodings", "items", "prev", "rev", "stream")

    def __init__(self, stream: str, prev: int, rev: int, items: list[Item]) -> None:
        self.stream = stream
        self.prev = prev
        self.rev = rev
        self.items = items
        self._encodings: dict[str, Any] = {}

    def encoded(self, form: str, encode: Callable[["Batch"], T]) -> T:
        """The batch in a transport's `form`, from `encode` the first time."""
        try:
            found: T = self._encodings[form]
        except KeyError:
            found = self._encodings[form] = encode(self)
        return found


class Page(Struct, frozen=True, kw_only=True):
    """An answer to *what did I miss*: items in the order of their rev, up to `rev`."""

    rev: int
    items: list[Item]
    more: bool = False
    reset: bool = False
    older: bool = False


class Write(Struct, frozen=True, kw_only=True):
    """A feature's own document that changes in the transaction of a change, e.g. a membership.

    `operation` is a PyMongo write model; `conflict` is what the sender is told when it meets a
    unique index, and `field` the part of the request that is at fault then.
    """

    collection: str
    operation: Any
    conflict: str | None = None
    field: str | None = None


Guard = Callable[[], None]
"""Checked when the change is numbered; raises a ParleyError to refuse it."""

Amendment = Callable[[Item], Item]
"""From an item's present state to its next; pure; raises a ParleyError to refuse."""


Key = tuple[str, str, str]
"""The stream, the sender and the `client_id` of a change. Changes with equal keys are repeats."""


class Change(Struct, frozen=True, kw_only=True, eq=False):
    """A wish to change a stream, made once: every try submits the same `id` and `client_id`.

    Without `of` it appends an item with `body`; with `of` it amends that item. `fingerprint` is a
    hash of what the sender asked for: the same `client_id` with another one is a conflict.

    `what` is the feature's name for it, by which analytics counts it.

    `along` are changes of other streams that are committed in the same transaction, such as the
    notifications of a message. One that can't be applied is left out and does not fail the others.
    """

    id: str
    stream: str
    sender: str
    client_id: str
    fingerprint: bytes
    at: datetime
    body: Body | None = None
    of: str | None = None
    amend: Amendment | None = None
    guard: Guard | None = None
    writes: tuple[Write, ...] = ()
    along: tuple["Change", ...] = ()
    what: str = ""

    @property
    def parts(self) -> tuple["Change", ...]:
        """The change and what is committed along with it."""
        return (self, *self.along)

    @property
    def key(self) -> Key:
        return (self.stream, self.sender, self.client_id)

    @property
    def needs_transaction(self) -> bool:
        return self.of is not None or bool(self.writes) or bool(self.along)


class Committed(Struct, frozen=True, kw_only=True):
    """The sender's result after the commit; a repeat gets the first one."""

    id: str
    seq: int
    rev: int
    is_repeat: bool = False


def item_from(document: Mapping[str, Any]) -> Item:
    """The item that its first entry's document holds."""
    return Item(
        id=document["_id"],
        stream=document["stream"],
        seq=document["rev"],
        rev=document["latest"],
        sender=document["sender"],
        client_id=document["client_id"],
        at=document["at"],
        body=document["body"],
        deleted=document.get("deleted", False),
    )


def entry_of(change: Change, rev: int) -> Document:
    """The document that claims `rev` for this change."""
    entry: Document = {
        "_id": change.id,
        "stream": change.stream,
        "rev": rev,
        "kind": ITEM if change.of is None else CHANGE,
        "sender": change.sender,
        "client_id": change.client_id,
        "fingerprint": change.fingerprint,
        "at": change.at,
    }
    if change.of is None:
        entry |= {"latest": rev, "body": change.body or {}}
    else:
        entry["of"] = change.of
    return entry


def committed_from(entry: Mapping[str, Any]) -> Committed:
    """The first result, from the entry that a repeat met."""
    return Committed(
        id=entry.get("of", entry["_id"]), seq=entry["rev"], rev=entry["rev"], is_repeat=True
    )
