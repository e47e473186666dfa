"""The members of a MongoDB replica set in processes of their own, which a test breaks."""

import asyncio
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from pymongo.errors import PyMongoError

from tests.harness.replica_set import ReplicaSet
from tests.harness.waiting import eventually

ELECTED_WITHIN_S = 60.0


class Members:
    """Three `mongod` of one set; see ReplicaSet for `through` and `election_ms`."""

    def __init__(self, folder: Path, through: Callable[[int], int], election_ms: int) -> None:
        self._set = ReplicaSet(folder, through=through, election_ms=election_ms)
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        """The address for Parley."""
        return self._set.url

    async def start(self) -> None:
        """Start all members, and wait for a primary."""
        self._processes = [
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
            for command in self._set.commands().values()
        ]
        await self._set.prepare()

    async def primary_steps_down(self) -> None:
        """Have another member be the primary from now on."""
        before = await self._primary()

        async def follows() -> bool:
            try:
                await asyncio.to_thread(self._set.step_down)
            except PyMongoError:
                return False  # No other member is near enough yet.
            return True

        await eventually(follows, "the primary steps down", ELECTED_WITHIN_S)
        await eventually(lambda: self._is_other(before), "another follows", ELECTED_WITHIN_S)

    async def primary_is_stopped(self, for_s: float) -> None:
        """Stop the process of the primary for a while: it neither answers nor ends connections."""
        process = self._processes[await self._primary()]
        process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(for_s)
        finally:
            process.send_signal(signal.SIGCONT)
        await self._primary()

    async def _is_other(self, before: int) -> bool:
        return await asyncio.to_thread(self._set.primary) not in (None, before)

    async def _primary(self) -> int:
        """The place of the primary, once there is one."""
        found: list[int] = []

        async def is_found() -> bool:
            place = await asyncio.to_thread(self._set.primary)
            found[:] = [] if place is None else [place]
            return place is not None

        await eventually(is_found, "there is a primary", ELECTED_WITHIN_S)
        return found[0]

    def end(self) -> None:
        """Clear all of it away."""
        for process in self._processes:
            process.kill()
            process.wait()
