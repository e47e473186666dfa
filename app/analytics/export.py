"""Writes answers as CSV (RFC 4180) in which spreadsheets find no formulas. No I/O."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from app.analytics.requests import BreakdownAnswer, FunnelAnswer, Point, RetentionAnswer

Row = Sequence[object]

# Spreadsheets take a cell that begins so for a formula; an apostrophe before it makes it text.
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(head: Row, rows: Iterable[Row]) -> str:
    """The rows as CSV, after a line of column names."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return written.getvalue()


def cell(value: object) -> object:
    """A value as one cell: numbers stay numbers, None is empty, all else is text or JSON."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if text.startswith(FORMULA) else text


def of_points(points: Sequence[Point]) -> str:
    """A series: one line per point."""
    return csv_text(("at", "value"), ((point.at, point.value) for point in points))


def of_metrics(metrics: Mapping[str, Any]) -> str:
    """The figures, one per line; the second column has the name of those that have one."""
    return csv_text(("metric", "name", "value"), _lines(metrics))


def of_breakdown(answer: BreakdownAnswer) -> str:
    """One line per value, then `(other)` and `(none)`."""
    rest = [("(other)", answer["other"]), ("(none)", answer["without"])]
    return csv_text(("value", "events"), [*((v["value"], v["n"]) for v in answer["values"]), *rest])


def of_funnel(answer: FunnelAnswer) -> str:
    """One line per step, in order."""
    rows = ((step["event_type"], step["visitors"]) for step in answer["steps"])
    return csv_text(("event_type", "visitors"), rows)


def of_retention(answer: RetentionAnswer) -> str:
    """One line per cohort, with its later weeks in columns."""
    cohorts = answer["cohorts"]
    later = [f"week {n + 1}" for n in range(max((len(c["back"]) for c in cohorts), default=0))]
    rows = ((c["week"], c["visitors"], *c["back"]) for c in cohorts)
    return csv_text(("week", "new visitors", *later), rows)


def _lines(metrics: Mapping[str, Any]) -> Iterable[Row]:
    for metric, value in metrics.items():
        if isinstance(value, list):
            yield from ((metric, each["name"], each["n"]) for each in value)
        elif isinstance(value, dict):
            yield from _by_name(metric, value)
        else:
            yield metric, "", value


def _by_name(metric: str, values: Mapping[str, Any]) -> Iterable[Row]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from ((metric, f"{name} {part}", each) for part, each in value.items())
        else:
            yield metric, name, value
