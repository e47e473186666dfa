"""The outcome of one try at committing a group, change by change.

No I/O. Attempts fill it, the committer tells the senders and the hub.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from app.errors import Conflict, ParleyError
from app.streams.models import Batch, Change, Committed, Document, Item, item_from


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
