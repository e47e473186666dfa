"""The handbook says what is so: the table of settings, the files and the commands it names."""

import re
from pathlib import Path

import pytest

from app.cli.main import parser
from scripts.settings_table import PAGE, updated

ROOT = Path(__file__).parents[1]


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_table_of_settings_is_up_to_date() -> None:
    assert updated(page()) == page(), "Run: python scripts/settings_table.py"


def test_the_files_it_links_to_exist() -> None:
    links = re.findall(r"\]\(\.\./([^)#]+)\)", page())
    first = re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert links
    assert first
    assert [link for link in (*links, *first) if not (ROOT / link).exists()] == []


def test_the_first_page_names_the_oldest_python_that_is_taken() -> None:
    wanted = re.search(r"requires-python = \">=([\d.]+)\"", (ROOT / "pyproject.toml").read_text())
    assert wanted is not None
    assert f"Python {wanted[1]} or newer" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "examples/README.md", "docs/DEVELOPMENT.md"])
def test_pages_for_newcomers_name_the_python_that_has_the_libraries(name: str) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
    lines = "".join(blocks).splitlines()
    assert [line for line in lines if re.search(r"(^|\()python ", line)] == []


def test_tokens_that_the_first_page_uses_are_made_there() -> None:
    first = (ROOT / "README.md").read_text(encoding="utf-8")
    used = set(re.findall(r"\$([A-Z_]+)", first))
    assert used == set(re.findall(r"^([A-Z_]+)=\$\(", first, re.MULTILINE))


def test_the_commands_that_it_and_the_first_page_show_are_understood() -> None:
    first = (ROOT / "README.md").read_text(encoding="utf-8")
    within = re.sub(r"\$\(((?:\.venv/bin/)?python -m app [^)]*)\)", r"\n\1\n", page() + first)
    plain = re.sub(r"\$\([^)]*\)", "today", within)
    shown = re.findall(r"^(?:\.venv/bin/)?python -m app ([^#\n]+)", plain, re.MULTILINE)
    assert len(shown) > 7
    for command in shown:
        parser().parse_args(command.split())
