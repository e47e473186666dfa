"""The first connection of the official Python client of Socket.IO."""

import socketio

from tests.harness.waiting import WITHIN_S


async def connect(
    client: socketio.AsyncClient,
    url: str,
    token: str | None,
    *namespaces: str,
    polling: bool = False,
) -> None:
    """Return once all of `namespaces` let the holder of `token` in.

    Raises:
        socketio.exceptions.ConnectionError: One of them did not, or not in time. (The client's
            own limit is one second, which thirty at once can need on a busy machine.)
    """
    await client.connect(
        url,
        auth=None if token is None else {"token": token},
        namespaces=list(namespaces),
        transports=["polling" if polling else "websocket"],
        wait_timeout=WITHIN_S,
    )
