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
