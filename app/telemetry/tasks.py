"""Owns background tasks: logs those that crash, and cancels and awaits all at the end."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)


class Tasks:
    """A group of tasks. One that crashes is logged and makes the process not ready."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._crashed: list[str] = []
        self._is_closing = False

    @property
    def crashed(self) -> list[str]:
        """The names of the tasks that ended with an error, in that order."""
        return list(self._crashed)

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run `work` in the background until it ends or `close` cancels it.

        Raises RuntimeError after `close`.
        """
        if self._is_closing:
            work.close()
            raise RuntimeError(f"Task {name} can't start: its owner is closing.")
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if len(self._crashed) < 100:
            self._crashed.append(task.get_name())
        log.error("task crashed", task=task.get_name(), exc_info=error)

    async def close(self) -> None:
        """Cancel what still runs and wait for its end."""
        self._is_closing = True
        running = [task for task in self._running if task is not asyncio.current_task()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
