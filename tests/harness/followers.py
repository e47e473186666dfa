"""Cheap readers of one topic on each transport, which come back by themselves and can stop reading.

For loads: a reader costs the client little, so that the server is what is measured.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import aiohttp
import msgspec

from tests.checker.replay import Replay

AGAIN_S = 0.2
LOST = (aiohttp.ClientError, OSError, TimeoutError, EOFError)
ENGINE_PING, ENGINE_PONG = "2", "3"
TOPICS = "/topics,"

Payload = dict[str, Any]


class Event(msgspec.Struct):
    """An event of a topic as far as it is looked at; its data tells when it was published."""

    id: str
    seq: int
    rev: int
    data: Any


class Follower(ABC):
    """`latencies_ms` of what came live; `replay` holds what a client would show."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str, topic: str) -> None:
        self.session = session
        self.url = url
        self.token = token
        self.topic = topic
        self.replay = Replay()
        self.latencies_ms: list[float] = []
        self.times_here = 0
        self.resets = 0
        self._response: aiohttp.ClientResponse | None = None
        self._task: asyncio.Task[None] | None = None

    def __str__(self) -> str:
        return f"{type(self).__name__} (here {self.times_here} times, {self._task})"

    def begins(self) -> None:
        self._task = asyncio.create_task(self._stays())

    async def leaves(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _stays(self) -> None:
        while True:
            with suppress(*LOST):
                await self._visits()
            await asyncio.sleep(AGAIN_S)

    @abstractmethod
    async def _visits(self) -> None:
        """One connection from its handshake to its end."""

    def deafen(self) -> None:
        """Read nothing any more, as if the network had stopped."""
        self._transport.pause_reading()

    def listens(self) -> None:
        """Read on: first what the network still holds, which may end in a closed connection."""
        with suppress(*LOST):
            self._transport.resume_reading()

    @property
    def _transport(self) -> asyncio.Transport:
        connection = self._response.connection if self._response is not None else None
        if connection is None or not isinstance(connection.transport, asyncio.Transport):
            raise EOFError
        return connection.transport

    @property
    def cursor(self) -> int | None:
        return self.replay.cursor

    def held(self) -> list[int]:
        """The seqs of what is held, in order."""
        return sorted(item.seq for item in self.replay.items.values() if isinstance(item, Event))

    def answered(self, asked: int | None, answer: Payload) -> bool:
        """Take a sync answer; whether nothing more is missing."""
        if not answer.get("ok", True):
            raise EOFError(answer)
        items = msgspec.convert(answer["items"], list[Event])
        if asked is None or answer.get("reset"):
            self.resets += asked is not None
            self.replay.snapshot(answer["rev"], items)
        else:
            self.replay.synced(answer["rev"], items)
        return not answer.get("more")

    def told(self, batch: Payload) -> bool:
        """Take a live batch; False where it shows a gap."""
        now = time.perf_counter()
        items = msgspec.convert(batch["items"], list[Event])
        self.latencies_ms += [(now - item.data["at"]) * 1000 for item in items]
        return self.replay.live(batch["prev"], batch["rev"], items)

    @property
    def wish(self) -> Payload:
        """The payload of `subscribe`: the topic, and the cursor if there is one."""
        return {"topic": self.topic} | ({} if self.cursor is None else {"cursor": self.cursor})


class OnSocket(Follower):
    """Shared by the two kinds of WebSocket: ask, and ask again while there is more."""

    async def _converses(self, line: Any, ask: Callable[[], Any], hear: Any) -> None:
        self._response = line._response  # its transport is told nowhere else
        asked = self.cursor
        await ask()
        async for message in line:
            kind, payload = await hear(message.data)
            if kind == "answer":
                is_whole = self.answered(asked, payload)
                self.times_here += is_whole
            elif kind == "events":
                is_whole = self.told(payload)
            else:
                continue
            if not is_whole:
                asked = self.cursor
                await ask()


class OnSocketIO(OnSocket):
    """Socket.IO on a WebSocket."""

    async def _visits(self) -> None:
        path = f"{self.url}/socket.io/?EIO=4&transport=websocket"
        async with self.session.ws_connect(path, max_msg_size=0) as line:
            await line.receive_str()
            await line.send_str(f"40{TOPICS}{_text({'token': self.token})}")
            await line.receive_str()

            async def ask() -> None:
                await line.send_str(f"42{TOPICS}1{_text(['subscribe', self.wish])}")

            async def hear(frame: str) -> tuple[str, Any]:
                if frame == ENGINE_PING:
                    await line.send_str(ENGINE_PONG)
                elif frame.startswith(f"43{TOPICS}1"):
                    return "answer", msgspec.json.decode(frame[len(f"43{TOPICS}1") :])[0]
                elif frame.startswith(f"42{TOPICS}"):
                    return "events", msgspec.json.decode(frame[len(f"42{TOPICS}") :])[1]
                return "", None

            await self._converses(line, ask, hear)


class OnPlain(OnSocket):
    """`/ws`."""

    async def _visits(self) -> None:
        async with self.session.ws_connect(f"{self.url}/ws", max_msg_size=0) as line:
            await line.send_str(_text({"type": "auth", "token": self.token}))

            async def ask() -> None:
                await line.send_str(_text({"type": "subscribe", "id": 1, "payload": self.wish}))

            async def hear(frame: str) -> tuple[str, Any]:
                said = msgspec.json.decode(frame)
                kinds = {"ack": "answer", "topic": "events"}
                return kinds.get(said["type"], ""), said["payload"]

            await self._converses(line, ask, hear)


class OnEventStream(Follower):
    """Server-Sent Events; what was missed comes by itself."""

    _last_id: str | None = None

    async def _visits(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        if self._last_id is not None:
            headers["Last-Event-ID"] = self._last_id
        path = f"{self.url}/api/events?streams=topic:{self.topic}"
        async with self.session.get(path, headers=headers) as self._response:
            self._response.raise_for_status()
            async for fields in _events(self._response):
                self._takes(fields)

    def _takes(self, fields: dict[str, str]) -> None:
        self._last_id = fields.get("id", self._last_id)
        if fields.get("event") == "connection":
            self.times_here += 1
            if self.cursor is None:
                # A stream begins at what comes next.
                self.replay.cursor = 0
        elif fields.get("event") == "topic":
            batch = msgspec.json.decode(fields["data"])
            if batch.get("reset"):
                self.answered(self.cursor, batch)
            elif self.cursor == 0:
                # Nothing was seen of what stood before.
                self.replay.cursor = batch["prev"]
                self.told(batch)
            else:
                assert self.told(batch), f"a hole between {self.cursor} and {batch['prev']}"


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[dict[str, str]]:
    left = b""
    async for chunk in response.content.iter_any():
        *events, left = (left + chunk).split(b"\n\n")
        for event in events:
            lines = (line.partition(":") for line in event.decode().split("\n"))
            yield {name: value.removeprefix(" ") for name, _, value in lines}


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


KINDS: tuple[type[Follower], ...] = (OnSocketIO, OnPlain, OnEventStream)
