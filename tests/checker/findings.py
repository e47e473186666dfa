"""The faults that a run can have; each finding says where to look."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    LOST = "lost"
    TWICE = "twice"
    INVENTED = "invented"
    REORDERED = "reordered"
    REFUSED_BUT_PRESENT = "refused but present"
    DISAGREE = "readers disagree"
    LEAKED = "leaked outside the membership"


@dataclass(frozen=True)
class Finding:
    """One fault of one room, told in a sentence."""

    fault: Fault
    room: str
    text: str

    def __str__(self) -> str:
        return f"{self.fault} in {self.room}: {self.text}"


SHOWN_AT_MOST = 40


def report(findings: Iterable[Finding]) -> str:
    """All findings, one a line, the first of many."""
    lines = [str(finding) for finding in findings]
    if len(lines) > SHOWN_AT_MOST:
        lines = [*lines[:SHOWN_AT_MOST], f"… and {len(lines) - SHOWN_AT_MOST} more"]
    return "\n".join(lines)
