"""Long and highlighted texts are rendered aside, in time, and hold up nobody."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.chat.markdown import plain, render
from app.chat.markup.renderers import ON_THE_LOOP_CHARACTERS, Renderers, names_a_language
from tests.harness.waiting import eventually

NAMES = {"ana": ("u1", "Ana"), "ben": ("u2", "Ben")}
LONG = "some *long* text with `code` and @ana\n\n" * 1_600
CODE = "```py\ndef hello(): ...\n```"


@asynccontextmanager
async def renderers(**options: float) -> AsyncIterator[Renderers]:
    made = Renderers(**options)
    try:
        yield made
    finally:
        await made.close()


async def test_short_text_needs_no_process() -> None:
    async with renderers() as aside:
        assert await aside.render("hi **@ana**", NAMES, "ben") == render("hi **@ana**", NAMES)
        assert await aside.render("word " * 10_000 + "end", NAMES, "ben") is not None
        assert aside.process_ids == []


async def test_long_text_and_code_are_rendered_in_a_process() -> None:
    async with renderers() as aside:
        assert await aside.render(LONG, NAMES, "ben") == render(LONG, NAMES)
        html, _ = await aside.render(CODE, NAMES, "ben")
        assert '<span class="hl-keyword">def</span>' in html
        (only,) = aside.process_ids
    await eventually(lambda: not Path(f"/proc/{only}").exists(), "the process has ended")


async def test_text_that_takes_too_long_is_shown_as_typed_and_the_next_one_is_not() -> None:
    async with renderers(cpu_seconds=0.02) as aside:
        assert await aside.render(LONG, NAMES, "ben") == (plain(LONG), [])
        text = "*a* " * ON_THE_LOOP_CHARACTERS
        assert (await aside.render(text[:1_200], NAMES, "ben"))[0].startswith("<p><em>a</em>")


async def test_process_that_hangs_is_ended_and_code_keeps_its_form() -> None:
    async with renderers(answer_seconds=1.5) as aside:
        await aside.render(CODE, {}, "ben")
        (stopped,) = aside.process_ids
        os.kill(stopped, signal.SIGSTOP)
        assert await aside.render(CODE, {}, "ben") == render(CODE, {})
        assert not Path(f"/proc/{stopped}").exists()


async def test_process_that_died_is_started_again() -> None:
    async with renderers() as aside:
        await aside.render(CODE, {}, "ben")
        (first,) = aside.process_ids
        os.kill(first, signal.SIGKILL)
        await eventually(lambda: not aside.process_ids, "the process is missed")
        assert "hl-keyword" in (await aside.render(CODE, {}, "ben"))[0]


async def test_one_persons_texts_wait_for_each_other_and_not_those_of_others() -> None:
    done: list[str] = []

    async with renderers(workers=1) as aside:
        await aside.render(CODE, {}, "ben")

        async def sends(who: str) -> None:
            await aside.render(LONG, NAMES, who)
            done.append(who)

        await asyncio.gather(*(sends("ben") for _ in range(5)), sends("ana"))
    assert "ana" in done[:2]


async def test_process_ends_with_the_server_that_is_killed() -> None:
    program = (
        "import asyncio\nfrom app.chat.markup.renderers import Renderers\n"
        "async def main():\n aside = Renderers()\n"
        f" await aside.render({CODE!r}, {{}}, 'ben')\n"
        " print(*aside.process_ids, flush=True)\n await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    worker = int(await server.stdout.readline())
    assert Path(f"/proc/{worker}").exists()
    server.kill()
    await server.wait()
    await eventually(lambda: not is_running(worker), "the process has ended")


def is_running(process_id: int) -> bool:
    """Whether the process lives; one without a parent to wait for it stays as a zombie."""
    try:
        return ") Z " not in Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("```py\nx\n```", True),
        ("> - ~~~ c++\nx", True),
        ("1. ```js", True),
        ("- ```\tjs", True),
        ("```\nx\n```", False),
        ("a ```py", False),
        ("no code", False),
    ],
)
def test_fence_names_a_language(text: str, named: bool) -> None:
    assert names_a_language(text) == named
