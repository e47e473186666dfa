"""One message from Enter to every screen: docs/ARCHITECTURE.md names each file that it enters."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tests.chat.house import Member

ROOT = Path(__file__).resolve().parents[2]
APP = f"{ROOT}/app/"
# Other work may run at the same time: a file is on the path where each of so many enters it.
MESSAGES_AT_MOST = 20


@contextmanager
def entered() -> Iterator[set[str]]:
    """The files of `app/` in which a Python function begins or goes on meanwhile."""
    files: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(APP):
            files.add(frame.f_code.co_filename.removeprefix(f"{ROOT}/"))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield files
    finally:
        sys.setprofile(before)


async def path_of_a_message(ana: Member, ben: Member, expected: set[str]) -> set[str]:
    """The files that each message enters; it stops to send where they are among the expected."""
    path: set[str] | None = None
    for number in range(MESSAGES_AT_MOST):
        with entered() as files:
            await ana.sends(f"message {number}")
            await ben.sees(f"message {number}")
        path = files if path is None else path & files
        if path <= expected:
            break
    return path or set()


async def test_the_page_names_each_file_that_a_message_enters(ana: Member, ben: Member) -> None:
    page = (ROOT / "docs/ARCHITECTURE.md").read_text(encoding="utf-8")
    section = page.partition("## From Enter to every screen\n")[2].partition("\n## ")[0]
    table = "\n".join(line for line in section.splitlines() if line.startswith("| "))
    named = set(re.findall(r"`(app/[\w/]+\.py)`", table))
    await ana.joins()
    await ben.joins()
    path = await path_of_a_message(ana, ben, named)
    assert sorted(path - named) == [], "not on the page"
    assert sorted(named - path) == [], "on the page, but not entered"
    assert f"enters {len(path)} files of `app/`" in section
