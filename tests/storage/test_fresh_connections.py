"""Connections to a member that was no primary yet are dropped when it becomes one."""

from types import SimpleNamespace
from typing import Any

import pytest
from pymongo.errors import ConfigurationError

from app.storage.fresh_connections import FreshConnections
from app.storage.mongo import Database


def becomes(address: object, before: str, after: str) -> Any:
    """The driver's event."""
    return SimpleNamespace(
        server_address=address,
        previous_description=SimpleNamespace(server_type_name=before),
        new_description=SimpleNamespace(server_type_name=after),
    )


async def transacts(database: Database) -> None:
    async with await database.client.start_session() as session, session.start_transaction():
        await database.collection("letters").find_one({}, session=session)


async def test_what_a_member_said_before_it_was_the_primary_is_forgotten(
    database: Database,
) -> None:
    fresh = FreshConnections()
    fresh.serve(database.client)
    await transacts(database)
    [(address, server)] = database.client.delegate._topology._servers.items()
    for connection in server.pool.conns:
        # As one is that was made while the member rolled back.
        connection.supports_sessions = False
    fresh.description_changed(becomes(address, "RSPrimary", "RSPrimary"))
    fresh.description_changed(becomes(address, "RSPrimary", "RSSecondary"))
    with pytest.raises(ConfigurationError):
        await transacts(database)
    fresh.description_changed(becomes(address, "RSSecondary", "RSPrimary"))
    await transacts(database)


async def test_every_database_has_the_listener(database: Database) -> None:
    listeners = database.client.delegate.options.event_listeners
    assert any(isinstance(each, FreshConnections) for each in listeners)
