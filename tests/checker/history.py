"""The record of a run: the requests, the answers, and what each reader was shown.

The words that the checker judges by; no I/O. The harness writes them, so do the core's own tests.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

# A sender that is told one of these does not know whether it was taken: it sends again.
UNDECIDED = frozenset({"unavailable"})


@dataclass(frozen=True)
class Acked:
    """The server promised it: item `id`, at `seq` in the order, by the change `rev`."""

    id: str
    seq: int
    rev: int


@dataclass(frozen=True)
class Refused:
    """The server said no, with the error code of the protocol."""

    code: str

    @property
    def is_final(self) -> bool:
        return self.code not in UNDECIDED


@dataclass(frozen=True)
class Unknown:
    """No answer came: the connection or one of the processes died."""


Outcome = Acked | Refused | Unknown


@dataclass
class Try:
    """One submission, from `began` to `ended` seconds on the recorder's clock."""

    began: float
    ended: float
    outcome: Outcome


@dataclass
class Asked:
    """Something a person asked for, with every try of it."""

    tries: list[Try] = field(default_factory=list, kw_only=True)

    def tried(self, outcome: Outcome, began: float = 0.0, ended: float = 0.0) -> None:
        """Note one more submission and what came of it."""
        self.tries.append(Try(began, ended, outcome))

    @property
    def acks(self) -> list[Acked]:
        return [t.outcome for t in self.tries if isinstance(t.outcome, Acked)]

    @property
    def acked_at(self) -> float | None:
        """When the first promise was there."""
        return min((t.ended for t in self.tries if isinstance(t.outcome, Acked)), default=None)

    @property
    def began_at(self) -> float:
        """When it can have happened at the earliest."""
        return min((t.began for t in self.tries), default=0.0)

    @property
    def is_refused(self) -> bool:
        """Every try was answered with a final no."""
        return bool(self.tries) and all(
            isinstance(t.outcome, Refused) and t.outcome.is_final for t in self.tries
        )


@dataclass
class Send(Asked):
    """A message; tries share its `client_id`. `node` is what its sender is connected to."""

    room: str
    sender: str
    client_id: str
    text: str
    node: str = field(default="", kw_only=True)


Kind = Literal["edit", "delete", "add", "remove"]


@dataclass
class Amend(Asked):
    """A change of the item `of`; `value` is the new text of an edit, the emoji of a reaction."""

    room: str
    by: str
    of: str
    kind: Kind
    value: str = ""


@dataclass(frozen=True)
class Shown:
    """An item in the state that somebody was shown. `system`: said by the room, sent by nobody."""

    id: str
    seq: int
    rev: int
    sender: str = ""
    client_id: str = ""
    text: str = ""
    deleted: bool = False
    system: bool = False
    reactions: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, message: dict[str, Any]) -> "Shown":
        """From a message as it goes over the wire."""
        reactions = message.get("reactions") or {}
        return cls(
            id=message["id"],
            seq=message["seq"],
            rev=message["rev"],
            sender=(message.get("by") or {}).get("id", ""),
            client_id=message.get("client_id") or "",
            text=message.get("text") or "",
            deleted=bool(message.get("deleted")),
            system=bool(message.get("system")),
            reactions=tuple(sorted((e, tuple(sorted(users))) for e, users in reactions.items())),
        )


@dataclass(frozen=True)
class Observed:
    """One live batch or one answer, as it came `at` that second of the recorder's clock.

    `prev` is the batch's, or the cursor of the sync answer; None is a snapshot, which replaces what
    was held (a join without cursor, a `reset`).
    """

    room: str
    prev: int | None
    rev: int
    items: tuple[Shown, ...]
    live: bool = False
    at: float = 0.0


@dataclass
class Reader:
    """One connection's view; `person` counts for membership, `node` is what it is connected to."""

    name: str
    person: str
    node: str = field(default="", kw_only=True)
    observed: list[Observed] = field(default_factory=list)


@dataclass(frozen=True)
class Stay:
    """A membership in a closed room, from the rev that began it to the rev that ended it."""

    room: str
    person: str
    since: int
    until: int | None = None


@dataclass
class History:
    """A whole run. `final` is each room's history in full, read after everything settled."""

    sends: list[Send] = field(default_factory=list)
    amends: list[Amend] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
    final: dict[str, list[Shown]] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)
    closed_rooms: set[str] = field(default_factory=set)
    stays: list[Stay] = field(default_factory=list)

    def rooms(self) -> Iterable[str]:
        return sorted(self.final)

    def sends_in(self, room: str) -> list[Send]:
        return [send for send in self.sends if send.room == room]

    def head(self, room: str) -> int:
        """The room's last rev, as far as the run knows it."""
        shown = max((item.rev for item in self.final.get(room, [])), default=0)
        return max(shown, self.heads.get(room, 0))
