"""A reader of `GET /api/events` as browsers are: keeps the last id, comes back by itself."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.harness.waiting import eventually

AGAIN_S = 0.1


@dataclass(frozen=True)
class Told:
    """One event; `data` is decoded where it is JSON."""

    name: str
    data: Any
    id: str | None


class Listener:
    """`listens` opens one stream until its end; `stays` opens it again for as long as it lasts.

    The last id goes into the header, or into the address as `id_field`.
    """

    def __init__(self, url: str, token: str | None = None, streams: str = "") -> None:
        self._url = f"{url}/api/events"
        self.streams = streams
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.events: list[Told] = []
        self.comments: list[str] = []
        self.last_id: str | None = None
        self.id_field: str | None = None
        self.retry_ms: int | None = None
        self.response: aiohttp.ClientResponse | None = None
        self.status: int | None = None
        self.times_opened = 0
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        self._task: asyncio.Task[None] | None = None
        self._heard = asyncio.Event()

    async def __aenter__(self) -> "Listener":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leaves()
        await self._session.close()

    def begins(self, *, again: bool = False) -> None:
        """Listen in the background, once or for ever."""
        self._task = asyncio.create_task(self.stays() if again else self.listens())

    async def opens(self, streams: str | None = None) -> "Listener":
        """Begin, and wait for `connection`."""
        if streams is not None:
            self.streams = streams
        before = len(self.told("connection"))
        self.begins()
        await self._until(lambda: len(self.told("connection")) > before, "connection")
        return self

    async def leaves(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def stays(self) -> None:
        while True:
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                await self.listens()
            await asyncio.sleep(AGAIN_S)

    async def listens(self) -> None:
        """One request; ends when the server ends it. Raises ClientError where it breaks off."""
        headers, query = dict(self.headers), {"streams": self.streams}
        if self.last_id is not None and self.id_field is None:
            headers["Last-Event-ID"] = self.last_id
        elif self.last_id is not None and self.id_field is not None:
            query[self.id_field] = self.last_id
        async with self._session.get(self._url, params=query, headers=headers) as response:
            self.response, self.status = response, response.status
            if response.status != 200:
                self._heard.set()
                return
            self.times_opened += 1
            await self._reads(response)

    async def _reads(self, response: aiohttp.ClientResponse) -> None:
        fields: list[tuple[str, str]] = []
        left = b""
        async for chunk in response.content.iter_any():
            *lines, left = (left + chunk).split(b"\n")
            for line in map(bytes.decode, lines):
                if line.startswith(":"):
                    self.comments.append(line)
                elif line:
                    name, _, value = line.partition(":")
                    fields.append((name, value.removeprefix(" ")))
                elif fields:
                    self._takes(dict(fields))
                    fields = []

    def _takes(self, fields: dict[str, str]) -> None:
        if "retry" in fields:
            self.retry_ms = int(fields["retry"])
        data = fields.get("data", "")
        shown = json.loads(data) if data[:1] in ("{", "[") else data
        self.last_id = fields.get("id", self.last_id)
        self.events.append(Told(fields.get("event", "message"), shown, fields.get("id")))
        self._heard.set()

    def told(self, name: str) -> list[Told]:
        """The events called `name`, in the order of arrival."""
        return [event for event in self.events if event.name == name]

    def items(self, name: str = "chat") -> list[dict[str, Any]]:
        """All items of all batches called `name`."""
        return [item for event in self.told(name) for item in event.data["items"]]

    def texts(self) -> list[str]:
        """The texts of people's messages, with repeats, in the order of arrival."""
        return [item["text"] for item in self.items() if "text" in item and "system" not in item]

    async def hears(self, name: str) -> Told:
        """The first event of this name."""
        await self._until(lambda: bool(self.told(name)), name)
        return self.told(name)[0]

    async def sees(self, *texts: str) -> None:
        """Wait until these were said and nothing else, in this order."""
        await self._until(lambda: self.texts() == list(texts), f"{texts}; got {self.texts()}")

    async def is_ended(self) -> None:
        """Wait until the server ended it."""
        assert self._task is not None
        task = self._task
        await eventually(task.done, "the stream is ended")

    async def _until(self, holds: Callable[[], bool], what: str) -> None:
        await eventually(holds, f"the listener hears {what}")
