"""The probe that other tests trust: it sees a server that stands still."""

import asyncio
import signal

import pytest

from tests.harness.others import watch_others
from tests.harness.town import Town


async def test_a_server_at_work_disturbs_nobody(town: Town) -> None:
    room = await town.opens("probed")
    async with watch_others(town.server.url, town.tokens["ben"], room) as others:
        await town.calls("GET", "/api/rooms", by="cleo")
    assert others.failures == []
    assert others.health_ms
    assert others.ack_ms


async def test_a_server_that_stands_still_is_noticed(town: Town) -> None:
    room = await town.opens("probed while frozen")
    async with watch_others(town.server.url, town.tokens["ben"], room) as others:
        town.server.signal(signal.SIGSTOP)
        # The time is what is measured here, not what is waited for.
        await asyncio.sleep(0.4)
        town.server.signal(signal.SIGCONT)
    assert max(others.health_ms) > 250
    with pytest.raises(AssertionError, match="/healthz took"):
        others.assert_undisturbed()
