"""Small recorded runs, for the tests of the checker: what ana sent, what ben was shown."""

from typing import Any

from tests.checker.check import check
from tests.checker.findings import Fault
from tests.checker.history import (
    Acked,
    Amend,
    History,
    Kind,
    Observed,
    Outcome,
    Reader,
    Send,
    Shown,
    Stay,
)

ROOM = "hallway"


def said(
    n: int, text: str | None = None, *, rev: int | None = None, sender: str = "ana", **more: Any
) -> Shown:
    """Message `n` of ana as it stands: seq n, client_id `c<n>`."""
    return Shown(f"m{n}", n, rev or n, sender, f"c{n}", text or f"text {n}", **more)


def sent(n: int, *outcomes: Outcome, text: str | None = None, at: float | None = None) -> Send:
    send = Send(ROOM, "ana", f"c{n}", text or f"text {n}")
    moment = float(n) if at is None else at
    for outcome in outcomes or (Acked(f"m{n}", n, n),):
        send.tried(outcome, moment, moment + 0.5)
    return send


def batch(prev: int, *items: Shown, rev: int | None = None) -> Observed:
    return Observed(ROOM, prev, rev or max(i.rev for i in items), items, live=True)


def synced(cursor: int | None, rev: int, *items: Shown) -> Observed:
    return Observed(ROOM, cursor, rev, items)


def run(*sends: Send, final: list[Shown], amends: list[Amend] | None = None) -> History:
    return History(sends=list(sends), amends=amends or [], final={ROOM: final})


def faults(history: History) -> list[Fault]:
    return sorted({finding.fault for finding in check(history)})


def amended(kind: Kind, value: str, *outcomes: Outcome, by: str = "ana", of: str = "m1") -> Amend:
    amend = Amend(ROOM, by, of, kind, value)
    for outcome in outcomes:
        amend.tried(outcome)
    return amend


def reading(*observed: Observed, final: list[Shown], **more: Any) -> History:
    history = run(*(sent(int(i.client_id[1:])) for i in final if i.sender == "ana"), final=final)
    history.readers.append(Reader("ben's page", "ben", list(observed)))
    for name, value in more.items():
        setattr(history, name, value)
    return history


def closed(*observed: Observed, stays: list[Stay], final: list[Shown]) -> History:
    return reading(*observed, final=final, stays=stays, closed_rooms={ROOM})


def changed(*amends: Amend, text: str = "text 1", rev: int = 1, **more: Any) -> History:
    return run(sent(1), final=[said(1, text, rev=rev, **more)], amends=list(amends))
