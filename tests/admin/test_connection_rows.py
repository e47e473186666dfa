"""The rows that one node tells another fit into a hint of the bus."""

from msgspec import json

from app.admin.connection_rows import (
    ROWS_AT_MOST,
    ConnectionRow,
    FoundConnections,
    sendable,
)
from app.bus.bus import HINT_BYTES
from app.times import now


def row(number: int, rooms: list[str]) -> ConnectionRow:
    return ConnectionRow(
        id=f"line {number}",
        node="node two",
        user_id="u" * 24,
        username="u" * 30,
        name="é" * 60,
        address="2001:db8::1",
        transport="websocket",
        since=now(),
        namespaces=["/chat"],
        rooms=rooms,
    )


def size(rows: list[ConnectionRow]) -> int:
    return len(json.encode(FoundConnections(count=10_000, rows=rows)))


def test_as_many_rows_as_fit_are_sent_newest_first() -> None:
    rows = [row(n, [f"{m} {'房' * 60}" for m in range(5)]) for n in range(ROWS_AT_MOST)]
    sent = sendable(rows)
    assert size(rows) > HINT_BYTES > size(sent) + 10_000
    assert 100 < len(sent) < ROWS_AT_MOST
    assert sent == rows[: len(sent)]


def test_a_row_of_somebody_in_thousands_of_rooms_is_sent_with_some_of_them() -> None:
    rooms = [f"{n} {'房' * 60}" for n in range(2_000)]
    (sent,) = sendable([row(1, rooms)])
    assert size([row(1, rooms)]) > HINT_BYTES > size([sent]) + 10_000
    assert 50 < len(sent.rooms) < 2_000
    assert rooms[: len(sent.rooms)] == sent.rooms
