"""Plans what a group will write: numbers its changes and amends items. No I/O."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from msgspec.structs import replace
from pymongo import InsertOne, UpdateOne

from app.errors import NotFound, ParleyError
from app.streams.models import Change, Committed, Document, Item, entry_of


def number(changes: Sequence[Change], heads: Mapping[str, int]) -> list[Document]:
    """The entries of a group, each stream continuing at its head without a gap."""
    following = dict(heads)
    entries = []
    for change in changes:
        following[change.stream] += 1
        entries.append(entry_of(change, following[change.stream]))
    return entries


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
