"""The sockets that workers share: one port, and nobody else's."""

import socket
from contextlib import closing

import pytest

from app.server.workers import listeners
from app.storage.mongod import free_port


async def test_all_workers_have_the_port_that_was_asked_for() -> None:
    port = free_port(None)
    groups = await listeners.bound("127.0.0.1", port, 3)
    assert [[each.getsockname() for each in group] for group in groups] == [
        [("127.0.0.1", port)]
    ] * 3
    listeners.close(groups)


async def test_any_free_port_is_the_same_for_all() -> None:
    groups = await listeners.bound("localhost", 0, 2)
    ports = {each.getsockname()[1] for group in groups for each in group}
    assert len(ports) == 1
    listeners.close(groups)


async def test_port_of_another_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "FREE_WITHIN_S", 0.0)
    with closing(socket.socket()) as other:
        # One that would share it: a shared socket beside it would take half of its people.
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(OSError, match=f"127.0.0.1, port {port}"):
            await listeners.bound("127.0.0.1", port, 2)
