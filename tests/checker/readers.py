"""Were readers shown one order, each item once, all the same, and only what was theirs to see?"""

from collections import defaultdict
from collections.abc import Iterator

from tests.checker.findings import Fault, Finding
from tests.checker.history import History, Observed, Reader, Shown, Stay
from tests.checker.replay import Replay

Versions = dict[tuple[str, int], tuple[str, Shown]]


def check_readers(history: History, room: str) -> Iterator[Finding]:
    """Every reader of `room`, against its final history and against each other."""
    final = {item.id: item for item in history.final[room]}
    versions: Versions = {(item.id, item.rev): ("the history", item) for item in final.values()}
    for reader in history.readers:
        observed = [seen for seen in reader.observed if seen.room == room]
        if observed:
            yield from _orderly(room, reader, observed)
            yield from _same_versions(room, reader, observed, versions)
            yield from _same_end(history, room, reader, observed, final)
            yield from _leaks(history, room, reader, observed)


def _orderly(room: str, reader: Reader, observed: list[Observed]) -> Iterator[Finding]:
    seq_of: dict[str, int] = {}
    id_of: dict[int, str] = {}
    for seen in observed:
        yield from _well_formed(room, reader, seen)
        for item in seen.items:
            if seq_of.setdefault(item.id, item.seq) != item.seq:
                text = f"{reader.name} saw {item.id} move from {seq_of[item.id]} to {item.seq}"
                yield Finding(Fault.REORDERED, room, text)
            if id_of.setdefault(item.seq, item.id) != item.id:
                text = f"{reader.name} saw seq {item.seq} as {id_of[item.seq]} and as {item.id}"
                yield Finding(Fault.TWICE, room, text)


def _well_formed(room: str, reader: Reader, seen: Observed) -> Iterator[Finding]:
    revs = [item.rev for item in seen.items]
    if revs != sorted(set(revs)):
        yield Finding(Fault.REORDERED, room, f"{reader.name} got items in the order {revs[:20]}")
    if seen.prev is None:
        return
    # A batch that follows `prev` holds what changed after it; an older item came there twice.
    outside = [rev for rev in revs if not seen.prev < rev <= seen.rev]
    if outside:
        text = f"{reader.name} got revs {outside[:20]} in what leads from {seen.prev} to {seen.rev}"
        yield Finding(Fault.TWICE if max(outside) <= seen.prev else Fault.REORDERED, room, text)


def _same_versions(
    room: str, reader: Reader, observed: list[Observed], versions: Versions
) -> Iterator[Finding]:
    for seen in observed:
        for item in seen.items:
            other, version = versions.setdefault((item.id, item.rev), (reader.name, item))
            if version != item:
                text = f"{reader.name} saw {item}, {other} saw {version}"
                yield Finding(Fault.DISAGREE, room, text)


def _same_end(
    history: History, room: str, reader: Reader, observed: list[Observed], final: dict[str, Shown]
) -> Iterator[Finding]:
    if _has_left(history, room, reader):
        return
    replay = _replayed(observed)
    if replay.cursor is None or replay.cursor < history.head(room):
        text = f"{reader.name} ends at {replay.cursor}, the history at {history.head(room)}"
        yield Finding(Fault.DISAGREE, room, text)
        return
    held = {i.id: i for i in replay.items.values() if isinstance(i, Shown)}
    first = min((item.seq for item in held.values()), default=0)
    for item in final.values():
        if item.id not in held and item.seq > first:
            yield Finding(Fault.DISAGREE, room, f"{reader.name} never saw {item}")
    for item in held.values():
        if item.id not in final:
            yield Finding(Fault.INVENTED, room, f"{reader.name} holds {item}, not in the history")
        elif final[item.id] != item:
            text = f"{reader.name} holds {item}, the history {final[item.id]}"
            yield Finding(Fault.DISAGREE, room, text)


def _replayed(observed: list[Observed]) -> Replay:
    replay = Replay()
    for seen in observed:
        if seen.prev is None:
            replay.snapshot(seen.rev, seen.items)
        elif seen.live:
            replay.live(seen.prev, seen.rev, seen.items)
        else:
            replay.synced(seen.rev, seen.items)
    return replay


def _has_left(history: History, room: str, reader: Reader) -> bool:
    if room not in history.closed_rooms:
        return False
    return all(s.until is not None for s in _stays(history)[room, reader.person])


def _leaks(
    history: History, room: str, reader: Reader, observed: list[Observed]
) -> Iterator[Finding]:
    if room not in history.closed_rooms:
        return
    stays = _stays(history)[room, reader.person]
    for seen in observed:
        last = max([seen.rev, *(item.rev for item in seen.items)])
        # While a member one may read everything; what was read ends where the membership did.
        if not any(seen.rev >= s.since and (s.until is None or last <= s.until) for s in stays):
            text = f"{reader.name} got up to rev {last}; {reader.person}'s stays are {stays}"
            yield Finding(Fault.LEAKED, room, text)


def _stays(history: History) -> dict[tuple[str, str], list[Stay]]:
    stays: dict[tuple[str, str], list[Stay]] = defaultdict(list)
    for stay in history.stays:
        stays[stay.room, stay.person].append(stay)
    return stays
