"""Log lines are JSON, carry the request id, and hold no secret."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app.telemetry import logs


@pytest.fixture(autouse=True)
def plain_afterwards() -> Iterator[None]:
    root = logging.getLogger()
    before, configured = (root.handlers[:], root.level), structlog.get_config()
    yield
    structlog.configure(**configured)
    root.handlers[:], root.level = before


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_json_with_the_request_id(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(as_json=True)
    with structlog.contextvars.bound_contextvars(request="r-1"):
        structlog.get_logger().info("joined", room="hallway")
    (line,) = lines(capsys)
    assert (line["event"], line["room"], line["request"]) == ("joined", "hallway", "r-1")


def test_secrets_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(as_json=True)
    structlog.get_logger().info("signed in", password="tulip-4", token="t-123", user="ana")
    (line,) = lines(capsys)
    assert (line["password"], line["token"], line["user"]) == ("•••", "•••", "ana")


def test_what_a_stranger_wrote_makes_no_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(as_json=True)
    origin = 'https://x\r\n{"event": "signed in", "user": "ana"}\u2028\x1b[2J'
    structlog.get_logger().warning("origin_refused", origin=origin)
    (line,) = lines(capsys)
    assert (line["event"], line["origin"]) == ("origin_refused", origin)
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_shows_no_local_values(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(as_json=as_json)

    def sign_in() -> None:
        word = "tulip-" + str(4)
        raise ValueError(f"a bug, {len(word)}")

    try:
        sign_in()
    except ValueError:
        structlog.get_logger().exception("failed")
    text = capsys.readouterr().err
    assert "a bug, 7" in text
    assert "tulip-4" not in text


def test_the_libraries_are_heard_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(as_json=True)
    logging.getLogger("aiohttp.server").error("bad request line")
    logging.getLogger("aiohttp.access").info("GET /")
    (line,) = lines(capsys)
    assert line["event"] == "bad request line"


@pytest.mark.parametrize("value", ["hallway", "Ängste", "\u2028", "\ud800", 2**80, object, {1: 2}])
def test_a_line_is_json_in_ascii_whatever_it_tells(
    value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(as_json=True)
    structlog.get_logger().info("told", value=value)
    printed = capsys.readouterr().err
    assert printed.isascii()
    assert json.loads(printed)["event"] == "told"
