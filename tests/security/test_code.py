"""Reads the source: each dangerous operation may stand in one trusted place only."""

import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Every way of a browser from a string to markup or to code.
INTO_MARKUP = re.compile(
    r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|DOMParser|srcdoc"
    r"|setHTMLUnsafe|parseHTMLUnsafe)\b|\bdocument\.write|\beval\(|\bnew Function\b"
)
OUTWARD = re.compile(
    r"\bClientSession\(|\burllib\.request\b|\bhttp\.client\b|\bimport (?:requests|httpx|smtplib)\b"
    r"|\bopen_connection\(|\bcreate_connection\(|\bwebpush\("
)
OLD_TECHNOLOGY = re.compile(r"<(?:object|embed|applet|bgsound|frameset|marquee)\b", re.IGNORECASE)
LOG_ELSEWHERE = re.compile(r"\b(?:\w*FileHandler|SysLogHandler|SocketHandler|HTTPHandler)\b")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def files(folder: str, ending: str) -> Iterable[Path]:
    found = [p for p in (ROOT / folder).rglob(f"*.{ending}") if "vendor" not in p.parts]
    assert found
    return found


def holding(pattern: re.Pattern[str], paths: Iterable[Path]) -> set[str]:
    """Those of these files in which `pattern` is, comments of JavaScript left out."""
    return {
        str(path.relative_to(ROOT))
        for path in paths
        if pattern.search(COMMENT.sub("", path.read_text(encoding="utf-8")))
    }


def test_html_enters_a_page_in_one_place() -> None:
    assert holding(INTO_MARKUP, files("static/js", "js")) == {"static/js/core/trusted_types.js"}
    unescaped = re.compile(r"\|\s*safe\b(?<!snapshot_json\|safe)(?<!preferences_json\|safe)")
    assert holding(unescaped, files("templates", "html")) == set()


def test_requests_to_elsewhere_are_made_in_one_place() -> None:
    assert holding(OUTWARD, files("app", "py")) == {
        "app/outbound/http_client.py",
        "app/storage/replica_set.py",  # the embedded database, on the loopback address
    }


def test_no_log_goes_anywhere_but_to_stderr() -> None:
    assert holding(LOG_ELSEWHERE, files("app", "py")) == set()
    printing = re.compile(r"^\s*print\(", re.MULTILINE)
    assert all(name.startswith("app/cli/") for name in holding(printing, files("app", "py")))


def test_pages_need_nothing_but_what_every_browser_has() -> None:
    assert (
        holding(OLD_TECHNOLOGY, [*files("templates", "html"), *files("static/js", "js")]) == set()
    )
    assert (
        holding(re.compile(r"""addEventListener\(\s*["']message["']"""), static_windows()) == set()
    )


def static_windows() -> list[Path]:
    """The modules that run in windows. Workers and channels have `message` events of their own."""
    others = ("outbox_tabs.js", "push_worker.js")
    return [p for p in files("static/js", "js") if p.name not in others]
