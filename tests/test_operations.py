"""The handbook says what is so: the table of settings, the files and the commands it names."""

import re
from pathlib import Path

from app.cli.main import _parser
from scripts.settings_table import PAGE, updated

ROOT = Path(__file__).parents[1]


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_table_of_settings_is_up_to_date() -> None:
    assert updated(page()) == page(), "Run: python scripts/settings_table.py"


def test_the_files_it_links_to_exist() -> None:
    links = re.findall(r"\]\(\.\./([^)#]+)\)", page())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_commands_it_shows_are_understood() -> None:
    plain = re.sub(r"\$\([^)]*\)", "today", page())
    shown = re.findall(r"^python -m app ([^#\n]+)", plain, re.MULTILINE)
    assert len(shown) > 6
    for command in shown:
        _parser().parse_args(command.split())
