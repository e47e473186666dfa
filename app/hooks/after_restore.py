"""Stops all webhooks after a restore: one that was deleted since the backup must not come back.

Called while the collections are loaded under `prefix + name`, before they replace the old ones.
"""

from app.hooks.models import StopReason
from app.hooks.store import INCOMING, OUTGOING
from app.storage.mongo import Database
from app.times import now

RESTORED: StopReason = "restored"


async def stop_restored(database: Database, prefix: str) -> None:
    """Stop all webhooks until a person who could make them adopts or deletes them."""
    stopping = {"$set": {"stopped": RESTORED, "stopped_at": now()}}
    for name in (INCOMING, OUTGOING):
        await database.collection(prefix + name).update_many({"stopped": None}, stopping)
