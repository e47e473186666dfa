"""A person on the official JavaScript client: `member.mjs` in a process of its own."""

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

from tests.checker.history import Acked, History, Observed, Reader, Refused, Send, Shown, Unknown
from tests.harness.waiting import RESUMED_WITHIN_S, eventually

PROGRAM = Path(__file__).with_name("member.mjs")
LINE_BYTES = 64 * 1_048_576


class NodePerson:
    """The vocabulary of `Person`, as far as the storms need it."""

    def __init__(
        self,
        user: dict[str, Any],
        url: str,
        token: str,
        history: History,
        transports: str = "websocket",
    ) -> None:
        self.id: str = user["id"]
        self.username: str = user["username"]
        self._arguments = (url, token, transports)
        self._history = history
        self.node = url
        self.reader = Reader(f"{self.username} (JavaScript)", self.id, node=url)
        history.readers.append(self.reader)
        self._sends: dict[str, Send] = {}
        self._names: dict[str, str] = {}
        self._cursors: dict[str, int] = {}
        self._done: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._process: Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._is_up = asyncio.Event()

    async def connects(self) -> None:
        node = shutil.which("node")
        assert node, "these tests need Node.js"
        self._process = await asyncio.create_subprocess_exec(
            node, str(PROGRAM), *self._arguments, stdin=PIPE, stdout=PIPE, limit=LINE_BYTES
        )
        self._listening = asyncio.create_task(self._listens())
        async with asyncio.timeout(20):
            await self._is_up.wait()

    async def leaves(self) -> None:
        if self._process is None or self._listening is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(5):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
        await self._listening

    async def joins(self, room: str = "hallway") -> None:
        done = await self._commands(command="join", room=room)
        assert "id" in done, done
        self._names[room] = self._names[done["id"]] = done["id"]

    async def sends(self, text: str, room: str = "hallway") -> Send:
        """Until it is acknowledged or refused for good."""
        client_id = f"{self.username}-js-{len(self._sends) + 1:04}"
        send = Send(self._names[room], self.id, client_id, text, node=self.node)
        self._sends[client_id] = send
        self._history.sends.append(send)
        await self._commands(command="send", room=send.room, text=text, client_id=client_id)
        return send

    async def reaches(self, rev: int, room: str = "hallway") -> None:
        """Wait till everything up to `rev` arrived by itself."""
        room_id = self._names[room]
        what = f"{self.reader.name} has everything up to rev {rev}"
        await eventually(lambda: self._cursors.get(room_id, 0) >= rev, what, RESUMED_WITHIN_S)

    async def _commands(self, **details: Any) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdin is not None
        number = len(self._done)
        self._done[number] = asyncio.get_running_loop().create_future()
        line = json.dumps({"number": number, **details})
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()
        async with asyncio.timeout(120):
            return await self._done[number]

    async def _listens(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self._takes(json.loads(line))

    def _takes(self, said: dict[str, Any]) -> None:
        match said:
            case {"observed": seen}:
                items = tuple(map(Shown.of, seen["items"]))
                self.reader.observed.append(Observed(**{**seen, "items": items}))
            case {"cursor": {"room": room, "rev": rev}}:
                self._cursors[room] = rev
            case {"tried": tried}:
                self._notes(tried)
            case {"done": number}:
                self._done[number].set_result(said)
            case {"up": _}:
                self._is_up.set()

    def _notes(self, tried: dict[str, Any]) -> None:
        answer = tried["answer"]
        outcome: Acked | Refused | Unknown = Unknown()
        if answer and answer["ok"]:
            outcome = Acked(answer["id"], answer["seq"], answer["rev"])
        elif answer:
            outcome = Refused(answer["error"]["code"])
        self._sends[tried["client_id"]].tried(outcome, tried["began"], tried["ended"])
