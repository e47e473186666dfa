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
MESSAGES = 5


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


async def path_of_a_message(ana: Member, ben: Member) -> set[str]:
    paths = []
    for number in range(MESSAGES):
        with entered() as files:
            await ana.sends(f"message {number}")
            await ben.sees(f"message {number}")
        paths.append(files)
    return set.intersection(*paths)


async def test_the_page_names_each_file_that_a_message_enters(ana: Member, ben: Member) -> None:
    await ana.joins()
    await ben.joins()
    path = await path_of_a_message(ana, ben)
    page = (ROOT / "docs/ARCHITECTURE.md").read_text(encoding="utf-8")
    section = page.partition("## From Enter to every screen\n")[2].partition("\n## ")[0]
    table = "\n".join(line for line in section.splitlines() if line.startswith("| "))
    named = set(re.findall(r"`(app/[\w/]+\.py)`", table))
    assert sorted(path - named) == [], "not on the page"
    assert sorted(named - path) == [], "on the page, but not entered"
    assert f"enters {len(path)} files of `app/`" in section
