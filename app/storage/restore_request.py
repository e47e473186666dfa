"""Asks a running server to restore a backup: it has the caches, the sockets and the commits.

The command leaves the checked file in the data folder and tells the server to stop; the server,
once everything is committed and closed, restores it, answers, and starts again.
"""

import asyncio
import json
import os
import shutil
import signal
from pathlib import Path

from app.storage.errors import StorageError
from app.storage.process import identity_of

POLL_S = 0.1


class RestoreRequest:
    """The request and its answer, as files in the data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.request = data_dir / "restore.request"
        self._answer = data_dir / "restore.answer"

    @property
    def is_asked(self) -> bool:
        return self.request.exists()

    def forget(self) -> None:
        """Drop a request that nobody waits for any more: its server died before it began."""
        self.request.unlink(missing_ok=True)

    def ask(self, archive: Path, server: int) -> None:
        """Leave a copy of `archive` and stop the server process."""
        self._answer.unlink(missing_ok=True)
        draft = self.request.with_suffix(".draft")
        shutil.copyfile(archive, draft)
        draft.replace(self.request)
        os.kill(server, signal.SIGTERM)

    def answer(self, problem: str | None) -> None:
        """Say how it went: None for well, else what to tell the person."""
        draft = self._answer.with_suffix(".draft")
        draft.write_text(json.dumps({"problem": problem}), encoding="utf-8")
        draft.replace(self._answer)
        self.forget()

    async def answered(self, server: int) -> None:
        """Wait for the answer; StorageError when it did not go well or the server is gone."""
        identity = identity_of(server)
        while not self._answer.exists():
            if identity is None or identity_of(server) != identity:
                raise StorageError(
                    "The server ended before it had restored the backup. Start it and look whether "
                    "the content is the old one; then restore again."
                )
            await asyncio.sleep(POLL_S)
        problem = json.loads(self._answer.read_text(encoding="utf-8"))["problem"]
        self._answer.unlink()
        if problem is not None:
            raise StorageError(problem)
