"""An outage of the bus: how often it is logged, and how often a node tries."""

from structlog.testing import capture_logs

from app.bus.outage import OutageLog


def test_an_outage_is_logged_once_for_each_reason_and_once_at_its_end() -> None:
    outage = OutageLog("bus is interrupted", 0.2)
    with capture_logs() as logged:
        outage.ended()
        for reason in ("ConnectionError",) * 5 + ("TimeoutError",) * 5:
            outage.failed(reason)
        outage.ended()
        outage.ended()
        outage.failed("ConnectionError")
    assert [(line["event"], line.get("reason")) for line in logged] == [
        ("bus is interrupted", "ConnectionError"),
        ("bus is interrupted", "TimeoutError"),
        ("bus is back", None),
        ("bus is interrupted", "ConnectionError"),
    ]


def test_tries_get_rarer_up_to_one_a_second_and_begin_anew() -> None:
    outage = OutageLog("bus is interrupted", 0.2)
    assert [outage.failed("TimeoutError") for _ in range(5)] == [0.2, 0.4, 0.8, 1.0, 1.0]
    outage.ended()
    assert outage.failed("TimeoutError") == 0.2


def test_tries_stay_as_frequent_where_each_waits_by_itself() -> None:
    outage = OutageLog("bus can't send", 0.2, longest_s=0.2)
    assert [outage.failed("AutoReconnect") for _ in range(3)] == [0.2, 0.2, 0.2]
