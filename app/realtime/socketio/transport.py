"""One Engine.IO connection of the server: its outbox, and the ways in which it ends."""

import asyncio

from app.realtime.line.outbox import Outgoing
from app.realtime.socketio.engine_socket import StrictSocket

CLOSE_WITHIN_S = 1.0


def is_open(socket: StrictSocket) -> bool:
    """Whether something written now can still arrive."""
    return not socket.closed and not socket.closing


def kind(socket: StrictSocket) -> str:
    """How the client is connected: one that began by polling may have gone on to a WebSocket."""
    return "websocket" if socket.upgraded else "polling"


def buffered_bytes(socket: StrictSocket) -> int:
    """What waits for the client: queued here, and written but not yet taken by the network."""
    return socket.queue.size_bytes + (socket.wire.buffered_bytes if socket.wire else 0)


async def end(socket: StrictSocket, reason: str) -> None:
    """Write what waits, then close."""
    if is_open(socket):
        await socket.close(reason=reason)


async def send_away(socket: StrictSocket, reason: str) -> None:
    """Write what waits, then close as if the network had: official clients come back from that,
    while Engine.IO's own packet for closing tells some of them to stay away."""
    if is_open(socket):
        await socket.close(abort=True, reason=reason)


async def cut_off(socket: StrictSocket, reason: str) -> None:
    """End without a word: what waits is forgotten."""
    socket.queue.clear()
    await socket.close(abort=True, reason=reason)
    _abort(socket)


async def hang_up(socket: StrictSocket, farewell: str, reason: str) -> None:
    """Say only `farewell`, and end the connection whatever the client does.

    What waits is not written: the client may no longer see it.
    """
    socket.queue.clear()
    if is_open(socket):
        socket.put(Outgoing(farewell))
    await end(socket, reason)
    await asyncio.sleep(CLOSE_WITHIN_S)
    _abort(socket)


def _abort(socket: StrictSocket) -> None:
    if socket.wire is not None:
        socket.wire.abort()
