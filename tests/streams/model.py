"""The plain model: what a stream must hold, told from its entries alone.

It knows what people asked for and were told, and replays the log one entry after the other.
"""

from dataclasses import dataclass, field
from typing import Any

from app.errors import Conflict, NotFound, ParleyError
from app.streams.models import Committed, Item


@dataclass
class Asked:
    """One thing that one person asked for, however often it was tried."""

    kind: str
    sender: str
    client_id: str
    text: str
    of: str | None = None
    acks: list[Committed] = field(default_factory=list)
    refusals: list[ParleyError] = field(default_factory=list)


@dataclass
class Shown:
    """An item as the model has it."""

    seq: int
    rev: int
    text: str
    symbols: list[str] = field(default_factory=list)
    deleted: bool = False


def judge(asked: list[Asked], entries: list[dict[str, Any]], shown: list[Item]) -> None:
    """Hold the stored log, what was told, and what is shown against each other."""
    assert [e["rev"] for e in entries] == list(range(1, len(entries) + 1))
    by_key = {(a.sender, a.client_id): a for a in asked}
    claims = {(e["sender"], e["client_id"]): e for e in entries}
    assert len(claims) == len(entries), "something is there twice"
    items: dict[str, Shown] = {}
    for entry in entries:
        request = by_key[entry["sender"], entry["client_id"]]
        assert not request.refusals, f"refused but present: {request}"
        replay(request, entry, items)
    for request in asked:
        check_told(request, claims.get((request.sender, request.client_id)), items)
    assert {i.id: as_shown(i) for i in shown} == items


def replay(request: Asked, entry: dict[str, Any], items: dict[str, Shown]) -> None:
    """One entry, as a person would understand it."""
    rev = entry["rev"]
    if request.kind == "send":
        items[entry["_id"]] = Shown(rev, rev, request.text)
        return
    assert entry["of"] == request.of
    item = items[entry["of"]]
    assert not item.deleted, "changed after its deletion"
    item.rev = rev
    if request.kind == "edit":
        item.text = request.text
    elif request.kind == "delete":
        item.text, item.symbols, item.deleted = "", [], True
    else:
        assert request.text not in item.symbols, "a reaction that was there claimed a rev"
        item.symbols = sorted([*item.symbols, request.text])


def check_told(request: Asked, entry: dict[str, Any] | None, items: dict[str, Shown]) -> None:
    """Assert that the answers to the sender are true."""
    assert request.acks or request.refusals, f"nobody was told of {request}"
    if entry is not None:
        told = {(ack.id, ack.rev) for ack in request.acks}
        assert told == {(entry.get("of", entry["_id"]), entry["rev"])}, f"lost or moved: {request}"
        return
    if request.acks:
        assert request.kind == "react", f"acknowledged but not there: {request}"
        return
    assert all(isinstance(r, NotFound) for r in request.refusals)
    assert request.of is not None
    assert items[request.of].deleted, f"refused without a reason: {request}"


def as_shown(item: Item) -> Shown:
    body = item.body
    return Shown(item.seq, item.rev, body.get("text", ""), body.get("symbols", []), item.deleted)


def is_final(result: object) -> bool:
    """Whether a sender knows its message's fate: everything else is sent again."""
    return isinstance(result, Committed | NotFound | Conflict)
