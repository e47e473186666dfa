"""A line that nobody reads or writes, for connections that need one."""

from app.loop_pacing import Pace
from app.realtime.line.client_line import Line
from app.realtime.line.frame import Frame


class Nobody:
    """Ends nothing."""

    def gives_up_slow(self) -> None: ...

    def gives_up_silent(self) -> None: ...


def idle_line() -> Line:
    return Line(Nobody(), Frame(b""), 60.0, 60.0, Pace(at_once=1))
