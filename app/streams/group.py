"""A group of changes that go to disk together: its numbers, its writes and its outcome. No I/O.

The attempt and its transaction fill these in; the committer tells the senders and the hub.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace
from pymongo import InsertOne, UpdateOne

from app.errors import Conflict, NotFound, ParleyError
from app.streams.models import Batch, Change, Committed, Document, Item, entry_of, item_from


def number(changes: Sequence[Change], heads: Mapping[str, int]) -> list[Document]:
    """The entries of a group, each stream continuing at its head without a gap."""
    following = dict(heads)
    entries = []
    for change in changes:
        following[change.stream] += 1
        entries.append(entry_of(change, following[change.stream]))
    return entries


def sign(entries: Sequence[Document], node: str) -> None:
    """Note in `entries` which node writes them: MongoDB need not show it its own."""
    for entry in entries:
        entry["node"] = node


class Clash(Struct, frozen=True):
    """A unique index refused `part`, which is `change` or is committed along with it.

    With `is_of_rev` the rev was already claimed; otherwise the index that detects repeats refused.
    """

    change: Change
    part: Change
    rev: int
    is_of_rev: bool


class Outcome(Struct, kw_only=True):
    """The result of an attempt to commit. Changes in neither list are undecided and are retried."""

    committed: list[tuple[Change, Committed]] = field(default_factory=list)
    refused: list[tuple[Change, Exception]] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    clash: Clash | None = None
    must_wait: bool = False

    def agrees(self, change: Change) -> bool:
        """Ask the guard of `change`; a refusal is noted."""
        try:
            if change.guard is not None:
                change.guard()
        except ParleyError as refusal:
            self.refused.append((change, refusal))
            return False
        return True

    def stand(
        self,
        changes: Sequence[Change],
        entries: Sequence[Document],
        amended: Mapping[str, Item] | None = None,
        along: Sequence[Document] = (),
    ) -> None:
        """Note that `entries`, one for each of `changes`, are on disk, and those that came `along`.

        `amended` are the changed items by id.
        """
        written = [*entries, *along]
        items = {e["_id"]: item_from(e) for e in written if "of" not in e} | dict(amended or {})
        self.batches += batches_of(written, items)
        for change, entry in zip(changes, entries, strict=True):
            done = Committed(id=change.of or change.id, seq=entry["rev"], rev=entry["rev"])
            self.committed.append((change, done))

    def repeat(self, change: Change, first: Committed, fingerprint: bytes) -> None:
        """Note that `change` was on disk before; other content under its key is refused."""
        if fingerprint == change.fingerprint:
            self.committed.append((change, first))
        else:
            self.refused.append((change, other_content()))


def batches_of(entries: Sequence[Document], items: Mapping[str, Item]) -> list[Batch]:
    """One batch per stream of entries that were committed together; `items` are by id."""
    streams: dict[str, list[Document]] = {}
    for entry in sorted(entries, key=lambda entry: int(entry["rev"])):
        streams.setdefault(entry["stream"], []).append(entry)
    return [
        Batch(stream, claimed[0]["rev"] - 1, claimed[-1]["rev"], touched(claimed, items))
        for stream, claimed in streams.items()
    ]


def touched(entries: Sequence[Document], items: Mapping[str, Item]) -> list[Item]:
    """The items that `entries` append or change, each once, in the order of their rev."""
    ids = {str(entry.get("of") or entry["_id"]) for entry in entries}
    return sorted((items[i] for i in ids if i in items), key=lambda item: item.rev)


def other_content() -> Conflict:
    return Conflict(
        "This client_id was used before with other content; send again with a new one.",
        field="client_id",
    )


class Plan:
    """The writes of a transaction, planned change by change in the order of the group.

    `known` has the ids of changes along with others that are stored already.
    """

    def __init__(
        self, heads: Mapping[str, int], items: Mapping[str, Item], known: Container[str] = ()
    ) -> None:
        self._known = known
        self._following = dict(heads)
        self._items = dict(items)
        self.taken: list[Change] = []
        self.entries: list[Document] = []
        self.along: list[tuple[Change, Change]] = []
        self.along_entries: list[Document] = []
        self.amended: dict[str, Item] = {}
        self.unchanged: list[tuple[Change, Committed]] = []
        self.refused: list[tuple[Change, Exception]] = []

    @property
    def idle(self) -> list[Change]:
        """Changes that will write nothing: refused, or without effect."""
        return [change for change, _ in (*self.refused, *self.unchanged)]

    @property
    def operations(self) -> list[Any]:
        """All inserts, then the updates of amended items, which overwrite no newer state."""
        return [
            *map(InsertOne, [*self.entries, *self.along_entries]),
            *(
                UpdateOne(
                    {"_id": item.id, "latest": {"$lt": item.rev}},
                    {"$set": {"latest": item.rev, "body": item.body, "deleted": item.deleted}},
                )
                for item in self.amended.values()
            ),
        ]

    def take(self, change: Change) -> None:
        """Number `change` and amend its item, or note that it writes nothing."""
        try:
            after = self._apply(change)
        except ParleyError as refusal:
            self.refused.append((change, refusal))
            return
        if after is not None and after is self._items[after.id]:
            done = Committed(id=after.id, seq=after.rev, rev=after.rev, is_repeat=True)
            self.unchanged.append((change, done))
            return
        self.taken.append(change)
        self.entries.append(self._claim(change, after))
        for part in change.along:
            self._take_along(part, change)

    def _take_along(self, part: Change, owner: Change) -> None:
        """Number a change along with its owner; one that fails or has no effect is left out."""
        if part.id in self._known:
            return
        try:
            after = self._apply(part)
        except ParleyError:
            return
        if after is None or after is not self._items[after.id]:
            self.along.append((part, owner))
            self.along_entries.append(self._claim(part, after))

    def _claim(self, change: Change, after: Item | None) -> Document:
        """The entry with the next rev of its stream, and its item as it is then."""
        rev = self._following[change.stream] = self._following[change.stream] + 1
        if after is not None:
            self._items[after.id] = self.amended[after.id] = replace(after, rev=rev)
        return entry_of(change, rev)

    def inserted(self, at: int) -> tuple[Change, Change, Document]:
        """The insert at index `at` as `(change, part, entry)`; `part` is it or one along."""
        if at < len(self.entries):
            return self.taken[at], self.taken[at], self.entries[at]
        part, owner = self.along[at - len(self.entries)]
        return owner, part, self.along_entries[at - len(self.entries)]

    def _apply(self, change: Change) -> Item | None:
        """The item after `change`, or None for one that appends."""
        if change.of is None or change.amend is None:
            return None
        before = self._items.get(change.of)
        if before is None or before.stream != change.stream:
            raise NotFound("There is no such item; it may have been removed.")
        return change.amend(before)


class Unsettled:
    """The changes that were sent to the database and whose fate is not known yet.

    They are not refused, and their guards are not asked again: they may be stored already, or a
    request that is still on its way may store them.
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def note(self, changes: Iterable[Change]) -> set[str]:
        """Note changes about to be sent; returns the ids of those that were never sent before."""
        handed = {change.id for change in changes} - self._ids
        self._ids |= handed
        return handed

    def take_back(self, handed: set[str]) -> None:
        """Undo a `note`: the changes were certainly not stored by the request that followed."""
        self._ids -= handed

    def settle(self, changes: Iterable[Change]) -> None:
        """Forget changes whose fate is known."""
        self._ids.difference_update(change.id for change in changes)

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, change: Change) -> bool:
        return change.id in self._ids


def needs_telling_first(changes: Sequence[Change]) -> bool:
    """Whether guards of the next group may depend on this one, such as on who is a member.

    Guards are asked when a group is numbered, and look at views, which are updated on delivery.
    """
    return any(change.writes for change in changes)
