"""Ends connections whose session has run out by time, and keeps the sessions of others in use."""

import asyncio

import structlog
from pymongo.errors import PyMongoError

from app.accounts.models import Revoked
from app.accounts.sessions import Sessions
from app.realtime.connections import Connections

EVERY_S = 60.0
SESSIONS_A_QUERY = 500

log = structlog.get_logger("sweep")


async def sweep_sessions(sessions: Sessions, connections: Connections) -> None:
    """For ever. What is ended by a person or a command closes at once, without this."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await close_ended(sessions, connections)
        except PyMongoError as error:
            log.warning("sweep waits", reason=type(error).__name__)


async def close_ended(sessions: Sessions, connections: Connections) -> None:
    """Look once at the sessions of all connections."""
    open_now = list({c.caller.session for c in connections if c.caller.session is not None})
    for start in range(0, len(open_now), SESSIONS_A_QUERY):
        for ended in await sessions.ended(open_now[start : start + SESSIONS_A_QUERY]):
            connections.revoke(Revoked(session=ended))
