"""The page of the protocol is what the code says."""

import re
import subprocess
import sys
from pathlib import Path

from app.chat.client_events import EVENTS
from app.chat.markdown import ATTRIBUTES, CLASSES, TAGS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "PROTOCOL.md").read_text(encoding="utf-8")


def test_tables_are_current() -> None:
    checked = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "document_protocol.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_every_event_that_the_server_sends_is_on_the_page() -> None:
    source = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "app" / "chat").rglob("*.py"))
    said = set(re.findall(r'Event\(\s*"([\w:]+)"', source))
    said |= set(re.findall(r'tell_room\(view, "([\w:]+)"', source))
    assert len(said) == 10
    assert said == set(re.findall(r"^\| `([\w:]+) \{", PAGE, re.MULTILINE)) - set(EVENTS)


def test_everything_that_html_can_hold_is_on_the_page() -> None:
    held = PAGE[
        PAGE.index("`html` holds these") : PAGE.index("A text that takes too long to render")
    ]
    named = set(re.findall(r"`([\w-]+)", held)) | {"h2", "h3", "h4", "h5"}
    attributes = set().union(*ATTRIBUTES.values()) - {"type"}
    assert TAGS | CLASSES["span"] | attributes <= named
