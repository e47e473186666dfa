"""Counts lines of Python: a measure of work that no busy machine changes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Lines:
    """How many lines and calls ran."""

    def __init__(self) -> None:
        self.count = 0

    def note(self, _frame: FrameType, _event: str, _argument: object) -> Any:
        """Count an event; a trace function for `sys.settrace`."""
        self.count += 1
        return self.note


@contextmanager
def lines_run() -> Iterator[Lines]:
    """Count within the block."""
    lines, before = Lines(), sys.gettrace()
    sys.settrace(lines.note)
    try:
        yield lines
    finally:
        sys.settrace(before)
