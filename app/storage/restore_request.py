"""Asks a running server to restore a backup, by files in the data folder.

The command copies the verified backup there and sends SIGTERM. The server commits and closes
everything, restores the backup, writes the answer, and starts again.
"""

import asyncio
import json
import os
import shutil
import signal
from pathlib import Path

from app.storage.errors import StorageError
from app.storage.os_process import identity_of

POLL_S = 0.1


class RestoreRequest:
    """The request and its answer."""

    def __init__(self, data_dir: Path) -> None:
        self.request = data_dir / "restore.request"
        self._answer = data_dir / "restore.answer"

    @property
    def is_asked(self) -> bool:
        return self.request.exists()

    def forget(self) -> None:
        """Delete a request whose server died before it restored."""
        self.request.unlink(missing_ok=True)

    def ask(self, archive: Path, server: int) -> None:
        """Copy the backup into the data folder and tell the server process to stop."""
        self._answer.unlink(missing_ok=True)
        draft = self.request.with_suffix(".draft")
        shutil.copyfile(archive, draft)
        draft.replace(self.request)
        os.kill(server, signal.SIGTERM)

    def answer(self, problem: str | None) -> None:
        """Write the answer: None for success, else a sentence for the user."""
        draft = self._answer.with_suffix(".draft")
        draft.write_text(json.dumps({"problem": problem}), encoding="utf-8")
        draft.replace(self._answer)
        self.forget()

    async def answered(self, server: int) -> None:
        """Wait for the answer. Raises StorageError where restoring failed or the server is gone."""
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
