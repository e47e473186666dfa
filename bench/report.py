"""The report of a benchmark: tables, charts, and whether its targets are reached. No I/O."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

LINE = 100

Cell = str | float | int | None


@dataclass(frozen=True)
class Target:
    """Something aimed at. `found` and `wanted` are in words; `is_met` None where not measured."""

    number: int
    wanted: str
    found: str
    is_met: bool | None

    def row(self) -> tuple[str, ...]:
        met = {True: "yes", False: "**no**", None: "not measured"}[self.is_met]
        return (str(self.number), self.wanted, self.found, met)


@dataclass(frozen=True)
class Comparison:
    """One case beside Node that does the same work: a figure of Parley, those of the rival by form,
    and that of the Node that keeps nothing, where it has one."""

    case: str
    unit: str
    parley: float | None
    rivals: Mapping[str, float]
    node: float | None = None
    is_more_better: bool = True
    wanted: float = 2.0

    @property
    def value(self) -> float | None:
        """How many times as good as the best form Parley is; None where one is missing."""
        if not self.parley or not self.rivals:
            return None
        if self.is_more_better:
            return self.parley / max(self.rivals.values())
        return min(self.rivals.values()) / self.parley

    @property
    def of_node(self) -> float | None:
        """The same beside the Node that keeps nothing."""
        if not self.parley or not self.node:
            return None
        return self.parley / self.node if self.is_more_better else self.node / self.parley

    def row(self, forms: Iterable[str]) -> tuple[Cell, ...]:
        """Its cells, with a column for each of `forms`."""
        value = self.value
        met = None if value is None else "yes" if value >= self.wanted else "**no**"
        theirs = (self.rivals.get(form) for form in forms)
        of_best = None if value is None else f"{value:.2f} ×"
        title = f"{self.case}, {self.unit}"
        return (title, self.parley, self.node, *theirs, of_best, f"{self.wanted:g} ×", met)


@dataclass(frozen=True)
class Chart:
    """Bars, by group and series; the longest is the most."""

    name: str
    title: str
    groups: dict[str, dict[str, float]]


@dataclass
class Section:
    """One part of the page."""

    title: str
    text: str
    columns: Sequence[str]
    rows: list[Sequence[Cell]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    chart: Chart | None = None

    def markdown(self) -> str:
        picture = f"![{self.chart.title}](pictures/{self.chart.name}.svg)" if self.chart else ""
        notes = "\n\n".join(map(wrapped, self.notes))
        rows = table(self.columns, self.rows) if self.rows else ""
        parts = [f"## {self.title}", wrapped(self.text), rows, notes, picture]
        return "\n\n".join(filter(None, parts))


def wrapped(text: str) -> str:
    """A paragraph in lines."""
    return "\n".join(textwrap.wrap(text, LINE, break_long_words=False, break_on_hyphens=False))


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table of Markdown; everything but the first column is to the right."""
    lines = ["| " + " | ".join(columns) + " |", "|---" + "|--:" * (len(columns) - 1) + "|"]
    lines += ["| " + " | ".join(map(shown, row)) + " |" for row in rows]
    return "\n".join(lines)


def shown(cell: Cell) -> str:
    """A figure with about three digits that mean something."""
    if cell is None:
        return "—"
    if isinstance(cell, str):
        return cell
    if abs(cell) >= 1000:
        return f"{float(f'{cell:.3g}'):,.0f}"
    return f"{cell:.3g}" if abs(cell) < 100 else f"{cell:.0f}"


COLOURS = ("#3b6fd4", "#2f9e77", "#b8b8c0", "#e0913a", "#8a6fc0")
BAR, GAP, LEFT, WIDTH = 15, 16, 150, 760


def drawn(chart: Chart) -> str:
    """The chart as an SVG that reads well on light and dark pages."""
    series = list(dict.fromkeys(name for bars in chart.groups.values() for name in bars))
    most = max((v for bars in chart.groups.values() for v in bars.values()), default=1.0)
    parts: list[str] = []
    y = 52 + BAR * 2
    for group, bars in chart.groups.items():
        middle = y + BAR * len(bars) / 2 + 4
        parts.append(_text(LEFT - 10, middle, group, anchor="end"))
        for name, value in bars.items():
            width = (WIDTH - LEFT - 110) * value / most
            colour = COLOURS[series.index(name) % len(COLOURS)]
            size = f'width="{max(width, 1):.1f}" height="{BAR - 2}"'
            parts.append(f'<rect x="{LEFT}" y="{y}" {size} rx="2" fill="{colour}"/>')
            parts.append(_text(LEFT + width + 6, y + BAR - 4, shown(value), size=11))
            y += BAR
        y += GAP
    legend, x = [], LEFT
    for number, name in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        square = f'<rect x="{x}" y="48" width="11" height="11" rx="2" fill="{colour}"/>'
        legend.append(square + _text(x + 17, 58, name, size=12))
        x += 40 + 8 * len(name)
    title = _text(16, 28, chart.title, size=15, weight="600")
    body = "".join([title, *legend, *parts])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" '
        f'font-family="system-ui, sans-serif"><title>{escape(chart.title)}</title>'
        f'<rect width="{WIDTH}" height="{y}" rx="8" fill="#ffffff"/>{body}</svg>\n'
    )


def _text(
    x: float, y: float, text: str, *, size: int = 13, anchor: str = "start", weight: str = "400"
) -> str:
    look = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="#22252b"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>'
