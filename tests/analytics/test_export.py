"""Files to take along: a spreadsheet that opens them runs nothing."""

import csv
import io

import pytest

from app.analytics import export
from app.analytics.requests import Point


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_formulas_become_text(text: str) -> None:
    assert export.cell(text) == f"'{text}"
    written = export.of_breakdown(
        {"values": [{"value": text, "n": 2}], "other": 0, "without": 0, "total": 2}
    )
    rows = list(csv.reader(io.StringIO(written, newline="")))
    assert rows[1] == [f"'{text}", "2"]


@pytest.mark.parametrize(("value", "cell"), [(-1, -1), (2.5, 2.5), (None, ""), (True, "true")])
def test_numbers_are_numbers(value: object, cell: object) -> None:
    assert export.cell(value) == cell


def test_commas_quotes_and_line_breaks_stay_in_their_cell() -> None:
    nasty = 'a,"b"\nc'
    rows = list(csv.reader(io.StringIO(export.csv_text(("x",), [(nasty,)]), newline="")))
    assert rows == [["x"], [nasty]]


def test_a_series_without_values_has_empty_cells() -> None:
    points = [Point("2037-01-01T00:00:00.000Z", None), Point("2037-01-01T00:01:00.000Z", 3)]
    assert export.of_points(points).splitlines() == [
        "at,value",
        "2037-01-01T00:00:00.000Z,",
        "2037-01-01T00:01:00.000Z,3",
    ]


def test_figures_by_name_are_a_line_each() -> None:
    metrics = {
        "page_views": 2,
        "event_counts": {"=evil": 1},
        "latency": {"ack": {"p50": 1.5, "p99": None}},
        "top_pages": [{"name": "/", "n": 2}],
    }
    assert export.of_metrics(metrics).splitlines() == [
        "metric,name,value",
        "page_views,,2",
        "event_counts,'=evil,1",
        "latency,ack p50,1.5",
        "latency,ack p99,",
        "top_pages,/,2",
    ]


def test_cohorts_are_as_long_as_the_oldest() -> None:
    cohorts = [
        {"week": "2037-11-16", "visitors": 5, "back": [2]},
        {"week": "2037-11-23", "visitors": 1, "back": []},
    ]
    assert export.of_retention({"cohorts": cohorts}).splitlines() == [
        "week,new visitors,week 1",
        "2037-11-16,5,2",
        "2037-11-23,1",
    ]
