"""Drops the connections to a member of the replica set that were made before it was the primary.

A member that rolls back, or starts, says that it knows no sessions. The driver notes that for each
connection when it is made, and keeps the connection for as long as it works: once the member is the
primary, every transaction over it fails, until the process ends.
"""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import (
    ServerClosedEvent,
    ServerDescriptionChangedEvent,
    ServerListener,
    ServerOpeningEvent,
)

from app.library_versions import require_pinned

PRIMARY = "RSPrimary"

require_pinned("pymongo")


class FreshConnections(ServerListener):
    """A listener of the driver; it calls from a thread of its own, within a second."""

    def __init__(self) -> None:
        # The driver beneath; Any, as Motor has no types for it.
        self._driver: Any = None

    def serve(self, client: AsyncIOMotorClient) -> None:
        """Look after the connections of this client, whose listener this is."""
        self._driver = client.delegate

    def opened(self, event: ServerOpeningEvent) -> None:
        """Ignore a member that is known from now on."""

    def closed(self, event: ServerClosedEvent) -> None:
        """Ignore a member that is no longer known."""

    def description_changed(self, event: ServerDescriptionChangedEvent) -> None:
        """Drop the connections to a member that has become the primary."""
        became = event.new_description.server_type_name
        if self._driver is None or became == event.previous_description.server_type_name:
            return
        if became == PRIMARY:
            # The driver has no public way.
            server = self._driver._topology._servers.get(event.server_address)  # noqa: SLF001
            if server is not None:
                server.pool.reset_without_pause()
