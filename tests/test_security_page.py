"""The page on security: each claim has a test that is run, each number is the code's."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from app.accounts.common_passwords import OUR_WORDS
from tests.security_numbers import NOT_OURS, NUMBERS

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
TEST = re.compile(r"`tests/[\w/]+\.py::test_\w+`")
NOT_TESTED = re.compile(r"\bnot tested: \w+")
# The sections that claim something. The others say what is protected, and how to tell us.
CLAIMING = ("Who attacks", "Boundaries", "Ways to sign in", "Rights", "What is logged", "ASVS 5.0")
# These lead to a table, or say how to read it.
LEADING = ("#", "|---", "These are all", "Chapters V3")
# A row that stands so claims no protection.
CLAIMS_NOTHING = ("n/a", "not met")
# `make test` leaves these out. `skipif` speaks of machines that lack something.
LEFT_OUT = re.compile(r"mark\.(?:slow|skip|xfail)\b|pytest\.(?:skip|xfail)\(")


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def plain() -> str:
    """The page in one line, so that a sentence is found wherever its lines end."""
    return " ".join(page().split())


def claims() -> Iterator[str]:
    """The rows of tables and the paragraphs of the sections that claim something."""
    for section in re.split(r"^## ", page(), flags=re.MULTILINE):
        if section.startswith(CLAIMING):
            for block in re.split(r"\n\s*\n|\n(?=\d\. |\|)", section.partition("\n")[2]):
                text = block.strip()
                if text and not text.startswith(LEADING) and not text.endswith("| test |"):
                    yield text


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def claims_nothing(claim: str) -> bool:
    return claim.startswith("|") and cells(claim)[2] in CLAIMS_NOTHING


def test_each_claim_names_a_test_or_says_why_there_is_none() -> None:
    found = list(claims())
    assert len(found) > 110
    tested = [c for c in found if TEST.search(c) or NOT_TESTED.search(c) or claims_nothing(c)]
    assert [claim for claim in found if claim not in tested] == []


def test_no_requirement_is_met_without_a_test() -> None:
    met = [row for row in ROW.findall(page()) if row[2].strip() == "met"]
    assert len(met) > 50
    assert [name for name, _, _, _, test in met if not TEST.search(test)] == []


@cache
def functions_in(path: str) -> dict[str, str]:
    """The functions that pytest finds in a file, each with its marks, those of the file too."""
    source = (ROOT / path).read_text(encoding="utf-8")
    of_the_file, found = "", {}
    for node in ast.parse(source).body:
        text = ast.get_source_segment(source, node) or ""
        if text.startswith("pytestmark"):
            of_the_file = text
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # A second function of that name takes the place of the first.
            found[node.name] = "\n".join([*map(ast.unparse, node.decorator_list), text])
    return {name: f"{of_the_file}\n{text}" for name, text in found.items()}


def test_each_test_that_it_names_is_run_with_make_test() -> None:
    named = {(path, name) for path, name in NAMED.findall(page()) if name}
    assert len(named) > 150
    assert {path for path, _ in named if not Path(path).name.startswith("test_")} == set()
    assert {(path, name) for path, name in named if name not in functions_in(path)} == set()
    left_out = {(path, name) for path, name in named if LEFT_OUT.search(functions_in(path)[name])}
    assert left_out == set()


def test_pytest_has_collected_the_tests_that_it_names(request: pytest.FixtureRequest) -> None:
    collected = {item.nodeid.partition("[")[0] for item in request.session.items}
    files = {each.partition("::")[0] for each in collected}
    named = {(path, name) for path, name in NAMED.findall(page()) if name and path in files}
    # Whole files are looked at: somebody who runs a part of one leaves the rest out on purpose.
    option = request.config.option
    is_part = option.keyword or option.markexpr not in ("", "not slow")
    is_part = is_part or any("::" in each for each in request.config.args)
    missing = {f"{path}::{name}" for path, name in named} - collected
    assert is_part or missing == set()


def test_its_numbers_are_those_of_the_code() -> None:
    text = plain()
    assert [said for said in NUMBERS if said not in text] == []


def test_each_of_its_numbers_is_compared_with_the_code() -> None:
    text = plain()
    for said in sorted((*NUMBERS, *NOT_OURS), key=len, reverse=True):
        text = text.replace(said, " ")
    # Names of code and of files, addresses of links, the ids and levels of requirements.
    text = re.sub(r"`[^`]*`|\]\([^)]*\)|\d+\.\d+\.\d+ (?:\| [12] \||\()", " ", text)
    assert re.findall(r".{0,40}(?<![\w/.-])\d[\d,.]*.{0,20}", text) == []


def test_the_words_that_are_no_password_are_on_the_page() -> None:
    words = re.search(r"\*\*Words that are no password here:\*\* (.*?), and the", page(), re.DOTALL)
    assert words is not None
    assert tuple(re.findall(r"`(\w+)`", words[1])) == OUR_WORDS


def test_every_security_line_of_the_code_is_on_the_page() -> None:
    written = set()
    for path in (ROOT / "app").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        logger = re.search(r"(\w+) = structlog\.get_logger\(\"security\"\)", source)
        if logger is not None:
            line = rf"\b{logger[1]}\.(?:info|warning|error)\(\s*\"([^\"]+)\""
            written |= set(re.findall(line, source))
    row = next(line for line in page().splitlines() if line.startswith("| `security` lines"))
    assert set(re.findall(r"`([^`]+)`", cells(row)[0])) - {"security"} == written


def test_every_file_that_it_names_is_there() -> None:
    named = NAMED.findall(page())
    assert len(named) > 100
    assert [path for path, _ in named if not (ROOT / path).is_file()] == []


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
