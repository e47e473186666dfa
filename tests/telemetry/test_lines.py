"""Lines of one turn are one write; none is lost, none comes out of order."""

import asyncio
import io

from app.telemetry.lines import Lines


class File(io.StringIO):
    """Counts writes."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        return super().write(text)


def test_without_a_loop_each_line_is_written_at_once() -> None:
    lines = Lines(file := File())
    lines.info("one")
    assert file.getvalue() == "one\n"


async def test_lines_of_a_turn_are_written_together() -> None:
    lines = Lines(file := File())
    for line in ("one", "two", "three"):
        lines.info(line)
    assert file.getvalue() == ""
    await asyncio.sleep(0)
    assert (file.getvalue(), file.writes) == ("one\ntwo\nthree\n", 1)


async def test_what_is_urgent_is_written_at_once_behind_what_waits() -> None:
    lines = Lines(file := File())
    lines.info("one")
    lines.error("two")
    assert file.getvalue() == "one\ntwo\n"
    lines.info("three")
    await asyncio.sleep(0)
    assert file.getvalue() == "one\ntwo\nthree\n"


def test_a_loop_that_ended_before_its_turn_leaves_nothing_behind() -> None:
    lines = Lines(file := File())

    async def tells(line: str) -> None:
        lines.info(line)

    for line in ("one", "two"):
        # As a loop that stops in the same turn: what it was to do is never done.
        loop = asyncio.new_event_loop()
        loop.run_until_complete(tells(line))
        loop.close()
    lines.write()
    assert file.getvalue() == "one\ntwo\n"


async def test_lines_of_a_thread_are_not_lost() -> None:
    lines = Lines(file := File())
    lines.info("one")
    await asyncio.to_thread(lines.info, "two")
    await asyncio.sleep(0)
    assert sorted(file.getvalue().split()) == ["one", "two"]
