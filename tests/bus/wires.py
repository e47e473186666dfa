"""Buses of nodes in one process that deliver at once."""

from app.bus.bus import Bus, Hint


class Wire(Bus):
    """Delivers to `wires` at once, and counts the hints that it `sent`."""

    def __init__(self) -> None:
        super().__init__()
        self.wires: list[Wire] = []
        self.sent = 0
        self.is_hearing_all = False

    @property
    def is_hearing(self) -> bool:
        return self.is_hearing_all

    @property
    def is_alone(self) -> bool:
        return not self.wires

    @property
    def others(self) -> int:
        return len(self.wires)

    def _send(self, hint: Hint) -> None:
        self.sent += 1
        for other in self.wires:
            other._hear(hint)


class Clock:
    """A clock that is turned by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now
