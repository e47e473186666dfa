"""The page of what was asked for names files and tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "COVERAGE.md").read_text(encoding="utf-8")


def test_every_file_that_is_named_is_there() -> None:
    named = re.findall(r"`((?:app|static|tests|examples)/[\w/.]+?)(?:::\w+)?`", PAGE)
    assert len(named) > 25
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`(tests/[\w/.]+)::(\w+)`", PAGE)
    assert len(named) > 15
    missing = [
        f"{path}::{name}"
        for path, name in named
        if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_every_feature_of_the_readme_is_proved() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    features = readme.partition("## Features")[2].partition("\n## ")[0]
    told = [name.rstrip(".") for name in re.findall(r"^- \*\*(.+?)\*\*", features, re.M)]
    proved = dict(re.findall(r"^\| (.+?) \| (.+) \|$", PAGE.partition("README tells")[2], re.M))
    assert len(told) > 10
    assert [name for name in told if "tests/" not in proved.get(name, "")] == []
