"""Ends transactions that a killed process left open.

MongoDB keeps such a transaction for 60 to 90 seconds and blocks all writes to the documents that it
changed. Parley's transactions are short; a living process whose transaction is ended tries again.
See https://www.mongodb.com/docs/manual/core/transactions-production-consideration/
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from pymongo.errors import OperationFailure, PyMongoError

from app.storage.mongo import Database, client_name
from app.storage.os_process import is_dead

EVERY_S = 2.0
LEFT_FOR_S = 5.0
# Shorter at the start: this server may have been killed just now, and people wait for it.
LEFT_AT_START_S = 1.0
UNAUTHORIZED = 13

log = structlog.get_logger(__name__)


async def end_abandoned(database: Database, left_for_s: float = LEFT_AT_START_S) -> int:
    """End Parley's transactions that were idle for `left_for_s` seconds, and those of dead
    processes; returns how many.

    Raises CommandRefused where the user may not end sessions.
    """
    ended = 0
    async for each in database.client.admin.aggregate(
        [
            # allUsers=False: a user may see its own operations without any further right.
            {"$currentOp": {"idleSessions": True, "allUsers": False}},
            {"$match": {"type": "idleSession", "transaction.timeInactiveMicros": {"$gte": 0}}},
            {"$project": {"appName": 1, "client": 1, "lsid": 1, "transaction": 1}},
        ]
    ):
        # In a thread: without /proc, this runs `ps`.
        if await asyncio.to_thread(_is_abandoned, each, left_for_s):
            await _end(database, each)
            ended += 1
    return ended


def _is_abandoned(left: Mapping[str, Any], left_for_s: float) -> bool:
    name = left.get("appName", "")
    if not name.startswith(client_name("")):
        return False
    is_old: bool = left["transaction"]["timeInactiveMicros"] >= left_for_s * 1_000_000
    return is_old or _is_dead(name.removeprefix(client_name("")), left.get("client", ""))


def _is_dead(process: str, client: str) -> bool:
    """Whether a client was a process of this machine that is dead."""
    is_of_here = client.startswith("127.0.0.1:") and process.isdecimal()
    return is_of_here and is_dead(int(process))


async def _end(database: Database, left: Mapping[str, Any]) -> None:
    await database.client.admin.command("killSessions", [{"id": left["lsid"]["id"]}])
    log.warning("ended an abandoned transaction", of=left["appName"])


async def keep_ending(database: Database) -> None:
    """Call `end_abandoned` every EVERY_S, until cancelled."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await end_abandoned(database, LEFT_FOR_S)
        except OperationFailure as error:
            if error.code == UNAUTHORIZED:
                log.warning("abandoned transactions are left to MongoDB", reason=str(error))
                return
        except PyMongoError:
            continue  # The database is away.
