"""One Engine.IO connection of the server: its outbox, and the ways in which it ends."""

import asyncio
from typing import Any

from engineio.async_socket import AsyncSocket

from app.realtime.outbox import Outbox, Outgoing

CLOSE_WITHIN_S = 1.0


def bound(socket: AsyncSocket) -> None:
    """Give a connection that just began a queue with limits."""
    outbox = Outbox()
    while not socket.queue.empty():
        outbox.put_nowait(socket.queue.get_nowait())
    socket.queue = outbox


def is_open(socket: AsyncSocket | None) -> bool:
    """Whether something written now can still arrive."""
    return socket is not None and not socket.closed and not socket.closing


def kind(socket: AsyncSocket | None) -> str:
    """How the client is connected: one that began by polling may have gone on to a WebSocket."""
    return "websocket" if socket is not None and socket.upgraded else "polling"


def buffered_bytes(socket: AsyncSocket | None) -> int:
    """What waits for the client: queued here, and written but not yet taken by the network."""
    if socket is None:
        return 0
    outbox: Outbox = socket.queue
    wire: Any = getattr(socket, "wire", None)
    return outbox.size_bytes + (wire.buffered_bytes if wire is not None else 0)


async def end(socket: AsyncSocket, reason: str) -> None:
    """Write what waits, then close."""
    if is_open(socket):
        await socket.close(wait=False, reason=reason)
        socket.queue.put_nowait(None)


async def send_away(socket: AsyncSocket, reason: str) -> None:
    """Write what waits, then close as if the network had: official clients come back from that,
    while Engine.IO's own packet for closing tells some of them to stay away."""
    if is_open(socket):
        await socket.close(wait=False, abort=True, reason=reason)
        socket.queue.put_nowait(None)


async def cut_off(socket: AsyncSocket, reason: str) -> None:
    """End without a word: what waits is forgotten."""
    socket.queue.clear()
    await socket.close(wait=False, abort=True, reason=reason)
    socket.queue.put_nowait(None)
    _abort(socket)


async def hang_up(socket: AsyncSocket, farewell: str, reason: str) -> None:
    """Say only `farewell`, and end the connection whatever the client does.

    What waits is not written: the client may no longer see it.
    """
    socket.queue.clear()
    if is_open(socket):
        socket.queue.put_nowait(Outgoing(farewell))
    await end(socket, reason)
    await asyncio.sleep(CLOSE_WITHIN_S)
    _abort(socket)


def _abort(socket: AsyncSocket) -> None:
    wire: Any = getattr(socket, "wire", None)
    if wire is not None:
        wire.abort()
