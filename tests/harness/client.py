"""The official Python client of Socket.IO: made, and connected for the first time."""

from typing import Any

import socketio

from tests.harness.waiting import WITHIN_S

# Many clients take no longer frame than 1 MiB; aiohttp's limit is where it ends.
MAX_MSG_SIZE = 1_048_576 + 1


def python_client(**options: Any) -> socketio.AsyncClient:
    """One that takes no frame over 1 MiB, and by itself does not come back."""
    return socketio.AsyncClient(
        **{"reconnection": False, **options},
        websocket_extra_options={"max_msg_size": MAX_MSG_SIZE},
    )


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
