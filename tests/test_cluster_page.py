"""The table of docs/CLUSTER.md follows from the costs that stand above it."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[1] / "docs" / "CLUSTER.md").read_text(encoding="utf-8")

PEOPLE_A_NODE = 10_000
A_MESSAGE_EVERY_S, A_HEARTBEAT_EVERY_S, READERS = 300, 30, 20
MIB = 1024


def measured(what: str) -> list[float]:
    """The figures of a row of costs, in the order in which they stand."""
    [row] = [line for line in PAGE.splitlines() if line.startswith(f"| {what}")]
    return [
        float(figure.replace(",", "")) for figure in re.findall(r"[\d.,]*\d", row.split("|")[2])
    ]


def rows() -> list[list[float]]:
    """The rows of the table of nodes, as numbers; GiB as MiB."""
    found = []
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 9 and cells[0][0].isdigit():
            found.append([number for cell in cells for number in numbers(cell)])
    return found


def numbers(cell: str) -> list[float]:
    parts = re.findall(r"([\d.,]*\d)( GiB)?", cell)
    return [float(text.replace(",", "")) * (MIB if unit else 1) for text, unit in parts]


def expected(people: float) -> list[float]:
    [connection_kib], [heartbeat_us] = measured("a connection"), measured("… its heartbeat")
    proxy_kib, proxy_us = measured("… in HAProxy")
    _, arrival_us = measured("coming in")
    [message_us], [_, primary_us] = measured("a message in a room"), measured("… of mongod")
    [node_mib] = measured("a node that starts")
    messages, beats = people / A_MESSAGE_EVERY_S, people / A_HEARTBEAT_EVERY_S
    nodes = -(-people // PEOPLE_A_NODE)
    return [
        people,
        messages,
        messages * READERS,
        nodes,
        (messages * message_us + beats * heartbeat_us) / 1e6,
        people * connection_kib / MIB + nodes * node_mib,
        messages * primary_us / 1e6,
        people * arrival_us / 1e6,
        people * proxy_kib / MIB,
        beats * proxy_us / 1e6,
    ]


def test_each_figure_of_the_table_is_a_measured_one_times_people() -> None:
    table = rows()
    assert [row[0] for row in table] == [1_000, 10_000, 50_000, 100_000, 500_000, 1_000_000]
    for row in table:
        for shown, counted in zip(row, expected(row[0]), strict=True):
            # One or two digits are shown.
            assert abs(shown - counted) <= max(0.13 * counted, 0.0005), (row, counted)
