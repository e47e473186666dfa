"""A signal calls each listener in turn, and a failing listener affects nothing else."""

from structlog.testing import capture_logs

from app.signals import Signal


def test_everyone_who_listens_is_told_in_turn() -> None:
    rung: Signal[int] = Signal("rung")
    told: list[tuple[str, int]] = []
    rung.tell(0)
    rung.listen(lambda n: told.append(("first", n)))
    rung.listen(lambda n: told.append(("second", n)))
    rung.tell(1)
    assert told == [("first", 1), ("second", 1)]


def test_a_listener_that_fails_is_logged_and_nobody_else_notices() -> None:
    rung: Signal[int] = Signal("rung")
    told: list[int] = []

    def fail(_: int) -> None:
        raise RuntimeError("a defect")

    rung.listen(fail)
    rung.listen(told.append)
    with capture_logs() as logs:
        rung.tell(1)
    assert told == [1]
    assert [entry["signal"] for entry in logs] == ["rung"]
