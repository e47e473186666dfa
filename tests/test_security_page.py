"""The page on security names files and tests that there are, and every requirement once."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "SECURITY.md"

# How many requirements of levels 1 and 2 each section of ASVS 5.0 has, by its first two numbers.
SECTIONS = {
    "3.2": 2,
    "3.3": 4,
    "3.4": 6,
    "3.5": 5,
    "3.7": 2,
    "4.1": 3,
    "4.2": 1,
    "4.3": 2,
    "4.4": 4,
    "6.1": 3,
    "6.2": 12,
    "6.3": 4,
    "6.4": 4,
    "6.5": 5,
    "6.6": 3,
    "6.8": 4,
    "7.1": 3,
    "7.2": 4,
    "7.3": 2,
    "7.4": 5,
    "7.5": 2,
    "7.6": 2,
    "8.1": 2,
    "8.2": 3,
    "8.3": 1,
    "8.4": 1,
    "16.1": 1,
    "16.2": 5,
    "16.3": 4,
    "16.4": 3,
    "16.5": 3,
}
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([a-z/ ]+) \|(.*)\|(.*)\|$", re.MULTILINE)
NAMED = re.compile(r"`((?:app|static|templates|deploy|docs|tests)/[^`:]+)(?:::(\w+))?`")
TEST = r"^\s*(?:async )?def {}\("


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_every_file_and_test_that_it_names_is_there() -> None:
    named = NAMED.findall(page())
    assert len(named) > 100
    assert [path for path, _ in named if not (ROOT / path).is_file()] == []
    missing = [
        f"{path}::{name}"
        for path, name in named
        if name and not re.search(TEST.format(name), (ROOT / path).read_text(), re.MULTILINE)
    ]
    assert missing == []


def test_the_files_it_links_to_exist() -> None:
    links = re.findall(r"\]\(\.\./([^)#]+)\)", page())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_requirement_has_one_row_in_order() -> None:
    wanted = [f"{section}.{i}" for section, most in SECTIONS.items() for i in range(1, most + 1)]
    assert [row[0] for row in ROW.findall(page())] == wanted


def test_every_row_says_how_it_stands_and_why() -> None:
    for name, _, standing, how, _ in ROW.findall(page()):
        assert standing.strip() in ("met", "part", "not met", "n/a"), name
        assert how.strip(), name
