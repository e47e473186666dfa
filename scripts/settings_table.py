"""Writes the table of settings in docs/OPERATIONS.md from the settings themselves.

`python scripts/settings_table.py`; a test fails when the table is not up to date.
"""

import sys
from pathlib import Path
from typing import get_args, get_type_hints

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from msgspec import Meta  # noqa: E402

from app.settings import PRESETS, Settings  # noqa: E402
from app.settings_loader import variable  # noqa: E402

PAGE = ROOT / "docs" / "OPERATIONS.md"
BEGIN, END = "<!-- settings: made by scripts/settings_table.py -->", "<!-- end of settings -->"


def table() -> str:
    """The table, one row a setting, in the order of the class."""
    rows = ["| variable | in `parley.toml` | default | |", "|---|---|---|---|"]
    rows += [_row(name) for name in Settings.__struct_fields__]
    return "\n".join(rows)


def _row(name: str) -> str:
    meta = next(part for part in get_args(_HINTS[name]) if isinstance(part, Meta))
    return f"| `{variable(name)}` | `{name}` | {_default(name)} | {_description(name, meta)} |"


_HINTS = get_type_hints(Settings, include_extras=True)
_DEFAULTS = Settings()


def _default(name: str) -> str:
    production = _shown(getattr(_DEFAULTS, name))
    if name not in PRESETS["development"]:
        return production
    return f"{production}; development {_shown(PRESETS['development'][name])}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, float):
        return f"{value:g} s" if value < 86_400 else f"{value / 86_400:g} days, in seconds"
    return f"`{value}`" if value not in ("", None, ()) else "none"


def _description(name: str, meta: Meta) -> str:
    """The last `Meta` describes; that of an alias such as `Seconds` holds bounds only."""
    described = [part for part in get_args(_HINTS[name]) if getattr(part, "description", None)]
    return str(described[-1].description if described else meta.description)


def updated(page: str) -> str:
    """The page with the present table in place of the one it has."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
