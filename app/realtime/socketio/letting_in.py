"""Lets a client into a namespace of a feature.

As python-socketio does it, which also knows other kinds of handlers: it looks for each of them, and
asks it how it wants to be called.
"""

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from socketio.exceptions import ConnectionRefusedError as Refused

from app.realtime.dispatch import Answer
from app.realtime.line.frame import Frame
from app.realtime.socketio import packets
from app.realtime.socketio.socketio_manager import IndexedManager


@runtime_checkable
class Answering(Protocol):
    """A namespace that lets clients in itself and answers their events."""

    async def let_in(self, sid: str, environ: dict[str, Any], auth: object) -> None:
        """Raises socketio's ConnectionRefusedError for one that may not come in."""

    async def answer(self, sid: str, event: str, arguments: list[Any]) -> Answer:
        """The answer to one event."""


async def let_in(
    feature: Answering,
    manager: IndexedManager,
    eio_sid: str,
    environ: dict[str, Any],
    namespace: str,
    auth: object,
    write: Callable[[str, Frame], None],
) -> None:
    """Ask `feature`, and tell the client of this transport the end of it by `write`."""
    sid = await manager.pre_connect(eio_sid, namespace)
    if sid is None:
        write(eio_sid, packets.connect_error(namespace, "Unable to connect"))
        return
    try:
        await feature.let_in(sid, environ, auth)
    except Refused as refused:
        write(eio_sid, packets.connect_error(namespace, refused.error_args))
        await manager.disconnect(sid, namespace, ignore_queue=True)
    else:
        write(eio_sid, packets.connected(namespace, sid))
        await manager.connect(sid, namespace)
