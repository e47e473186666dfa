"""The consistency checker: a recorded run in, everything that is wrong with it out."""

from tests.checker.amenders import check_amends
from tests.checker.findings import Finding, report
from tests.checker.history import History
from tests.checker.readers import check_readers
from tests.checker.senders import check_sends


def check(history: History) -> list[Finding]:
    """All findings of all rooms; an empty list is a run that kept every promise."""
    return [
        finding
        for room in history.rooms()
        for part in (check_sends, check_amends, check_readers)
        for finding in part(history, room)
    ]


def assert_consistent(history: History) -> None:
    """Fail with every finding named."""
    findings = check(history)
    assert not findings, f"{len(findings)} findings:\n{report(findings)}"
