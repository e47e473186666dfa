"""Many people who each read a room, in a process of their own; when their node dies they come back.

    async with room_crowd(home.url, [other.url], seats) as people:
        home.is_killed()
        back = await people.returns(heads)  # once all who come back have what they missed

Half of them are on Socket.IO, half on `/ws`. They come back when `returns` is called, each after a
while of its own as official clients do, to one of the other nodes in turn.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import msgspec
import uvloop

from tests.harness.crowd import (
    AT_ONCE,
    COMES_WITHIN_S,
    FRAME_PING,
    FRAME_PONG,
    Client,
    client,
    client_process,
    masked,
)

# The official clients wait for a second, half of it more or less.
AGAIN_AFTER_S = (0.5, 1.5)
SYNC_AGAIN_S = 0.1
LINE_BYTES = 2**26


class Seat(msgspec.Struct, frozen=True):
    """Somebody in a room; those who `return` come back when their node dies."""

    user: str
    token: str
    room: str
    returns: bool = True


class Return(msgspec.Struct):
    """How somebody came back: when they were let in, by `time.monotonic()`, which all processes
    share, and how long after they began to come back they had what they missed."""

    user: str
    entered_at: float
    caught_up_s: float


class Returns(msgspec.Struct):
    """`came` of all who came back, and by room how many of them have seen which seqs in which
    order."""

    came: list[Return]
    seen: dict[str, list[tuple[list[int], int]]]


class RoomCrowd:
    """The process in which they are."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def returns(self, heads: dict[str, int], within_s: float = COMES_WITHIN_S) -> Returns:
        """How all came back, once they have their rooms up to `heads`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(heads).encode() + b"\n")
        async with asyncio.timeout(within_s):
            return msgspec.json.decode(await self._process.stdout.readline(), type=Returns)


@asynccontextmanager
async def room_crowd(
    home: str, others: Sequence[str], seats: Sequence[Seat]
) -> AsyncIterator[RoomCrowd]:
    """All of `seats` on `home`; entered when they have opened their rooms."""
    first, module = msgspec.json.encode(seats), "tests.harness.room_crowd"
    async with client_process(module, home, *others, first=first, line_bytes=LINE_BYTES) as process:
        yield RoomCrowd(process)


# The process.


class Message(msgspec.Struct):
    seq: int


class Page(msgspec.Struct):
    """A batch, or the answer to a join or a sync, as far as it is looked at."""

    rev: int = 0
    prev: int | None = None
    items: list[Message] = []
    more: bool = False
    ok: bool = True


class Envelope(msgspec.Struct):
    """A frame of `/ws`."""

    type: str
    id: int | None = None
    payload: msgspec.Raw = msgspec.Raw(b"null")


PAGE = msgspec.json.Decoder(Page)
PAGES = msgspec.json.Decoder(list[Page])
ENVELOPE = msgspec.json.Decoder(Envelope)
BATCH = '42/chat,["messages",'


class Reader(Client):
    """One connection of somebody who reads a room from `cursor`."""

    def __init__(self, plain: Client, member: "Member") -> None:
        super().__init__(plain._request, plain._hello, plain._sign)
        self._member = member
        self._buffer = b""
        self.is_out: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        if not self.is_in.done():
            self._buffer += data
            super().data_received(data)
            if self.is_in.done():
                # The same piece may have more frames behind those of the handshake.
                self._buffer = self._buffer.partition(b"\r\n\r\n")[2]
                self._take_frames()
            return
        if FRAME_PING in data:
            self._transport.write(FRAME_PONG)
        self._buffer += data
        self._take_frames()

    def _take_frames(self) -> None:
        while (frame := _frame(self._buffer)) is not None:
            text, self._buffer = frame
            self._take(text)

    def _take(self, text: bytes) -> None:
        if text == b"2":
            self._transport.write(masked("3"))
        elif text[:1] == b"{":
            envelope = ENVELOPE.decode(text)
            if envelope.type == "ack" and envelope.id is not None:
                self._member.answered(PAGE.decode(envelope.payload))
            elif envelope.type == "chat":
                self._member.told(PAGE.decode(envelope.payload))
        elif text.startswith(b"43/chat,"):
            self._member.answered(PAGES.decode(text[text.index(b"[") :])[0])
        elif text.startswith(BATCH.encode()):
            self._member.told(PAGE.decode(text[len(BATCH) : -1]))

    def ask(self, event: str, payload: dict[str, Any]) -> None:
        """Ask something; the answer goes to the member."""
        if self._member.is_plain:
            said = json.dumps({"type": event, "id": 1, "payload": payload})
        else:
            said = f"42/chat,1{json.dumps([event, payload])}"
        self._transport.write(masked(said))

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if not self.is_out.done():
            self.is_out.set_result(None)


def _frame(data: bytes) -> tuple[bytes, bytes] | None:
    """The first frame from a server and what follows it; None where it is not whole yet."""
    if len(data) < 2:
        return None
    length, start = data[1], 2
    if length == 126:
        length, start = int.from_bytes(data[2:4], "big"), 4
    elif length == 127:
        length, start = int.from_bytes(data[2:10], "big"), 10
    end = start + length
    return (data[start:end], data[end:]) if len(data) >= max(end, start) else None


class Member:
    """Somebody in a room, over all their connections."""

    def __init__(self, seat: Seat, is_plain: bool) -> None:
        self.seat = seat
        self.is_plain = is_plain
        self.cursor: int | None = None
        self.seqs: list[int] = []
        self.moved = asyncio.Event()
        self._reader: Reader | None = None
        self._is_asking = False
        self._early: list[Page] = []

    async def enters(self, url: str) -> Reader:
        """Connect, and open the room."""
        address = urlsplit(url)
        kind = "plain" if self.is_plain else "socketio"
        reader = Reader(client(kind, address.netloc, self.seat.token), self)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: reader, address.hostname, address.port)
        await reader.is_in
        self._reader = reader
        asked: dict[str, Any] = {"room": self.seat.room}
        if self.cursor is not None:
            asked["cursor"] = self.cursor
        self._ask("room:join", asked)
        return reader

    def _ask(self, event: str, payload: dict[str, Any]) -> None:
        assert self._reader is not None
        self._is_asking = True
        self._reader.ask(event, payload)

    def answered(self, page: Page) -> None:
        """Take the answer to a join or a sync."""
        if not page.ok:
            loop = asyncio.get_running_loop()
            loop.call_later(SYNC_AGAIN_S, self._syncs)
            return
        self._is_asking = False
        self._shows(page)
        early, self._early = self._early, []
        for batch in early:
            self.told(batch)
        if page.more:
            self._syncs()

    def told(self, batch: Page) -> None:
        """Take a live batch; one that does not continue at the cursor leads to a sync."""
        if self._is_asking:
            self._early.append(batch)
        elif batch.rev <= (self.cursor or 0):
            return
        elif batch.prev != self.cursor:
            self._syncs()
        else:
            self._shows(batch)

    def _syncs(self) -> None:
        self._ask("room:sync", {"room": self.seat.room, "cursor": self.cursor or 0})

    def _shows(self, page: Page) -> None:
        if page.rev > (self.cursor or 0) or self.cursor is None:
            if self.cursor is not None:
                self.seqs += sorted(item.seq for item in page.items)
            self.cursor = page.rev
        self.moved.set()

    async def reaches(self, rev: int) -> None:
        """Wait until the room is here up to `rev`."""
        while self._is_asking or (self.cursor or 0) < rev:
            self.moved.clear()
            await self.moved.wait()


async def live(home: str, others: list[str], seats: list[Seat]) -> None:
    """All come to `home`; when it dies, those who return go to `others` in turn."""
    places = asyncio.Semaphore(AT_ONCE)
    stays: list[Reader] = []
    heads = asyncio.get_running_loop().create_future()

    async def comes(member: Member) -> Reader:
        async with places:
            reader = await member.enters(home)
            await member.reaches(0)
            return reader

    async def moves(member: Member, reader: Reader, url: str) -> Return | None:
        await reader.is_out
        if not member.seat.returns:
            return None
        head = (await heads)[member.seat.room]
        await asyncio.sleep(random.uniform(*AGAIN_AFTER_S))
        began = time.monotonic()
        stays.append(await member.enters(url))
        entered_at = time.monotonic()
        await member.reaches(head)
        return Return(member.seat.user, entered_at, time.monotonic() - began)

    members = [Member(seat, is_plain=n % 2 == 0) for n, seat in enumerate(seats)]
    readers = await asyncio.gather(*map(comes, members))
    _say("ready")
    moving = asyncio.gather(*map(moves, members, readers, cycle(others)))
    listening = asyncio.create_task(_line())
    heads.set_result(json.loads(await listening))
    came = [each for each in await moving if each is not None]
    _say(msgspec.json.encode(Returns(came, _seen(members))).decode())
    await asyncio.Event().wait()


def _seen(members: list[Member]) -> dict[str, list[tuple[list[int], int]]]:
    counts: dict[str, dict[tuple[int, ...], int]] = {}
    for member in members:
        if member.seat.returns:
            room = counts.setdefault(member.seat.room, {})
            room[tuple(member.seqs)] = room.get(tuple(member.seqs), 0) + 1
    return {r: [(list(seqs), n) for seqs, n in found.items()] for r, found in counts.items()}


async def _line() -> bytes:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    return await reader.readline()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _, lived_at, *went_to = sys.argv
    # Unbuffered: the next line is read by the loop.
    first = b""
    while not first.endswith(b"\n"):
        first += sys.stdin.buffer.raw.readline()
    uvloop.run(live(lived_at, went_to, msgspec.json.decode(first, type=list[Seat])))
