"""Where a link may lead after signing in."""

import re
from pathlib import Path

import pytest

import app
from app.web.route_helpers import local_path, see_other

APP = Path(app.__file__).parent


@pytest.mark.parametrize("path", ["/", "/rooms/hallway", "/rooms/a?b=c#d", "/login?next=/x"])
def test_paths_of_this_server_pass(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "rooms",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\\b",
        "/\t/evil.example",
        "/\n/evil.example",
        " /rooms",
        "/ro oms",
        "javascript:alert(1)",
        "/\x00",
    ],
)
def test_everything_else_leads_home(path: str | None) -> None:
    assert local_path(path) == "/"


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_no_answer_sends_a_browser_elsewhere(path: str) -> None:
    assert see_other(path).headers["Location"] == "/"
    assert see_other("/rooms/hallway?done=1").headers["Location"] == "/rooms/hallway?done=1"


def test_nothing_redirects_by_itself() -> None:
    """So that the rule above holds for each redirect there is."""
    found = {
        path.relative_to(APP).as_posix()
        for path in APP.rglob("*.py")
        if re.search(
            r"hdrs\.LOCATION|[\"']Location[\"']|HTTP(Found|Moved|Temporary|Perm)", path.read_text()
        )
    }
    assert found == {"web/route_helpers.py"}
