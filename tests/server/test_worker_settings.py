"""The settings of one worker."""

import pytest

from app.server.workers.supervisor import share_of
from tests.chat.house import settings_of


@pytest.mark.parametrize(
    ("workers", "most", "each"), [(1, 10_000, 10_000), (3, 100, 34), (4, 2, 1)]
)
def test_workers_share_the_connections_of_their_machine(workers: int, most: int, each: int) -> None:
    named = {"workers": workers, "websocket_max_connections": most, "anonymous_connections": most}
    share = share_of(settings_of(named))
    assert (share.websocket_max_connections, share.anonymous_connections) == (each, each)
    assert share_of(settings_of({**named, "drain_per_second": most})).drain_per_second == each
    unnamed = {"workers": workers, "websocket_max_connections": most}
    assert share_of(settings_of(unnamed)).anonymous_connections is None
