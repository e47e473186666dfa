"""docs/BENCHMARKS.md, made from what was found."""

import platform
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from app import __version__
from app.storage.mongod import find_mongod
from bench.field import Effort
from bench.machine import BUSY_BEFORE, CORES, described
from bench.report import Comparison, Section, drawn, table
from bench.rivals import FORMS

INTRODUCTION = """# Benchmarks

Parley's costs and speed, next to others on the same machine in the same run. `make bench`
made this page; figures depend on the machine, so look at the ratios.

- The server has a core of its own, its rivals one after the other the same one. The load generator
  (`bench/load`, in C with epoll) has the other core, together with Parley's `mongod`, whose
  processor time is shown and which writes to disk before anybody is told anything.
- Every byte is checked where it arrives: the text against what was sent, each sender's numbers for
  order, and at the end that nothing is missing. A frame that many members get is read once and
  compared byte by byte for the others.
- Figures are medians of {rounds} rounds of {seconds:g} s, taken in turns. Users, rooms and
  memberships are made beforehand; limits on messages and connections a minute are off."""


RIVALS = """## Beside Node that does the same work

What a team would build itself: Node with Socket.IO and MongoDB (`bench/servers/rival.mjs`). It
looks up the token at the handshake and tells the person's rooms, checks memberships, renders
Markdown, and inserts a message journaled by a majority before anybody gets it: on the same mongod
as Parley, for the same people, clients and checks, on the same core. `plain` inserts one message
after the other; `gathered` inserts together what came during the insert before, asks for many
people in one query and remembers them; the last form also tells a room in one event what was
inserted together, as Parley does. The aim is to be so many times as good as the best of them."""


def written(sections: list[Section], effort: Effort) -> str:
    """The page as Markdown."""
    targets = sorted((t for s in sections for t in s.targets), key=lambda target: target.number)
    # The aims that are not reached come first.
    targets.sort(key=lambda target: target.is_met is not False)
    comparisons = [each for section in sections for each in section.comparisons]
    parts = [
        INTRODUCTION.format(rounds=effort.rounds, seconds=effort.seconds),
        *slower(comparisons),
        "## Targets",
        table(("", "aim", "found", "reached"), [target.row() for target in targets]),
        *beside_rivals(comparisons),
        *(section.markdown() for section in sections),
        "## Where",
        table(("", ""), versions()),
    ]
    return "\n\n".join(parts) + "\n"


def slower(found: list[Comparison]) -> list[str]:
    """Where Parley is slower than something else that does the same work, or than Node that does
    not; nothing where it never is."""
    lines = [
        f"- {each.case}: {value:.2f} × as good as Node {whom}"
        for each in found
        for value, whom in ((each.value, "with MongoDB"), (each.of_node, "that keeps nothing"))
        if value is not None and value < 1
    ]
    return ["## Where Parley is slower", "\n".join(lines)] if lines else []


def beside_rivals(found: list[Comparison]) -> list[str]:
    """The part of the page about Node that does the same work; nothing where it was not measured.
    Rows that are not reached come first."""
    if not found:
        return []
    ordered = sorted(found, key=lambda each: each.value is None or each.value >= each.wanted)
    columns = ("", "Parley", "Node, keeps nothing", *FORMS.values())
    rows = [each.row(FORMS) for each in ordered]
    return [RIVALS, table((*columns, "of the best form", "aim", "reached"), rows)]


def versions() -> list[tuple[str, str]]:
    """The machine and what ran on it."""
    packages = ("aiohttp", "python-socketio", "python-engineio", "uvloop", "motor", "pymongo")
    return [
        ("measured", f"{datetime.now(UTC):%Y-%m-%d}"),
        ("machine", f"{described()}; {len(CORES)} cores used"),
        ("load average before", f"{BUSY_BEFORE:.1f}; above 0.5 others ran too: trust ratios only"),
        ("Parley", __version__),
        ("Python", platform.python_version()),
        ("libraries", ", ".join(f"{name} {version(name)}" for name in packages)),
        ("MongoDB", _first_line(str(find_mongod()), "--version").removeprefix("db version v")),
        ("Node", _first_line("node", "--version").removeprefix("v") + ", Socket.IO 4.8"),
        ("C compiler", _first_line("cc", "--version")),
    ]


def _first_line(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return "none"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.partition("\n")[0]


def failed(name: str, error: Exception) -> Section:
    """A case that came to no figures."""
    what = f"{type(error).__name__}: {error}".partition("\n")[0][:300]
    return Section(f"Not measured: {name}", f"`{what}`", ("",))


def save(path: Path, text: str, sections: list[Section]) -> None:
    """Write the page and its charts."""
    path.write_text(text, encoding="utf-8")
    pictures = path.parent / "pictures"
    pictures.mkdir(exist_ok=True)
    for chart in (section.chart for section in sections):
        if chart is not None:
            (pictures / f"{chart.name}.svg").write_text(drawn(chart), encoding="utf-8")
