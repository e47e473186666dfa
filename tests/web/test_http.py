"""Where a link may lead after signing in."""

import pytest

from app.web.http import local_path


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
