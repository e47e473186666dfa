"""Renders messages: short ones on the event loop, long and highlighted ones in worker processes.

A thread would not do: the parser is Python and would take its time from the event loop, and a
thread can't be ended. A worker starts with the first text that needs it and is killed when a text
takes too long; that text is shown as typed.
"""

import asyncio
import re
import sys
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path
from typing import cast

import msgspec
import structlog

import app
from app.chat.markdown import plain, render, words
from app.chat.markup.mentions import Names, named_in
from app.chat.markup.quote_colours import NONE, Bars
from app.chat.markup.worker import LENGTH, Rendered, Request, frame
from app.chat.ordered_lock import OrderedLocks

ROOT = Path(app.__file__).parents[1]
decode = msgspec.msgpack.Decoder(Rendered).decode
log = structlog.get_logger(__name__)

# To render so much takes less than 50 ms, whatever the text is.
ON_THE_LOOP_CHARACTERS = 1_000
WORKERS = 2
START_SECONDS = 30.0
# Processor time, counted by the worker; and real time, for a machine that gives it none.
CPU_SECONDS = 1.0
ANSWER_SECONDS = 5.0
# How long a text waits for a free worker before it is shown as typed.
WAIT_SECONDS = 1.0
NAMES_A_LANGUAGE = re.compile(r"^[ \t>*+\-.)\d]*(?:`{3,}|~{3,})[ \t]*[A-Za-z]", re.MULTILINE)


class TookTooLong(Exception):
    """A text was not rendered in time."""


class Worker:
    """One worker process; it is started with the first text, and again after it has ended."""

    def __init__(self, cpu_seconds: float, answer_seconds: float) -> None:
        self._cpu_seconds = cpu_seconds
        self._answer_seconds = answer_seconds
        self._process: asyncio.subprocess.Process | None = None

    @property
    def process_id(self) -> int | None:
        """The id of the running process, if any."""
        process = self._process
        return None if process is None or process.returncode is not None else process.pid

    async def render(self, request: Request) -> Rendered:
        """Render in the process. Raises TookTooLong, or OSError where it can't be started."""
        is_done = False
        try:
            process = await self._running()
            async with asyncio.timeout(self._answer_seconds):
                rendered = await _ask(process, request)
            is_done = True
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError) as error:
            raise TookTooLong from error
        finally:
            if not is_done:
                await self.end()
        return rendered

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app.chat.markup.worker",
            str(self._cpu_seconds),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        async with asyncio.timeout(START_SECONDS):
            await _answer(process)
        return process

    async def end(self) -> None:
        """Kill the process."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _ask(process: asyncio.subprocess.Process, request: Request) -> Rendered:
    requests = cast(asyncio.StreamWriter, process.stdin)
    requests.write(frame(request))
    await requests.drain()
    return await _answer(process)


async def _answer(process: asyncio.subprocess.Process) -> Rendered:
    answers = cast(asyncio.StreamReader, process.stdout)
    (length,) = LENGTH.unpack(await answers.readexactly(LENGTH.size))
    return decode(await answers.readexactly(length))


class Renderers:
    """Renders messages. The texts of one sender wait for each other, so that they occupy one worker
    at most."""

    def __init__(
        self,
        workers: int = WORKERS,
        cpu_seconds: float = CPU_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._workers = [Worker(cpu_seconds, answer_seconds) for _ in range(workers)]
        # Last in, first out: the second worker starts only when two texts are there at once.
        self._free: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        for worker in self._workers:
            self._free.put_nowait(worker)
        self._locks = OrderedLocks()
        self._is_closed = False

    @property
    def process_ids(self) -> list[int]:
        """The ids of the running processes."""
        return [worker.process_id for worker in self._workers if worker.process_id is not None]

    async def render(
        self, text: str, names: Names, sender: Hashable, bars: Bars = NONE
    ) -> tuple[str, list[str]]:
        """`(html, ids of those mentioned)` for the text of a message; as typed where that takes too
        long."""
        is_short = len(text) <= ON_THE_LOOP_CHARACTERS
        has_language = names_a_language(text)
        if is_short and not has_language:
            return render(text, names, coloured=bars)
        if (html := words(text)) is not None:
            return html, []
        known = dict(named_in(text, names))
        async with self._locks.hold(sender):
            if has_language and (done := await self._aside(Request(text, known, True, dict(bars)))):
                return done.html, done.mentions
            if is_short:
                return render(text, names, coloured=bars)
            if done := await self._aside(Request(text, known, False, dict(bars))):
                return done.html, done.mentions
        return plain(text), []

    async def _aside(self, request: Request) -> Rendered | None:
        with suppress(TimeoutError, TookTooLong, OSError):
            async with asyncio.timeout(WAIT_SECONDS):
                worker = await self._free.get()
            try:
                if not self._is_closed:
                    return await worker.render(request)
            finally:
                self._free.put_nowait(worker)
        log.info("text shown as typed", characters=len(request.text), colours=request.highlighted)
        return None

    async def close(self) -> None:
        """Kill the workers."""
        self._is_closed = True
        for worker in self._workers:
            await worker.end()


def names_a_language(text: str) -> bool:
    """Whether a fence in this text names the language of its code."""
    return ("```" in text or "~~~" in text) and NAMES_A_LANGUAGE.search(text) is not None
