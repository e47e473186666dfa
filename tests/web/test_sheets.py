"""Each sheet belongs to a page: one that is imported nowhere would style nothing."""

import re
from pathlib import Path

SHEETS = Path(__file__).resolve().parents[2] / "static" / "css"
# The pages load it by themselves, for one theme only.
ALONE = {"core/dark.css"}


def test_every_sheet_is_imported_by_a_page() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in SHEETS.glob("pages/*.css"))
    imported = set(re.findall(r'@import "\.\./([^".]+\.css)"', pages))
    sheets = {str(path.relative_to(SHEETS)) for path in SHEETS.rglob("*.css")}
    assert {name for name in sheets if not name.startswith("pages/")} == imported | ALONE


def test_no_selector_makes_a_small_change_match_the_whole_page_anew() -> None:
    """A browser matches all under an element again whose class changes where a selector with
    descendants asks for a part of a class, and the whole page at each element that comes or goes
    where one asks what `body` has. They were a large part of what a switch between rooms took."""
    costly = re.compile(r"\[class[~|^$*]?=|(?:body|html|:root):has\(")
    found = {
        f"{path.relative_to(SHEETS)}: {match.group()}"
        for path in SHEETS.rglob("*.css")
        for match in costly.finditer(path.read_text(encoding="utf-8"))
    }
    assert found == set()
